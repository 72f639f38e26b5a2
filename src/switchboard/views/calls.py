"""The call card above a conversation: who is on the telephone now, or who waits to be called back."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switchboard.calls.numbers import callable_number
from switchboard.domain.call import Call, CallOutcome, CallStage, CallStatus
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import AgentId
from switchboard.domain.message import ChannelType
from switchboard.ports.store import Work


class CardKind(StrEnum):
    """What the telephone is doing; the last six say that somebody is owed a call."""

    MACHINE = "machine"
    WAITS = "waits"
    TALKS = "talks"
    RECORDS = "records"
    RINGS_US = "rings_us"
    RINGS_THEM = "rings_them"
    GAVE_UP = "gave_up"
    CALL_BACK = "call_back"
    VOICE_MESSAGE = "voice_message"
    ABANDONED = "abandoned"
    NOT_REACHED = "not_reached"
    COLLEAGUE_MISSED = "colleague_missed"


OWED = {
    outcome: CardKind(outcome.value)
    for outcome in (
        CallOutcome.GAVE_UP,
        CallOutcome.CALL_BACK,
        CallOutcome.VOICE_MESSAGE,
        CallOutcome.ABANDONED,
        CallOutcome.NOT_REACHED,
        CallOutcome.COLLEAGUE_MISSED,
    )
}
"""Ends of a call after which the customer still waits to hear from us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard:
    """``name``: our colleague on the line. ``since``: when the wait, the call or its end began. ``waited_s``: how long who
    gave up had waited."""

    kind: CardKind
    since: datetime
    name: str = ""
    waited_s: float | None = None

    @property
    def live(self) -> bool:
        return self.kind not in OWED.values()

    @property
    def can_be_taken(self) -> bool:
        return self.kind is CardKind.WAITS


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephoneAt:
    """What an agent can do by telephone in one conversation. ``number``: where the customer can be called; None: nowhere,
    or no telephone is set up. ``mine``: the agent has one to be rung at."""

    card: CallCard | None = None
    number: str | None = None
    mine: bool = False

    @property
    def can_call(self) -> bool:
        return self.number is not None and self.mine and not (self.card is not None and self.card.live)


def telephone_at(
    work: Work, conversation: Conversation, customer: CustomerProfile, agent_id: AgentId | None, has: Set[AgentId]
) -> TelephoneAt:
    """``has``: the agents who have a telephone; nobody where none is set up."""
    calls = work.calls.of_conversation(conversation.conversation_id)
    return TelephoneAt(
        card=_card(work, conversation, calls[-1]) if calls else None,
        number=callable_number(customer) if has else None,
        mine=agent_id in has,
    )


def waits_on_phone(work: Work, conversation: Conversation) -> bool:
    """Whether somebody hears music now. Asked for each row of a list: only talks with a call in them are looked up."""
    if not conversation.is_open or ChannelType.VOICE not in conversation.channels:
        return False
    call = work.calls.live_of(conversation.conversation_id)
    return call is not None and call.agent_id is None and _doing(call) is CardKind.WAITS


def _card(work: Work, conversation: Conversation, call: Call) -> CallCard | None:
    if call.on_the_line:
        return _live_card(work, call)
    owed = OWED.get(call.outcome) if call.outcome is not None else None
    if owed is None or not conversation.is_open or conversation.needs_reply_since is None:
        return None
    return CallCard(
        kind=owed, since=call.ended_at or call.updated_at, waited_s=call.waited_s, name=_colleague(work, call)
    )


def _live_card(work: Work, call: Call) -> CallCard:
    since = call.waiting_since or call.started_at
    return CallCard(kind=_doing(call), since=since, name=_colleague(work, call))


def _doing(call: Call) -> CardKind:
    if call.agent_id is not None:
        if call.stage is not CallStage.CONNECTED:
            return CardKind.RINGS_US if call.outcome is None else CardKind.TALKS
        return CardKind.TALKS if call.far_status is CallStatus.IN_PROGRESS else CardKind.RINGS_THEM
    known = {
        CallStage.QUEUED: CardKind.WAITS,
        CallStage.WAITING: CardKind.WAITS,
        CallStage.CONNECTED: CardKind.TALKS,
        CallStage.RECORDING: CardKind.RECORDS,
    }
    return known.get(call.stage, CardKind.MACHINE)


def _colleague(work: Work, call: Call) -> str:
    agent_id = call.agent_id or (call.dialled[-1] if call.dialled else None)
    agent = work.agents.get(agent_id) if agent_id is not None else None
    return agent.name if agent is not None else ""
