"""What agents change from the desk: each button posts here, with the session's token in a header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from switchboard.desk.composer import preview
from switchboard.desk.deps import DeskDeps
from switchboard.desk.render import DeskRoute
from switchboard.domain.agent import AgentStatus
from switchboard.domain.ids import ActionId, AgentId, ConversationId, MessageId
from switchboard.domain.message import ChannelType, Choice
from switchboard.domain.reading import IntentCategory, Topic
from switchboard.errors import InvalidInput
from switchboard.flows.correct import NONE, Right
from switchboard.flows.extras import MOST_CHOICES, Extras, TemplateChoice
from switchboard.ports.channel import Capabilities
from switchboard.ports.records import AgentDraft

Text = Annotated[str, Field(max_length=20_000)]
Reason = Annotated[str, Field(max_length=500)]
Key = Annotated[str, Field(min_length=8, max_length=80)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TemplateForm(Form):
    """An approved text of the provider, with its variables' values."""

    name: str = Field(max_length=600)
    language: str | None = Field(default=None, max_length=20)
    variables: dict[str, Annotated[str, Field(max_length=1000)]] = Field(default_factory=dict, max_length=50)


class ChoiceForm(Form):
    """An answer to tap; its words come back as the customer's message."""

    title: str = Field(min_length=1, max_length=80)
    description: str | None = Field(default=None, max_length=200)


class ReplyForm(Form):
    text: Text
    key: Key
    after: int = Field(ge=0)
    channel: ChannelType | None = None
    draft_id: str | None = Field(default=None, max_length=80)
    attachments: tuple[Annotated[str, Field(max_length=80)], ...] = Field(default=(), max_length=10)
    template: TemplateForm | None = None
    choices: tuple[ChoiceForm, ...] = Field(default=(), max_length=MOST_CHOICES)
    subject: str | None = Field(default=None, max_length=300)
    cc: tuple[str, ...] | None = None

    def extras(self) -> Extras | None:
        chosen, subject = self.template, " ".join((self.subject or "").split()) or None
        if not (self.attachments or self.choices or chosen or subject or self.cc is not None):
            return None
        template = (
            TemplateChoice(name=chosen.name, language=chosen.language, variables=chosen.variables) if chosen else None
        )
        choices = named(self.choices)
        return Extras(uploads=self.attachments, template=template, choices=choices, subject=subject, cc=self.cc)


def named(choices: Sequence[ChoiceForm]) -> tuple[Choice, ...]:
    """The choices with ids by their place."""
    return tuple(
        Choice(id=f"choice-{place}", title=" ".join(one.title.split()), description=one.description or None)
        for place, one in enumerate(choices, 1)
    )


class PreviewForm(Form):
    channel: ChannelType
    text: Text
    choices: tuple[ChoiceForm, ...] = Field(default=(), max_length=MOST_CHOICES)
    public: bool = False


class NoteForm(Form):
    text: Text
    key: Key


class DraftForm(Form):
    kind: Annotated[str, Field(pattern="^(reply|note)$")]
    text: Text


class HandOverForm(Form):
    agent_id: str | None = Field(default=None, max_length=80)
    reason: Reason = ""


class EscalateForm(Form):
    reason: Reason


class OutcomeForm(Form):
    success: bool
    customer_satisfaction: int | None = Field(default=None, ge=1, le=5)
    notes: Reason | None = None


class CorrectionForm(Form):
    """What the agent chose; an empty choice leaves it as the machine read it."""

    intent: IntentCategory | Literal["none"] | None = None
    topic: Topic | None = None
    score: float | None = Field(default=None, ge=-1, le=1)

    def right(self) -> Right:
        intent = IntentCategory(self.intent) if self.intent not in (None, NONE) else None
        return Right(intent=intent, no_intent=self.intent == NONE, topic=self.topic, score=self.score)


class StatusForm(Form):
    status: AgentStatus


def written(text: str) -> str:
    """Raises ``InvalidInput`` for an empty message."""
    if not text.strip():
        raise InvalidInput("Write something first.", field="text")
    return text.strip()


def changes_router(deps: DeskDeps) -> APIRouter:
    """``POST /desk/...``. Answers are small JSON objects; trouble is a problem document."""
    router = APIRouter(prefix="/desk", route_class=DeskRoute)
    _answering(router, deps)
    _handing_over(router, deps)
    _advice(router, deps)
    return router


