"""What an agent looks at: the list, one conversation with its line, and why automation did what it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from switchboard.conversations.identity import normalise_email
from switchboard.domain.advice import ActionOutcome, ActionRecommendation
from switchboard.domain.agent import Agent
from switchboard.domain.call import Call
from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, CustomerValue
from switchboard.domain.ids import AgentId, ConversationId, MessageId
from switchboard.domain.message import Author, ConversationMessage, Direction, MessageKind
from switchboard.domain.reading import MentionedIdentity
from switchboard.errors import NotFound
from switchboard.ports.records import AgentDraft, DecisionRecord, DraftOrigin, DraftRecord, Page, QueueEntry, View
from switchboard.ports.store import Work
from switchboard.views.calls import TelephoneAt, telephone_at, waits_on_phone
from switchboard.views.composer import Reach, Way, ways_out
from switchboard.views.line import LineMessage, Timeline, known_conversation, name_of, timeline_of

MOST_MENTIONED = 4
"""Mentioned numbers and addresses shown beside a conversation."""


class Group(StrEnum):
    """The headings of the list."""

    REPLY_DUE = "reply_due"
    AUTOMATION = "automation"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One conversation in the list. ``confidence`` is that of automation's newest answer, if it answers;
    ``waits_on_phone``: the customer waits for a person on the telephone now."""

    conversation: Conversation
    name: str
    vip: bool
    verified: bool
    group: Group
    agent_name: str | None = None
    confidence: float | None = None
    entry: QueueEntry | None = None
    waits_on_phone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    view: View
    rows: tuple[ListRow, ...]
    counts: Mapping[View, int]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the next person should know, put together from stored facts."""

    at: datetime
    problem: str
    tried: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A recommendation with what became of it."""

    recommendation: ActionRecommendation
    outcome: ActionOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """Everything the conversation screen shows. ``call``: the customer is on the telephone now; ``mentioned``: numbers and
    addresses that their messages name beside their own."""

    conversation: Conversation
    customer: CustomerProfile
    timeline: Timeline
    decision: DecisionRecord | None
    offers: tuple[Offer, ...]
    earlier: tuple[Conversation, ...]
    agents: tuple[Agent, ...]
    assigned: Agent | None = None
    suggestion: DraftRecord | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    brief: Brief | None = None
    entry: QueueEntry | None = None
    call: Call | None = None
    mentioned: tuple[MentionedIdentity, ...] = ()
    ways: tuple[Way, ...] = ()
    telephone: TelephoneAt = field(default_factory=TelephoneAt)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPanel:
    """Why an answer was given (or stopped), and why the conversation went where it went."""

    conversation: Conversation
    draft: DraftRecord | None
    decision: DecisionRecord | None
    question: ConversationMessage | None
    followed_by: ConversationMessage | None = None

    @property
    def blocked(self) -> bool:
        return self.draft is not None and self.draft.origin is DraftOrigin.BLOCKED


def list_page(work: Work, view: View, agent_id: AgentId | None, page: Page | None = None) -> ListPage:
    """The list of one view, most urgent first, with the counts of every view."""
    found = work.conversations.page(view, page or Page(), agent_id=agent_id if view is View.MINE else None)
    names = {agent.agent_id: agent.name for agent in work.agents.all()}
    rows = tuple(_row(work, conversation, names) for conversation in found.items)
    return ListPage(view=view, rows=rows, counts=work.conversations.counts(agent_id), next_cursor=found.next_cursor)


def list_row(work: Work, conversation_id: ConversationId) -> ListRow:
    """One row of the list. Raises ``NotFound``."""
    conversation = known_conversation(work, conversation_id)
    return _row(work, conversation, {agent.agent_id: agent.name for agent in work.agents.all()})


def _row(work: Work, conversation: Conversation, names: Mapping[AgentId, str]) -> ListRow:
    customer = work.customers.brief(conversation.customer_id)
    group = group_of(conversation)
    draft = work.drafts.latest(conversation.conversation_id) if group is Group.AUTOMATION else None
    assigned = conversation.state.assigned_agent_id
    return ListRow(
        conversation=conversation,
        name=name_of(customer),
        vip=customer is not None and customer.customer_value is CustomerValue.VIP,
        verified=customer is not None and any(i.verified for i in customer.identities),
        group=group,
        agent_name=names.get(assigned) if assigned else None,
        confidence=draft.response.confidence if draft else None,
        entry=work.queue.get(conversation.conversation_id),
        waits_on_phone=waits_on_phone(work, conversation),
    )


def group_of(conversation: Conversation) -> Group:
    """Whose turn it is."""
    if not conversation.is_open:
        return Group.DONE
    if conversation.state.handler is Handler.AUTOMATION:
        return Group.AUTOMATION
    waiting = conversation.state.status is ConversationStatus.WAITING
    return Group.WAITING if waiting or conversation.needs_reply_since is None else Group.REPLY_DUE


