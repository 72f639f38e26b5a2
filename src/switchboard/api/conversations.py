"""Conversations: lists, timelines, and what people and programs do with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import (
    ConversationShape,
    CustomerShape,
    DecisionShape,
    Listing,
    MessageShape,
    RecommendationShape,
    Shape,
    Short,
    Text,
    listing,
)
from switchboard.conversations.copies import MOST_COPIES
from switchboard.conversations.highlights import find_highlights, highlighted_messages
from switchboard.domain.ids import ActionId, AgentId, ConversationId, CustomerId, DecisionId
from switchboard.domain.message import ChannelType, Choice
from switchboard.errors import Forbidden, InvalidInput, NotFound
from switchboard.flows import agent_actions
from switchboard.flows.customers import customer_named
from switchboard.flows.extras import Extras, TemplateChoice
from switchboard.flows.recommend import recommendations, record_outcome
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1", responses=RESPONSES, tags=["conversations"])
Identifier = Annotated[str, Path(min_length=1, max_length=80)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=400)]
Reader = Annotated[Caller, Depends(needs(Permission.READ_CONVERSATIONS))]
Lister = Annotated[Caller, Depends(needs(Permission.LIST_CONVERSATIONS))]
Replier = Annotated[Caller, Depends(needs(Permission.REPLY))]
Manager = Annotated[Caller, Depends(needs(Permission.MANAGE_CONVERSATIONS))]


class ConversationDetail(Shape):
    """A conversation with whose it is (Property 34)."""

    conversation: ConversationShape
    customer: CustomerShape
    decisions: list[DecisionShape]


class HighlightShape(Shape):
    """A moment not to be missed (Property 35)."""

    kind: str
    at: datetime
    detail: str
    message_id: str | None


class Timeline(Shape):
    """Messages of all channels in order; highlighted ones carry the flag."""

    conversation_id: str | None
    customer_id: str
    messages: list[MessageShape]
    highlights: list[HighlightShape]
    next_after: int | None = None


class ChoiceShape(Shape):
    """An answer that the customer can tap; numbered text where the channel has no buttons."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(min_length=1, max_length=80)]
    description: Annotated[str, Field(max_length=200)] | None = None


class TemplateRequest(Shape):
    """An approved text of the provider, for customers who wrote too long ago."""

    name: Annotated[str, Field(min_length=1, max_length=600)]
    language: Annotated[str, Field(max_length=20)] | None = None
    variables: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=1000)]] = Field(
        default_factory=dict, max_length=50
    )


class ReplyRequest(Shape):
    """``text`` may be empty where files or a template go out."""

    text: Text
    attachments: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=list, max_length=10, description="Ids of files handed in for this conversation."
    )
    choices: list[ChoiceShape] = Field(default_factory=list, max_length=20)
    template: TemplateRequest | None = None
    channel: ChannelType | None = Field(None, description="Default: where the customer last wrote.")
    subject: Short | None = None
    cc: list[str] | None = Field(
        None,
        json_schema_extra={"maxItems": MOST_COPIES},
        description="Who gets a copy of an e-mail: default those on To and Cc of the customer's newest mail; []: nobody.",
    )
    seen: int | None = Field(None, ge=0, description="Last sequence you had seen; 409 if the conversation moved on.")
    agent_id: str | None = Field(None, max_length=80, description="Who answers; default: the caller's own agent.")


class NoteRequest(Shape):
    text: Text
    agent_id: str | None = Field(None, max_length=80)


class AssignRequest(Shape):
    agent_id: str = Field(max_length=80)


class EscalateRequest(Shape):
    reason: Short = ""


class ResolveRequest(Shape):
    satisfaction: int | None = Field(None, ge=1, le=5)


class OutcomeRequest(Shape):
    success: bool
    customer_satisfaction: int | None = Field(None, ge=1, le=5)
    resolution_time: float | None = Field(None, ge=0, allow_inf_nan=False)
    notes: Annotated[str, Field(max_length=4000)] | None = None


class OutcomeShape(Shape):
    action_id: str
    success: bool
    recorded_at: datetime
    customer_satisfaction: int | None
    resolution_time: float | None
    notes: str | None


