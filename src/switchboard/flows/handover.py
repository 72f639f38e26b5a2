"""A person takes over: find the best one who is free, or queue and tell the customer how long; and serve the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.domain.agent import Agent
from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, DecisionId, new_id
from switchboard.domain.message import Author, ConversationMessage
from switchboard.domain.routing import AgentRequirements, CandidateVerdict, Decision, RoutingDecision, RuleTrace
from switchboard.domain.urgency import UrgencyScore
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.outgoing import Speech, say
from switchboard.ports.records import DecisionRecord, JobKind, QueueEntry
from switchboard.ports.store import Work
from switchboard.routing.agents import find_best_agent
from switchboard.routing.notices import wait_notice
from switchboard.routing.queue import estimate_wait, needs_of, order_queue
from switchboard.routing.requirements import requirements_for
from switchboard.routing.rules import RouteVerdict, to_decision

LONGEST_QUEUE_LOOK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The conversation as saved and the decision that was recorded."""

    conversation: Conversation
    decision: RoutingDecision


def hand_over(
    work: Work,
    conversation: Conversation,
    business: Business,
    now: datetime,
    *,
    rule: str,
    why: str,
    escalate: bool,
    tell_customer: bool = True,
) -> Handover:
    """Automation is out: for a reason that is not a new message (a blocked reply, a failed delivery, a dead letter)."""
    verdict = RouteVerdict(
        automate=False, rule=rule, reasoning=f"{why[:1].upper()}{why[1:]}.", escalated=escalate,
        trace=(RuleTrace(rule=rule, fired=True, detail=why),),
    )  # fmt: skip
    return to_person(work, conversation, verdict, business, now, tell_customer=tell_customer)


def undelivered(work: Work, message: ConversationMessage, business: Business, why: str, now: datetime) -> None:
    """What automation could not deliver becomes a person's matter."""
    conversation = work.conversations.get(message.conversation_id)
    if message.author is Author.AUTOMATION and conversation is not None and conversation.is_open:
        hand_over(
            work, conversation, business, now, rule="delivery_failed",
            why=f"an automatic message could not be delivered: {why}", escalate=False, tell_customer=False,
        )  # fmt: skip


def to_person(
    work: Work,
    conversation: Conversation,
    verdict: RouteVerdict,
    business: Business,
    now: datetime,
    *,
    urgency: UrgencyScore | None = None,
    asked: ConversationMessage | None = None,
    profile: CustomerProfile | None = None,
    tell_customer: bool = True,
) -> Handover:
    """Assigns the best free person, or queues. Whoever already has the conversation keeps it. ``asked`` is the message
    that led here, ``profile`` its writer's, where they are at hand."""
    message_id = asked.message_id if asked is not None else None
    needs = needed(conversation, verdict, business, profile or work.customers.standing(conversation.customer_id))
    state = replace(conversation.state, escalated=conversation.state.escalated or verdict.escalated)
    conversation = replace(conversation, state=state, required_skills=tuple(sorted(needs.skills)))
    work.jobs.drop(conversation.conversation_id, JobKind.ANSWER)
    if conversation.state.assigned_agent_id is not None:
        decision = _stays(work, conversation, verdict, needs)
        conversation = record(work, work.conversations.save(decided(conversation)), decision, now, urgency, message_id)
        return Handover(conversation=conversation, decision=decision)
    agent, candidates = reserve_best(work, needs, business, now)
    if agent is not None:
        decision = to_decision(verdict, requirements=needs, candidates=candidates)
        conversation = work.conversations.save(decided(with_agent(conversation, agent.agent_id)))
        work.queue.remove(conversation.conversation_id)
        conversation = record(work, conversation, decision, now, urgency, message_id)
        _note_assigned(work, conversation, agent.agent_id, now, verdict.rule)
        return Handover(conversation=conversation, decision=decision)
    return _enqueue(work, conversation, verdict, needs, candidates, business, now, urgency, asked, tell_customer)


def needed(
    conversation: Conversation, verdict: RouteVerdict, business: Business, profile: CustomerProfile | None
) -> AgentRequirements:
    """What whoever answers must have, and whom the customer knows."""
    preferred = verdict.agent_id or (profile.last_agent_id if profile else None)
    return requirements_for(
        topic=conversation.topic,
        language=conversation.language,
        urgency=conversation.state.urgency_score,
        settings=business.skills,
        rule_skills=verdict.skills,
        preferred_agent_id=AgentId(preferred) if preferred else None,
    )


