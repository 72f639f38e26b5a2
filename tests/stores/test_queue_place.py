"""The place that the database counts is the place that the rules would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.engines.clock import SystemClock
from switchboard.ports.records import QueueEntry
from switchboard.ports.store import Work
from switchboard.routing.queue import QueueSettings, place_in_queue
from switchboard.stores import open_sqlite

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PACE = QueueSettings().s_per_point
waiting = st.lists(st.tuples(st.integers(2, 20), st.integers(0, 6)), min_size=1, max_size=12)


def entry(number: int, half_points: int, waited: int) -> QueueEntry:
    """Waits in steps that make ties with priorities likely."""
    return QueueEntry(
        conversation_id=ConversationId(f"c{number}"),
        customer_id=CustomerId(f"u{number}"),
        priority=half_points / 2,
        urgency_score=half_points // 2,
        queued_at=NOW - timedelta(seconds=waited * PACE / 2),
        required_skills=frozenset(),
        language="en",
        topic=None,
    )


class TestThePlaceInTheQueue:
    @given(waiting)
    @settings(max_examples=100, deadline=None)
    async def test_is_the_one_that_the_rules_give(self, found: list[tuple[int, int]]) -> None:
        entries = [entry(number, *each) for number, each in enumerate(found)]
        store = open_sqlite(None, bytes(32), SystemClock())

        def ahead(work: Work) -> list[int]:
            for each in entries:
                work.queue.put(each)
            return [work.queue.ahead_of(each, PACE) for each in entries]

        counted = await store.write(ahead)
        await store.close()

        assert counted == [place_in_queue(each, entries, NOW) for each in entries]