def _answering(router: APIRouter, deps: DeskDeps) -> None:
    @router.post("/conversations/{conversation_id}/replies")
    async def reply(request: Request, conversation_id: ConversationId, form: ReplyForm) -> dict[str, object]:
        who = await deps.writer(request)
        extras = form.extras()
        sent = await deps.actions.reply(
            who,
            conversation_id,
            form.text.strip() if form.attachments or form.template else written(form.text),
            key=form.key,
            after=form.after,
            channel=form.channel,
            draft_id=form.draft_id,
            extras=extras,
        )
        await forget_draft(deps, who.agent_id, conversation_id, "reply")
        return {"message_id": sent.message_id, "undo_s": sent.undo_s}

    @router.post("/conversations/{conversation_id}/notes")
    async def note(request: Request, conversation_id: ConversationId, form: NoteForm) -> dict[str, object]:
        who = await deps.writer(request)
        message_id = await deps.actions.note(who, conversation_id, written(form.text), key=form.key)
        await forget_draft(deps, who.agent_id, conversation_id, "note")
        return {"message_id": message_id}

    @router.post("/preview")
    async def show(request: Request, form: PreviewForm) -> Response:
        """What the customer will see of an answer; nothing is stored."""
        await deps.writer(request)
        abilities = await deps.store.read(lambda work: deps.reach_now(work).abilities)
        can = abilities.get(form.channel, Capabilities())
        seen = preview(form.channel, can, form.text, named(form.choices), public=form.public)
        return deps.renderer.fragment("fragment_preview.html", seen=seen, channel=form.channel)

    @router.post("/conversations/{conversation_id}/draft")
    async def draft(request: Request, conversation_id: ConversationId, form: DraftForm) -> dict[str, object]:
        who = await deps.writer(request)
        if who.agent_id is None:
            return {"saved": False}
        if not form.text.strip():
            await forget_draft(deps, who.agent_id, conversation_id, form.kind)
            return {"saved": True}
        typed = AgentDraft(
            agent_id=who.agent_id,
            conversation_id=conversation_id,
            kind=form.kind,
            text=form.text,
            saved_at=deps.clock.now(),
        )
        await deps.store.write(lambda work: work.drafts.save_typed(typed))
        return {"saved": True}

    @router.post("/messages/{message_id}/undo")
    async def undo(request: Request, message_id: MessageId) -> dict[str, object]:
        return {"undone": await deps.actions.undo_reply(await deps.writer(request), message_id)}

    @router.post("/messages/{message_id}/correction")
    async def correct(request: Request, message_id: MessageId, form: CorrectionForm) -> dict[str, object]:
        await deps.actions.correct_reading(await deps.writer(request), message_id, form.right())
        return {}

    @router.post("/messages/{message_id}/retry")
    async def retry(request: Request, message_id: MessageId) -> dict[str, object]:
        await deps.actions.retry_send(await deps.writer(request), message_id)
        return {}


async def forget_draft(deps: DeskDeps, agent_id: AgentId | None, conversation_id: ConversationId, kind: str) -> None:
    if agent_id is not None:
        await deps.store.write(lambda work: work.drafts.clear_typed(agent_id, conversation_id, kind))


def _handing_over(router: APIRouter, deps: DeskDeps) -> None:
    @router.post("/conversations/{conversation_id}/accept")
    async def accept(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.accept(await deps.writer(request), conversation_id)
        return {}

    @router.post("/conversations/{conversation_id}/take")
    async def take(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.take(await deps.writer(request), conversation_id)
        return {}

    @router.post("/conversations/{conversation_id}/take-call")
    async def take_call(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.take_call(await deps.writer(request), conversation_id)
        return {}

    @router.post("/conversations/{conversation_id}/call")
    async def call(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.call(await deps.writer(request), conversation_id)
        return {}

    @router.post("/conversations/{conversation_id}/assign")
    async def assign(request: Request, conversation_id: ConversationId, form: HandOverForm) -> dict[str, object]:
        who = await deps.writer(request)
        if form.agent_id is None:
            raise InvalidInput("Choose who gets it.", field="agent_id")
        await deps.actions.assign(who, conversation_id, AgentId(form.agent_id), form.reason)
        return {}

    @router.post("/conversations/{conversation_id}/transfer")
    async def transfer(request: Request, conversation_id: ConversationId, form: HandOverForm) -> dict[str, object]:
        who = await deps.writer(request)
        agent_id = AgentId(form.agent_id) if form.agent_id else None
        await deps.actions.transfer(who, conversation_id, agent_id, form.reason)
        return {}

    @router.post("/conversations/{conversation_id}/escalate")
    async def escalate(request: Request, conversation_id: ConversationId, form: EscalateForm) -> dict[str, object]:
        await deps.actions.escalate(await deps.writer(request), conversation_id, written(form.reason))
        return {}

    @router.post("/conversations/{conversation_id}/resolve")
    async def resolve(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.resolve(await deps.writer(request), conversation_id)
        return {}

    @router.post("/conversations/{conversation_id}/reopen")
    async def reopen(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.actions.reopen(await deps.writer(request), conversation_id)
        return {}

    @router.post("/status")
    async def status(request: Request, form: StatusForm) -> dict[str, object]:
        await deps.actions.set_status(await deps.writer(request), form.status)
        return {}


def _advice(router: APIRouter, deps: DeskDeps) -> None:
    @router.post("/conversations/{conversation_id}/recommendations/{action_id}")
    async def apply(request: Request, conversation_id: ConversationId, action_id: ActionId) -> dict[str, object]:
        text = await deps.actions.apply_recommendation(await deps.writer(request), conversation_id, action_id)
        return {"text": text}

    @router.post("/recommendations/{action_id}/outcome")
    async def outcome(request: Request, action_id: ActionId, form: OutcomeForm) -> dict[str, object]:
        who = await deps.writer(request)
        await deps.actions.record_outcome(who, action_id, form.success, form.customer_satisfaction, form.notes)
        return {}