def reserve_best(
    work: Work, needs: AgentRequirements, business: Business, now: datetime
) -> tuple[Agent | None, tuple[CandidateVerdict, ...]]:
    """The best free person with a place surely taken; somebody whose last place went to a rival is passed over."""
    agents = list(work.agents.all())
    while True:
        agent, candidates = find_best_agent(needs, agents, now, business.match)
        if agent is None or work.agents.reserve(agent.agent_id):
            return agent, candidates
        agents = [replace(a, current_workload=a.max_workload) if a.agent_id == agent.agent_id else a for a in agents]


def with_agent(conversation: Conversation, agent_id: AgentId) -> Conversation:
    state = replace(
        conversation.state, status=ConversationStatus.ACTIVE, handler=Handler.AGENT, assigned_agent_id=agent_id
    )
    return replace(conversation, state=state, queued_at=None)


def drain_queue(work: Work, business: Business, now: datetime) -> int:
    """Somebody has a free place: the head of the queue whom they can serve goes to them at once, and so on."""
    served = 0
    agents_full = not any(a.current_workload < a.max_workload for a in work.agents.all())
    if agents_full:
        return 0
    for entry in order_queue(work.queue.entries(LONGEST_QUEUE_LOOK), now, business.queue):
        conversation = work.conversations.get(entry.conversation_id)
        if conversation is None or not conversation.is_open:
            work.queue.remove(entry.conversation_id)
            continue
        profile = work.customers.standing(conversation.customer_id)
        preferred = AgentId(profile.last_agent_id) if profile and profile.last_agent_id else None
        needs = replace(needs_of(entry), preferred_agent_id=preferred, topic=entry.topic, urgency=entry.urgency_score)
        agent, candidates = reserve_best(work, needs, business, now)
        if agent is not None:
            _serve(work, conversation, agent, candidates, needs, entry, now)
            served += 1
    return served


async def serve_queue(app: App) -> int:
    """The timer's way of draining: shifts begin, rivals die, nobody waits for an event that never comes."""
    business = await app.business()
    now = app.clock.now()
    if not await app.store.read(lambda work: work.queue.depth()):
        return 0
    served = await app.store.write(lambda work: drain_queue(work, business, now))
    if served:
        app.hub.publish("events")
    return served


def _serve(
    work: Work,
    conversation: Conversation,
    agent: Agent,
    candidates: Sequence[CandidateVerdict],
    needs: AgentRequirements,
    entry: QueueEntry,
    now: datetime,
) -> None:
    waited = max(0.0, (now - entry.queued_at).total_seconds())
    verdict = RouteVerdict(
        automate=False,
        rule="next_in_queue",
        reasoning=f"First in the queue that {agent.name} can serve, after {waited / 60:.0f} min.",
        escalated=conversation.state.escalated,
        trace=(RuleTrace(rule="next_in_queue", fired=True, detail=f"priority {entry.priority:.2f}"),),
    )
    work.queue.remove(conversation.conversation_id)
    conversation = work.conversations.save(decided(with_agent(conversation, agent.agent_id)))
    decision = to_decision(verdict, requirements=needs, candidates=candidates)
    conversation = record(work, conversation, decision, now, None, None)
    _note_assigned(work, conversation, agent.agent_id, now, "next_in_queue", waited=waited)


def _stays(work: Work, conversation: Conversation, verdict: RouteVerdict, needs: AgentRequirements) -> RoutingDecision:
    agent_id = conversation.state.assigned_agent_id
    agent = work.agents.get(agent_id) if agent_id else None
    chosen = CandidateVerdict(
        agent_id=AgentId(agent_id or ""),
        name=agent.name if agent else "the assigned person",
        chosen=True,
        score=None,
        reasons=("already has this conversation",),
    )
    return to_decision(verdict, requirements=needs, candidates=(chosen,))


