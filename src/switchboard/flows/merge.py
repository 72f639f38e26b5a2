"""Two customers turn out to be one person; or they turn out not to be. Nothing is lost either way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from switchboard.domain.conversation import OPEN, Conversation, ConversationStatus, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import CustomerId, new_id
from switchboard.errors import InvalidInput, NotFound
from switchboard.ports.records import AuditEntry, MergeRecord
from switchboard.ports.store import Work


def merge_customers(
    work: Work, *, kept: CustomerId, merged: CustomerId, actor: str, evidence: str, now: datetime
) -> CustomerId:
    """Everything of ``merged`` becomes ``kept``'s; of two open conversations the calmer is resolved into the other."""
    kept, merged = work.customers.current(kept), work.customers.current(merged)
    if kept == merged:
        return kept
    for customer_id in (kept, merged):
        if work.customers.brief(customer_id) is None:
            raise NotFound(f"no customer {customer_id}")
    _leave_one_open(work, kept, merged, now)
    record = work.customers.merge(
        MergeRecord(merge_id=new_id("mrg"), kept=kept, merged=merged, at=now, actor=actor, evidence=evidence)
    )
    _carry_over(work, kept, merged)
    _tell(work, record, EventType.CUSTOMER_MERGED, now)
    return kept


def unmerge_customers(work: Work, merge_id: str, *, actor: str, now: datetime) -> MergeRecord:
    """Undoes a merge: what moved goes back, and the other person is a customer again."""
    record = work.customers.unmerge(merge_id, now)
    _tell(work, replace(record, actor=actor), EventType.CUSTOMER_UNMERGED, now)
    return record


def _leave_one_open(work: Work, kept: CustomerId, merged: CustomerId, now: datetime) -> None:
    first, second = work.conversations.open_for(kept), work.conversations.open_for(merged)
    if first is None or second is None:
        return
    stays, goes = (first, second) if first.state.priority >= second.state.priority else (second, first)
    close_into(work, goes, stays, now)


def close_into(work: Work, goes: Conversation, stays: Conversation, now: datetime) -> None:
    """Closes one of two open conversations of the same person; its messages stay in the customer's timeline."""
    if goes.state.assigned_agent_id is not None:
        work.agents.release(goes.state.assigned_agent_id)
    work.queue.remove(goes.conversation_id)
    state = replace(goes.state, status=ConversationStatus.RESOLVED, handler=Handler.NOBODY, assigned_agent_id=None)
    work.conversations.save(replace(goes, state=state, resolved_at=now, needs_reply_since=None, queued_at=None))
    if stays.state.status not in OPEN:
        raise InvalidInput("the remaining conversation is not open", field="conversation_id")
    waiting = [at for at in (stays.needs_reply_since, goes.needs_reply_since) if at is not None]
    work.conversations.save(
        replace(
            stays,
            needs_reply_since=min(waiting, default=None),
            channels=tuple(dict.fromkeys((*stays.channels, *goes.channels))),
        )
    )


def _carry_over(work: Work, kept: CustomerId, merged: CustomerId) -> None:
    """Fills what the kept profile lacks; never overwrites."""
    mine, theirs = work.customers.brief(kept), work.customers.brief(merged)
    if mine is None or theirs is None:
        return
    work.customers.save(
        replace(
            mine,
            name=mine.name or theirs.name,
            email=mine.email or theirs.email,
            phone=mine.phone or theirs.phone,
            language=mine.language or theirs.language,
            location=mine.location or theirs.location,
            preferred_channel=mine.preferred_channel or theirs.preferred_channel,
            preferences={**theirs.preferences, **mine.preferences},
        )
    )


def _tell(work: Work, record: MergeRecord, what: EventType, now: datetime) -> None:
    work.events.append(
        Event(
            type=what,
            at=now,
            customer_id=record.kept,
            dimensions={"merge_id": record.merge_id, "merged": record.merged, "actor": record.actor},
        )
    )
    work.audit.append(
        AuditEntry(
            at=now,
            actor=record.actor,
            action=what.value,
            target=record.kept,
            details={"merge_id": record.merge_id, "merged": record.merged, "evidence": record.evidence},
        )
    )
