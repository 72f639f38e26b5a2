"""What cannot be processed goes to the dead letters, in plain sight, and its conversation to a person."""

from __future__ import annotations

from switchboard.domain.event import Event, EventType
from switchboard.errors import NotFound
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.handover import hand_over
from switchboard.flows.media import give_up
from switchboard.ports.records import AuditEntry, Job, JobKind
from switchboard.ports.store import Work


async def bury_job(app: App, job: Job, reason: str) -> None:
    """After the last retry: keeps the job with its errors and flags the conversation for a human."""
    business = await app.business()
    await app.store.write(lambda work: _bury(work, app, job, reason, business))
    app.hub.publish("events")


def _bury(work: Work, app: App, job: Job, reason: str, business: Business) -> None:
    now = app.clock.now()
    letter = work.jobs.bury(job, reason, now)
    if job.kind is JobKind.UNDERSTAND and job.message_id is not None:
        work.messages.set_processing_dead(job.message_id)
    if job.kind is JobKind.MEDIA and job.message_id is not None:
        give_up(work, app, job.message_id)
    conversation = work.conversations.get(job.conversation_id) if job.conversation_id else None
    work.events.append(
        Event(
            type=EventType.DEAD_LETTER,
            at=now,
            conversation_id=job.conversation_id,
            customer_id=conversation.customer_id if conversation else None,
            message_id=job.message_id,
            dimensions={"kind": job.kind.value, "dead_letter_id": letter.dead_letter_id},
        )
    )
    if conversation is not None and conversation.is_open and job.kind in (JobKind.UNDERSTAND, JobKind.ANSWER):
        why = "a message could not be processed and waits in the dead letters"
        hand_over(work, conversation, business, now, rule="dead_letter", why=why, escalate=True, tell_customer=False)


async def replay_dead_letter(app: App, dead_letter_id: str, actor: str) -> bool:
    """Back into the queue. Replaying twice has one effect: the second answer is False. Raises ``NotFound``."""

    def replay(work: Work) -> bool:
        if work.jobs.dead_letter(dead_letter_id) is None:
            raise NotFound(f"no dead letter {dead_letter_id}")
        done = work.jobs.replay(dead_letter_id, app.clock.now())
        if done:
            work.audit.append(
                AuditEntry(at=app.clock.now(), actor=actor, action="dead_letter_replayed", target=dead_letter_id)
            )
        return done

    done = await app.store.write(replay)
    for topic in ("work", "answers", "outbox", "deliveries"):
        app.hub.publish(topic)
    return done


async def discard_dead_letter(app: App, dead_letter_id: str, actor: str) -> bool:
    """Puts it aside for good; it stays visible as discarded. Raises ``NotFound``."""

    def discard(work: Work) -> bool:
        if work.jobs.dead_letter(dead_letter_id) is None:
            raise NotFound(f"no dead letter {dead_letter_id}")
        done = work.jobs.discard(dead_letter_id)
        if done:
            work.audit.append(
                AuditEntry(at=app.clock.now(), actor=actor, action="dead_letter_discarded", target=dead_letter_id)
            )
        return done

    return await app.store.write(discard)
