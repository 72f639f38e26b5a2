"""Quiet conversations are put away after a day. They stay findable, and a new message wakes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from switchboard.conversations.archive import ArchiveSettings, due_for_archive
from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.event import Event, EventType
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.handover import drain_queue
from switchboard.ports.store import Work

AT_ONCE = 200


async def archive_quiet(app: App) -> int:
    """Archives what had no activity for the configured time; returns how many."""
    business = await app.business()
    now = app.clock.now()
    settings = ArchiveSettings(quiet_for=app.tempo.archive_after)
    archived = await app.store.write(lambda work: _archive(work, now, settings, business))
    if archived:
        app.hub.publish("events")
    return archived


def _archive(work: Work, now: datetime, settings: ArchiveSettings, business: Business) -> int:
    due = [
        (conversation, verdict)
        for conversation in work.conversations.inactive(now - settings.quiet_for, AT_ONCE)
        if (verdict := due_for_archive(conversation, now, settings)).due
    ]
    for conversation, verdict in due:
        _put_away(work, conversation, now, verdict.reason, unanswered=verdict.unanswered)
    if due:
        drain_queue(work, business, now)
    return len(due)


def _put_away(work: Work, conversation: Conversation, now: datetime, reason: str, *, unanswered: bool) -> None:
    agent_id = conversation.state.assigned_agent_id
    if agent_id is not None:
        work.agents.release(agent_id)
    work.queue.remove(conversation.conversation_id)
    state = replace(
        conversation.state, status=ConversationStatus.ARCHIVED, handler=Handler.NOBODY, assigned_agent_id=None
    )
    work.conversations.save(replace(conversation, state=state, archived_at=now, queued_at=None))
    work.events.append(
        Event(
            type=EventType.ARCHIVED,
            at=now,
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            dimensions={"reason": reason, "unanswered": "yes" if unanswered else "no"},
        )
    )