def conversation_page(
    work: Work, conversation_id: ConversationId, agent_id: AgentId | None, reach: Reach | None = None
) -> ConversationPage:
    """The whole screen of one conversation for one agent. ``reach``: how our channels are doing. Raises ``NotFound``."""
    conversation = known_conversation(work, conversation_id)
    customer = work.customers.get(conversation.customer_id)
    if customer is None:
        raise NotFound("This customer is not known.")
    decision = _with_its_sum(work, conversation)
    assigned = conversation.state.assigned_agent_id
    draft = work.drafts.latest(conversation_id)
    timeline = timeline_of(work, conversation, customer)
    typed: Sequence[AgentDraft] = work.drafts.typed(agent_id, conversation_id) if agent_id else ()
    return ConversationPage(
        conversation=conversation,
        customer=customer,
        timeline=timeline,
        decision=decision,
        offers=_offers(work, conversation_id),
        earlier=tuple(c for c in work.conversations.of_customer(customer.customer_id) if c != conversation),
        agents=work.agents.all(),
        assigned=work.agents.get(assigned) if assigned else None,
        suggestion=draft if draft is not None and _still_useful(draft, timeline) else None,
        typed={draft.kind: draft.text for draft in typed},
        brief=_brief(conversation, timeline, decision),
        entry=work.queue.get(conversation_id),
        call=work.calls.live_of(conversation_id),
        mentioned=mentioned(customer, timeline),
        ways=ways_out(work, conversation, customer, words_of(timeline), reach) if reach is not None else (),
        telephone=telephone_at(
            work, conversation, customer, agent_id, reach.telephones if reach is not None else frozenset()
        ),
    )


def _with_its_sum(work: Work, conversation: Conversation) -> DecisionRecord | None:
    """The newest decision. Who is served from the queue is not weighed again: how the urgency adds up stands in the
    decision that put them there."""
    decision = work.decisions.get(conversation.last_decision_id) if conversation.last_decision_id else None
    if decision is None or decision.urgency.factors:
        return decision
    earlier = work.decisions.of_conversation(conversation.conversation_id)
    weighed = [d for d in earlier if d.urgency.factors and d.urgency.score == decision.urgency.score]
    return replace(decision, urgency=max(weighed, key=lambda d: d.at).urgency) if weighed else decision


def words_of(timeline: Timeline) -> tuple[ConversationMessage, ...]:
    """The messages of the line, without the marks between them."""
    return tuple(item.message for item in timeline.items if isinstance(item, LineMessage))


def mentioned(customer: CustomerProfile, timeline: Timeline) -> tuple[MentionedIdentity, ...]:
    """Phone numbers and addresses in what the customer wrote, the newest first, without those that are known to be theirs."""
    own = {normalise_email(i.address) for i in customer.identities} | {customer.email, customer.phone}
    found: dict[str, MentionedIdentity] = {}
    for item in reversed(timeline.items):
        words = item.message if isinstance(item, LineMessage) and item.message.direction is Direction.INBOUND else None
        for one in words.reading.identities if words is not None and words.reading and not words.withdrawn else ():
            if normalise_email(one.normalised) not in own:
                found.setdefault(one.normalised, one)
    return tuple(found.values())[:MOST_MENTIONED]


def _offers(work: Work, conversation_id: ConversationId) -> tuple[Offer, ...]:
    return tuple(
        Offer(recommendation=offer, outcome=work.advice.outcome(offer.action_id))
        for offer in work.advice.offered(conversation_id)[:3]
    )


def _still_useful(draft: DraftRecord, timeline: Timeline) -> bool:
    """A suggestion is offered until somebody on our side has written after it."""
    if draft.sent_as is not None or draft.origin is DraftOrigin.AUTOMATION:
        return False
    messages = [item for item in timeline.items if isinstance(item, LineMessage)]
    ours = [m for m in messages if m.message.direction is Direction.OUTBOUND and m.message.kind is not MessageKind.NOTE]
    return not any(m.at > draft.at for m in ours)


def _brief(conversation: Conversation, timeline: Timeline, decision: DecisionRecord | None) -> Brief | None:
    messages = words_of(timeline)
    words = [m for m in messages if m.direction is Direction.INBOUND]
    if decision is None or not decision.decision.escalated or not words or not conversation.is_open:
        return None
    return Brief(
        at=decision.at,
        problem=words[-1].content.words,
        tried=sum(m.author is Author.AUTOMATION for m in messages),
        reason=decision.decision.reasoning,
    )


def why_answer(work: Work, message_id: MessageId) -> WhyPanel:
    """Why automation sent this message. Raises ``NotFound``."""
    message = work.messages.get(message_id)
    draft = work.drafts.sent_as(message_id)
    if message is None or draft is None:
        raise NotFound("There is no record behind this message.")
    return _why(work, message.conversation_id, draft, after=message.sequence)


def why_routed(work: Work, conversation_id: ConversationId) -> WhyPanel:
    """Why the conversation is where it is, with the stopped or suggested draft if there is one. Raises ``NotFound``."""
    draft = work.drafts.latest(conversation_id)
    return _why(work, conversation_id, draft if draft and draft.sent_as is None else None, after=None)


def _why(work: Work, conversation_id: ConversationId, draft: DraftRecord | None, *, after: int | None) -> WhyPanel:
    conversation = known_conversation(work, conversation_id)
    asked = work.messages.get(draft.message_id) if draft and draft.message_id else None
    decision = work.decisions.of_message(asked.message_id) if asked else None
    if decision is None and conversation.last_decision_id:
        decision = work.decisions.get(conversation.last_decision_id)
    later = work.messages.of_conversation(conversation_id, after=after, limit=10) if after is not None else ()
    return WhyPanel(
        conversation=conversation,
        draft=draft,
        decision=decision,
        question=asked,
        followed_by=next((m for m in later if m.direction is Direction.INBOUND), None),
    )
