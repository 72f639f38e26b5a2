"""The desk's actions, carried out by the stories."""

from __future__ import annotations

from switchboard.desk.actions import Sent, SignedIn
from switchboard.domain.advice import ActionType
from switchboard.domain.agent import AgentStatus
from switchboard.domain.ids import ActionId, AgentId, ConversationId, MessageId
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict, Forbidden, NotFound
from switchboard.flows import agent_actions
from switchboard.flows.app import App
from switchboard.flows.call_desk import place_call, take_call
from switchboard.flows.correct import Right, correct_reading
from switchboard.flows.extras import Extras
from switchboard.flows.once import once
from switchboard.flows.recommend import record_outcome
from switchboard.flows.transfer import reopen, retry_send, to_queue
from switchboard.trust.roles import Permission, allowed_any


class DeskActions:
    """Fulfils ``desk.actions.Actions``."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def accept(self, who: SignedIn, conversation_id: ConversationId) -> None:
        agent_id = _own_agent(who)
        conversation = await self._app.store.read(lambda work: agent_actions.conversation_named(work, conversation_id))
        holder = conversation.state.assigned_agent_id
        if holder not in (None, agent_id):
            raise Conflict("a colleague was faster")
        await agent_actions.assign(self._app, conversation_id, agent_id, who.user_id)

    async def take(self, who: SignedIn, conversation_id: ConversationId) -> None:
        await agent_actions.assign(self._app, conversation_id, _own_agent(who), who.user_id)

    async def assign(self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId, reason: str) -> None:
        if agent_id != who.agent_id and not allowed_any(who.roles, Permission.ASSIGN_OTHERS):
            raise Forbidden("giving work to a colleague needs the role supervisor or admin")
        await agent_actions.assign(self._app, conversation_id, agent_id, who.user_id)

    async def transfer(
        self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId | None, reason: str
    ) -> None:
        if agent_id is None:
            await to_queue(self._app, conversation_id, who.user_id, reason)
        else:
            await agent_actions.assign(self._app, conversation_id, agent_id, who.user_id)

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
        async def send() -> str:
            message = await agent_actions.reply(
                self._app,
                conversation_id,
                text,
                agent_id=who.agent_id,
                actor=who.user_id,
                channel=channel,
                seen=after,
                subject=extras.subject if extras else None,
                extras=extras,
            )
            return message.message_id

        body = f"{text}\n{extras!r}" if extras else text
        message_id = await once(self._app, f"reply:{who.user_id}:{conversation_id}:{key}", body, send)
        return Sent(message_id=MessageId(message_id), undo_s=self._app.tempo.undo.total_seconds())

    async def undo_reply(self, who: SignedIn, message_id: MessageId) -> bool:
        return await agent_actions.undo_reply(self._app, message_id)

    async def note(self, who: SignedIn, conversation_id: ConversationId, text: str, *, key: str) -> MessageId:
        async def write() -> str:
            return (await agent_actions.note(self._app, conversation_id, text, agent_id=who.agent_id)).message_id

        return MessageId(await once(self._app, f"note:{who.user_id}:{conversation_id}:{key}", text, write))

    async def take_call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        await take_call(self._app, conversation_id, _own_agent(who), who.user_id)

    async def call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        await place_call(self._app, conversation_id, _own_agent(who), who.user_id)

    async def resolve(self, who: SignedIn, conversation_id: ConversationId) -> None:
        await agent_actions.resolve(self._app, conversation_id, actor=who.user_id)

    async def reopen(self, who: SignedIn, conversation_id: ConversationId) -> None:
        await reopen(self._app, conversation_id, who.agent_id, who.user_id)

    async def escalate(self, who: SignedIn, conversation_id: ConversationId, reason: str) -> None:
        await agent_actions.escalate(self._app, conversation_id, actor=who.name, reason=reason)

    async def correct_reading(self, who: SignedIn, message_id: MessageId, right: Right) -> None:
        await correct_reading(self._app, message_id, right, who.user_id)

    async def apply_recommendation(
        self, who: SignedIn, conversation_id: ConversationId, action_id: ActionId
    ) -> str | None:
        """Escalating is done at once; what touches money, orders or the customer's eyes comes back as words to check."""
        offered = await self._app.store.read(lambda work: work.advice.offered(conversation_id))
        action = next((o for o in offered if o.action_id == action_id), None)
        if action is None:
            raise NotFound("this recommendation is no longer offered")
        if action.type is ActionType.ESCALATE:
            await agent_actions.escalate(self._app, conversation_id, actor=who.name, reason=action.description)
            return None
        if action.type in (ActionType.SEND_RESPONSE, ActionType.SEND_DOCUMENTATION):
            draft = await self._app.store.read(lambda work: work.drafts.latest(conversation_id))
            return draft.response.text if draft is not None else action.description
        text = f"{action.description}\n{action.expected_outcome}"
        await agent_actions.note(self._app, conversation_id, text, agent_id=who.agent_id)
        return None

    async def record_outcome(
        self, who: SignedIn, action_id: ActionId, success: bool, customer_satisfaction: int | None, notes: str | None
    ) -> None:
        await record_outcome(
            self._app,
            action_id,
            success=success,
            actor=who.user_id,
            customer_satisfaction=customer_satisfaction,
            notes=notes,
        )

    async def retry_send(self, who: SignedIn, message_id: MessageId) -> None:
        await retry_send(self._app, message_id)

    async def set_status(self, who: SignedIn, status: AgentStatus) -> None:
        await agent_actions.set_status(self._app, _own_agent(who), status, who.user_id)


def _own_agent(who: SignedIn) -> AgentId:
    if who.agent_id is None:
        raise Forbidden("you do not answer customers", fix="ask an admin to make you an agent")
    return who.agent_id
