"""The queue as it stands: who waits, in which order, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from switchboard.flows.business import Business
from switchboard.flows.handover import LONGEST_QUEUE_LOOK, handling_times
from switchboard.ports.records import QueueEntry
from switchboard.ports.store import Work
from switchboard.routing.queue import estimate_wait, needs_of, order_queue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """``entries`` in serving order, each with its estimated wait in seconds (None: nobody can tell)."""

    total_queued: int
    average_wait_s: float
    queued_by_urgency: Mapping[int, int]
    entries: tuple[tuple[QueueEntry, float | None], ...]


def queue_status(work: Work, business: Business, now: datetime) -> QueueStatus:
    entries = order_queue(work.queue.entries(LONGEST_QUEUE_LOOK), now, business.queue)
    agents, times = work.agents.all(), handling_times(work)
    waits = [max(0.0, (now - entry.queued_at).total_seconds()) for entry in entries]
    return QueueStatus(
        total_queued=work.queue.depth(),
        average_wait_s=sum(waits) / len(waits) if waits else 0.0,
        queued_by_urgency=Counter(entry.urgency_score for entry in entries),
        entries=tuple(
            (entry, estimate_wait(place, needs_of(entry), agents, times, now, business.queue))
            for place, entry in enumerate(entries)
        ),
    )
