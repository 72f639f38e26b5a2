"""What an agent can do from the desk: the doors that the pages call and the stories stand behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from switchboard.domain.agent import AgentStatus
from switchboard.domain.ids import ActionId, AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.message import ChannelType
from switchboard.flows.correct import Right
from switchboard.flows.extras import Extras


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is looking. ``csrf`` is the token that this session's forms carry; ``agent_id`` if they answer customers."""

    user_id: str
    email: str
    name: str
    roles: frozenset[str]
    csrf: str
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A reply that is on its way. ``undo_s``: for how many seconds ``undo_reply`` still stops it; 0 = it cannot."""

    message_id: MessageId
    undo_s: float = 0.0


class Actions(Protocol):
    """Every change the desk can ask for. All raise ``Forbidden``, ``NotFound`` or ``Conflict`` (somebody was faster)."""

    async def accept(self, who: SignedIn, conversation_id: ConversationId) -> None:
        """Take a waiting conversation from the queue. ``Conflict`` if another agent has it or five places are full."""
        ...

    async def take(self, who: SignedIn, conversation_id: ConversationId) -> None:
        """Take over from automation or from a colleague."""
        ...

    async def assign(self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId, reason: str) -> None: ...

    async def transfer(
        self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId | None, reason: str
    ) -> None:
        """Hand over to a colleague, or back to the queue when ``agent_id`` is None."""
        ...

    async def reply(
        self,
        who: SignedIn,
        conversation_id: ConversationId,
        text: str,
        *,
        key: str,
        after: int,
        channel: ChannelType | None,
        draft_id: str | None,
        extras: Extras | None = None,
    ) -> Sent:
        """Answer the customer. ``key`` makes a repeated call harmless. ``after`` is the last sequence the agent had seen:
        ``Conflict`` when a colleague or automation answered since. ``channel`` None = where the customer last wrote."""
        ...

    async def undo_reply(self, who: SignedIn, message_id: MessageId) -> bool:
        """True if the message was stopped before it left."""
        ...

    async def note(self, who: SignedIn, conversation_id: ConversationId, text: str, *, key: str) -> MessageId: ...

    async def take_call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        """Connect a caller who waits on the telephone with the agent's own. ``Conflict`` when nobody waits any more."""
        ...

    async def call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        """Ring the agent's telephone, then the customer's. ``Conflict`` where one of them cannot be called."""
        ...

    async def resolve(self, who: SignedIn, conversation_id: ConversationId) -> None: ...

    async def reopen(self, who: SignedIn, conversation_id: ConversationId) -> None: ...

    async def escalate(self, who: SignedIn, conversation_id: ConversationId, reason: str) -> None: ...

    async def correct_reading(self, who: SignedIn, message_id: MessageId, right: Right) -> None:
        """A person's word on how a message should have been read."""
        ...

    async def apply_recommendation(
        self, who: SignedIn, conversation_id: ConversationId, action_id: ActionId
    ) -> str | None:
        """Do what is recommended. Returns text for the composer where the action is a reply to be checked and sent."""
        ...

    async def record_outcome(
        self, who: SignedIn, action_id: ActionId, success: bool, customer_satisfaction: int | None, notes: str | None
    ) -> None: ...

    async def retry_send(self, who: SignedIn, message_id: MessageId) -> None: ...

    async def set_status(self, who: SignedIn, status: AgentStatus) -> None: ...


class CustomerSide(Protocol):
    """The demo's simulated world: write as a customer through the real channel."""

    async def write_as(self, customer_id: CustomerId, channel: ChannelType, text: str) -> None: ...
