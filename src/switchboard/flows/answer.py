"""Automation answers: find the passages, write the reply, check it; only what passes every check is sent, and only once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from switchboard.conversations.copies import PARTICIPANT
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId, new_id
from switchboard.domain.knowledge import KnowledgeResult
from switchboard.domain.message import Author, ConversationMessage, Direction
from switchboard.domain.reply import GeneratedResponse
from switchboard.errors import Conflict, SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.handover import hand_over
from switchboard.flows.outgoing import Speech, say
from switchboard.ports.records import AuditEntry, DraftOrigin, DraftRecord, Job
from switchboard.ports.store import Work
from switchboard.replies.compose import candidate_sentences, compose
from switchboard.replies.context import ResponseContext, question, search_text
from switchboard.replies.prompt import build_prompt, from_completion
from switchboard.replies.validate import Approval, ApprovedReply, approve, facts_for

log = logging.getLogger(__name__)
RECENT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What the answer is about, as it stood when drafting began."""

    conversation: Conversation
    profile: CustomerProfile
    messages: tuple[ConversationMessage, ...]
    asked: ConversationMessage

    @property
    def last_inbound(self) -> int:
        return max(m.sequence for m in self.messages if m.direction is Direction.INBOUND)


async def answer(app: App, job: Job) -> None:
    """Drafts outside any transaction, then sends or hands over inside one. A reply that a newer message or a person
    overtook is dropped."""
    case = await app.store.read(lambda work: _case(work, job))
    if case is None:
        await app.store.write(lambda work: work.jobs.finish(job))
        return
    business = await app.business()
    context, draft = await draft_reply(app, case.conversation, case.profile, case.messages, case.asked, business)
    approval = await check_draft(app, context, draft)
    await app.store.write(lambda work: _conclude(work, app, job, case, draft, approval, business))
    app.hub.publish("outbox")
    app.hub.publish("events")


def _case(work: Work, job: Job) -> _Case | None:
    """None when there is nothing to answer any more: closed, taken over, or a newer message came."""
    conversation = work.conversations.get(job.conversation_id) if job.conversation_id else None
    if conversation is None or not conversation.is_open or conversation.state.handler is not Handler.AUTOMATION:
        return None
    profile = work.customers.get(work.customers.current(conversation.customer_id))
    messages = _that_mean_something(work.messages.newest(conversation.conversation_id, RECENT))
    asked = next((m for m in messages if m.message_id == job.message_id), None)
    newer = [m for m in messages if m.direction is Direction.INBOUND and asked and m.sequence > asked.sequence]
    if profile is None or asked is None or asked.reading is None or asked.withdrawn or newer:
        return None
    own = tuple(
        m for m in messages if PARTICIPANT not in m.metadata
    )  # what others on copy say is not the customer's word
    return _Case(conversation=conversation, profile=profile, messages=own, asked=asked)


def _that_mean_something(messages: tuple[ConversationMessage, ...]) -> tuple[ConversationMessage, ...]:
    """Without words that nobody understood on the telephone, and our prompts to say them again."""
    return tuple(m for m in messages if "unclear" not in m.metadata and "prompt" not in m.metadata)


async def draft_reply(
    app: App,
    conversation: Conversation,
    profile: CustomerProfile,
    messages: tuple[ConversationMessage, ...],
    asked: ConversationMessage,
    business: Business,
) -> tuple[ResponseContext, GeneratedResponse]:
    """A reply with sources, by the configured language model or else the built-in generator."""
    assert asked.reading is not None
    results = await _passages(app, messages, asked)
    context = ResponseContext(
        conversation=conversation,
        profile=profile,
        messages=messages,
        reading=asked.reading,
        channel=asked.channel,
        results=results,
        brand=business.brand,
        verified=asked.verified,
        channel_name=next((i.display_name for i in profile.identities if i.channel is asked.channel), None),
    )
    context = replace(context, similarity=await _similarity(app, context))
    if app.language_model is not None:
        try:
            prompt = build_prompt(context)
            return context, from_completion(await app.language_model.complete(prompt.prompt), context, prompt)
        except SwitchboardError as error:
            log.warning("%s cannot write now, the built-in generator does: %s", app.language_model.name, error.detail)
    return context, compose(context)


async def _passages(
    app: App, messages: tuple[ConversationMessage, ...], asked: ConversationMessage
) -> tuple[KnowledgeResult, ...]:
    text = search_text(messages)
    own = asked.reading.embedding if asked.reading is not None and text == question(messages) else None
    alone = own if asked.content.words.strip() == text else None
    try:
        return await app.knowledge.search(text, alone)
    except SwitchboardError as error:
        log.warning("answering without the knowledge base: %s", error.detail)
        return ()