def _enqueue(
    work: Work,
    conversation: Conversation,
    verdict: RouteVerdict,
    needs: AgentRequirements,
    candidates: tuple[CandidateVerdict, ...],
    business: Business,
    now: datetime,
    urgency: UrgencyScore | None,
    asked: ConversationMessage | None,
    tell_customer: bool,
) -> Handover:
    entry = QueueEntry(
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        priority=conversation.state.priority,
        urgency_score=conversation.state.urgency_score,
        queued_at=conversation.queued_at or now,
        required_skills=needs.skills,
        language=needs.language,
        topic=conversation.topic,
    )
    told = tell_customer and conversation.queued_at is None and not (asked and "no_answer" in asked.metadata)
    work.queue.put(entry)
    ahead = work.queue.ahead_of(entry, business.queue.s_per_point)
    wait = estimate_wait(ahead, needs, work.agents.all(), handling_times(work), now, business.queue)
    decision = to_decision(verdict, requirements=needs, candidates=candidates, estimated_wait_s=wait)
    state = replace(conversation.state, status=ConversationStatus.ACTIVE, handler=Handler.QUEUE)
    conversation = decided(replace(conversation, state=state, queued_at=entry.queued_at))
    if not told:  # else it is saved with what is said
        conversation = work.conversations.save(conversation)
    conversation = record(work, conversation, decision, now, urgency, asked.message_id if asked else None)
    work.events.note(_queued(conversation, now, wait, verdict))
    if told:
        notice = wait_notice(conversation.language or "en", wait)
        speech = Speech(text=notice, author=Author.AUTOMATION, answers=False, asked=asked, metadata={"notice": "wait"})
        conversation, _ = say(work, conversation, speech, now)
    return Handover(conversation=conversation, decision=decision)


def handling_times(work: Work) -> tuple[float, ...]:
    """Seconds from assignment to resolution of what people resolved last."""
    found = (event.metrics.get("handling_s") for event in work.events.recent(EventType.RESOLUTION, 100))
    return tuple(seconds for seconds in found if seconds is not None)


def decided(conversation: Conversation) -> Conversation:
    """The conversation with the id of the decision that is about to be recorded; save it, then ``record``."""
    return replace(conversation, last_decision_id=DecisionId(new_id("dec")))


def record(
    work: Work,
    conversation: Conversation,
    decision: RoutingDecision,
    now: datetime,
    urgency: UrgencyScore | None,
    message_id: str | None,
) -> Conversation:
    """Stores the decision with all its reasons, and what it means for the counts."""
    score = urgency or UrgencyScore(
        score=conversation.state.urgency_score,
        unclamped=conversation.state.urgency_score,
        priority=conversation.state.priority,
        factors=(),
    )
    decision_id = conversation.last_decision_id or DecisionId(new_id("dec"))
    work.decisions.add(
        DecisionRecord(
            decision_id=decision_id,
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            message_id=message_id,  # type: ignore[arg-type]  # ids of messages travel as plain strings in jobs
            at=now,
            decision=decision,
            urgency=score,
        )
    )
    codes = {"decision": decision.decision.value, "rule": decision.rule, "decision_id": decision_id}
    if decision.pattern:
        codes["pattern"] = decision.pattern
    work.events.note(_event(EventType.ROUTED, conversation, now, {"urgency": float(score.score)}, codes))
    if decision.escalated and decision.decision is not Decision.AUTOMATE:
        reason = decision.rule.replace("_", " ")
        work.events.note(_event(EventType.ESCALATION, conversation, now, {}, {"reason": reason, "rule": decision.rule}))
    return conversation


def _note_assigned(
    work: Work, conversation: Conversation, agent_id: AgentId, now: datetime, rule: str, *, waited: float | None = None
) -> None:
    metrics = {} if waited is None else {"waited_s": waited}
    work.events.note(_event(EventType.ASSIGNED, conversation, now, metrics, {"agent_id": agent_id, "rule": rule}))


def note_assigned(work: Work, conversation: Conversation, agent_id: AgentId, now: datetime, rule: str) -> None:
    """For assignments by hand."""
    _note_assigned(work, conversation, agent_id, now, rule)


def _queued(conversation: Conversation, now: datetime, wait: float | None, verdict: RouteVerdict) -> Event:
    metrics = {"priority": conversation.state.priority}
    if wait is not None:
        metrics["estimated_wait_s"] = wait
    return _event(EventType.QUEUED, conversation, now, metrics, {"rule": verdict.rule})


def _event(
    kind: EventType, conversation: Conversation, now: datetime, metrics: dict[str, float], codes: dict[str, str]
) -> Event:
    shared = {"topic": conversation.topic, "intent": conversation.intent, "language": conversation.language}
    channel = conversation.last_channel.value if conversation.last_channel else None
    known = {k: v for k, v in {**shared, "channel": channel}.items() if v}
    return Event(
        type=kind,
        at=now,
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        metrics=metrics,
        dimensions={**known, **codes},
    )