@router.get("/conversations")
async def list_conversations(
    app: TheApp,
    caller: Lister,
    view: View = View.OPEN,
    agent_id: Annotated[str | None, Query(max_length=80)] = None,
    customer_id: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[ConversationShape]:
    """By priority or by time, as the view needs it."""
    agent = AgentId(agent_id) if agent_id else caller.agent_id
    if view is View.MINE and agent is None:
        raise InvalidInput("whose conversations?", field="agent_id", fix="name an agent")
    owner = CustomerId(customer_id) if customer_id else None
    text = caller.may(Permission.READ_CONVERSATIONS)
    page = Page(limit=limit, cursor=cursor)
    rows = await app.store.read(
        lambda work: work.conversations.page(
            view, page, agent_id=agent if view is View.MINE else None, customer_id=owner
        )
    )
    return listing(rows, [ConversationShape.of(c, text=text) for c in rows.items])


@router.get("/conversations/{conversation_id}")
async def get_conversation(conversation_id: Identifier, app: TheApp, caller: Reader) -> ConversationDetail:
    """The whole context of a conversation: customer, state, and every decision with its reasons."""

    def look(work: Work) -> ConversationDetail:
        conversation = agent_actions.conversation_named(work, ConversationId(conversation_id))
        return ConversationDetail(
            conversation=ConversationShape.of(conversation),
            customer=CustomerShape.of(customer_named(work, conversation.customer_id)),
            decisions=[DecisionShape.of(d) for d in work.decisions.of_conversation(conversation.conversation_id)],
        )

    return await app.store.read(look)


@router.get("/conversations/{conversation_id}/timeline")
async def get_timeline(
    conversation_id: Identifier,
    app: TheApp,
    caller: Reader,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Limit = 100,
) -> Timeline:
    """In order of acceptance, from ``after`` (a sequence) on."""

    def look(work: Work) -> Timeline:
        conversation = agent_actions.conversation_named(work, ConversationId(conversation_id))
        messages = work.messages.of_conversation(conversation.conversation_id, after=after, limit=limit)
        points = work.messages.sentiment_points(conversation.conversation_id)
        highlights = find_highlights(points, work.events.of_conversation(conversation.conversation_id))
        flagged = highlighted_messages(highlights)
        return Timeline(
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            messages=[MessageShape.of(m, highlight=m.message_id in flagged) for m in messages],
            highlights=[
                HighlightShape(kind=h.kind.value, at=h.at, detail=h.detail, message_id=h.message_id) for h in highlights
            ],
            next_after=messages[-1].sequence if len(messages) == limit else None,
        )

    return await app.store.read(look)


@router.post("/conversations/{conversation_id}/replies", status_code=201)
async def post_reply(conversation_id: Identifier, body: ReplyRequest, app: TheApp, caller: Replier) -> MessageShape:
    """A person's answer; it leaves after the undo time."""
    message = await agent_actions.reply(
        app,
        ConversationId(conversation_id),
        body.text,
        agent_id=_speaker(caller, body.agent_id),
        actor=caller.actor,
        channel=body.channel,
        seen=body.seen,
        subject=body.subject,
        extras=_extras(body),
    )
    return MessageShape.of(message)


def _extras(body: ReplyRequest) -> Extras:
    chosen = body.template
    return Extras(
        uploads=tuple(body.attachments),
        choices=tuple(Choice(id=c.id, title=c.title, description=c.description) for c in body.choices),
        template=TemplateChoice(name=chosen.name, language=chosen.language, variables=chosen.variables)
        if chosen is not None
        else None,
        cc=None if body.cc is None else tuple(body.cc),
    )


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def post_note(conversation_id: Identifier, body: NoteRequest, app: TheApp, caller: Manager) -> MessageShape:
    """Only the team sees it."""
    speaker = _speaker(caller, body.agent_id)
    return MessageShape.of(await agent_actions.note(app, ConversationId(conversation_id), body.text, agent_id=speaker))


@router.post("/conversations/{conversation_id}/assign")
async def post_assign(
    conversation_id: Identifier, body: AssignRequest, app: TheApp, caller: Manager
) -> ConversationShape:
    """To oneself, or to somebody else with the right to. 409 when they have no free place."""
    if body.agent_id != caller.agent_id and caller.agent_id is not None and not caller.may(Permission.ASSIGN_OTHERS):
        raise Forbidden("giving work to a colleague needs the permission conversations:assign")
    saved = await agent_actions.assign(app, ConversationId(conversation_id), AgentId(body.agent_id), caller.actor)
    return ConversationShape.of(saved)


@router.post("/conversations/{conversation_id}/escalate")
async def post_escalate(
    conversation_id: Identifier, body: EscalateRequest, app: TheApp, caller: Manager
) -> ConversationShape:
    """A person takes over, or the conversation waits for one."""
    saved = await agent_actions.escalate(app, ConversationId(conversation_id), actor=caller.actor, reason=body.reason)
    return ConversationShape.of(saved)


@router.post("/conversations/{conversation_id}/resolve")
async def post_resolve(
    conversation_id: Identifier, body: ResolveRequest, app: TheApp, caller: Manager
) -> ConversationShape:
    """Settled. Resolving twice changes nothing."""
    saved = await agent_actions.resolve(
        app, ConversationId(conversation_id), actor=caller.actor, satisfaction=body.satisfaction
    )
    return ConversationShape.of(saved)


@router.get("/conversations/{conversation_id}/recommendations")
async def get_recommendations(conversation_id: Identifier, app: TheApp, caller: Reader) -> list[RecommendationShape]:
    """At most three next best actions, best first."""
    return [RecommendationShape.of(r) for r in await recommendations(app, ConversationId(conversation_id))]


@router.post("/recommendations/{action_id}/outcome", status_code=201, tags=["recommendations"])
async def post_outcome(action_id: Identifier, body: OutcomeRequest, app: TheApp, caller: Manager) -> OutcomeShape:
    """What became of an action: later rankings learn from it."""
    outcome = await record_outcome(
        app,
        ActionId(action_id),
        success=body.success,
        actor=caller.actor,
        customer_satisfaction=body.customer_satisfaction,
        resolution_time=body.resolution_time,
        notes=body.notes,
    )
    return OutcomeShape.model_validate(outcome)


@router.get("/routing/decisions/{decision_id}", tags=["routing"])
async def get_decision(decision_id: Identifier, app: TheApp, caller: Reader) -> DecisionShape:
    """Who was to answer, and why: rules, candidates, urgency."""
    record = await app.store.read(lambda work: work.decisions.get(DecisionId(decision_id)))
    if record is None:
        raise NotFound("there is no such decision")
    return DecisionShape.of(record)


def _speaker(caller: Caller, named: str | None) -> AgentId | None:
    """A person speaks for themselves; a program may name whose answer it brings."""
    if caller.agent_id is not None:
        if named not in (None, caller.agent_id):
            raise Forbidden("nobody answers in a colleague's name", fix="leave agent_id out")
        return caller.agent_id
    return AgentId(named) if named else None