async def _similarity(app: App, context: ResponseContext) -> dict[str, float]:
    """Closeness of each candidate sentence to the question; empty when no embedder runs."""
    sentences = candidate_sentences(context)
    asked = question(context.messages)
    if not sentences or not asked:
        return {}
    try:
        vectors = await app.embedder.embed([asked, *sentences])
    except SwitchboardError:
        return {}
    target = vectors[0]
    return {
        sentence: max(0.0, sum(a * b for a, b in zip(target, vector, strict=True)))
        for sentence, vector in zip(sentences, vectors[1:], strict=True)
    }


async def check_draft(app: App, context: ResponseContext, draft: GeneratedResponse) -> Approval:
    """Validation, outside the model. Whose data the draft names is looked up among all customers."""
    recipient = context.profile.customer_id

    def checked(work: Work) -> Approval:
        def belongs_to_another(identifier: str) -> bool:
            owner = work.customers.knows_address(identifier)
            return owner is not None and owner != recipient

        return approve(draft, facts_for(context, draft, others=belongs_to_another))

    return await app.store.read(checked)


def _conclude(
    work: Work, app: App, job: Job, case: _Case, draft: GeneratedResponse, approval: Approval, business: Business
) -> None:
    if not work.jobs.finish(job):
        raise Conflict("another worker took this answer over")
    now = _case(work, job)
    if now is None or now.last_inbound != case.last_inbound:
        return  # overtaken while drafting: the newer message, or the person, has the word
    if approval.reply is None:
        _blocked(work, app, now, draft, approval, business)
    else:
        _send(work, app, now, approval.reply)


def _send(work: Work, app: App, case: _Case, reply: ApprovedReply) -> None:
    """Message, audit, count and outbox in one transaction: none without the others."""
    at = app.clock.now()
    state = case.conversation.state
    counted = replace(case.conversation, state=replace(state, automation_attempts=state.automation_attempts + 1))
    speech = Speech(
        text=reply.text, author=Author.AUTOMATION, channel=case.asked.channel, reply_to=case.asked.message_id
    )
    conversation, message = say(work, counted, speech, at)
    work.drafts.add(_record(case, reply.draft, approval_of(reply), DraftOrigin.AUTOMATION, app, message.message_id))
    work.audit.append(
        AuditEntry(
            at=at,
            actor="automation",
            action="reply_sent",
            target=message.message_id,
            customer_id=conversation.customer_id,
            conversation_id=conversation.conversation_id,
            details={
                "text": reply.text,
                "generator": reply.draft.generator,
                "prompt_version": reply.draft.prompt_version,
                "confidence": f"{reply.draft.confidence:.2f}",
                "sources": "; ".join(f"[{s.number}] {s.reference}" for s in reply.draft.sources),
                "checks": "; ".join(f"{c.name}: {'passed' if c.passed else 'failed'}" for c in reply.result.checks),
            },
        )
    )


def approval_of(reply: ApprovedReply) -> Approval:
    return Approval(result=reply.result, reply=reply)


def _blocked(
    work: Work, app: App, case: _Case, draft: GeneratedResponse, approval: Approval, business: Business
) -> None:
    """The draft stays inside, with the rule it broke, and a person answers (Properties 42, 44)."""
    at = app.clock.now()
    work.drafts.add(_record(case, draft, approval, DraftOrigin.BLOCKED, app, None))
    failed = [check.name for check in approval.result.checks if not check.passed]
    why = f"the automatic reply did not pass: {', '.join(failed) or 'validation'}"
    work.events.append(
        Event(
            type=EventType.REPLY_BLOCKED,
            at=at,
            conversation_id=case.conversation.conversation_id,
            customer_id=case.conversation.customer_id,
            message_id=case.asked.message_id,
            metrics={"confidence": draft.confidence},
            dimensions={"channel": case.asked.channel.value, "failed": ",".join(failed), "generator": draft.generator},
        )
    )
    unsure = failed == ["confidence"]
    hand_over(
        work,
        case.conversation,
        business,
        at,
        rule="reply_unsure" if unsure else "reply_blocked",
        why=why,
        escalate=True,
    )


def _record(
    case: _Case,
    draft: GeneratedResponse,
    approval: Approval,
    origin: DraftOrigin,
    app: App,
    sent_as: MessageId | None,
) -> DraftRecord:
    return DraftRecord(
        draft_id=new_id("drf"),
        conversation_id=case.conversation.conversation_id,
        customer_id=case.conversation.customer_id,
        message_id=case.asked.message_id,
        origin=origin,
        at=app.clock.now(),
        response=draft,
        validation=approval.result,
        sent_as=sent_as,
    )
