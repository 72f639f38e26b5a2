"""The report on understanding: how sure, how changed, how often corrected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from switchboard.analytics.understanding import Drift, stability_index, understanding_report
from switchboard.domain.event import Event, EventType

END = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = timedelta(days=7)


def understood(at: datetime, intent: str, confidence: float = 0.9, model: str = "one") -> Event:
    return Event(
        type=EventType.MESSAGE_UNDERSTOOD,
        at=at,
        metrics={"confidence": confidence, "sentiment": 0.0, "unknown_words": 0.05},
        dimensions={"intent": intent, "topic": "general", "language": "en", "source": "model", "model": model},
    )


def corrected(message: str, was: str, really: str, minute: int = 0) -> Event:
    changed = "" if was == really else "intent"
    return Event(
        type=EventType.READING_CORRECTED,
        at=END - timedelta(hours=5) + timedelta(minutes=minute),
        message_id=message,
        dimensions={"was_intent": was, "intent": really, "changed": changed, "model": "one"},
    )


def spread(start: datetime, count: int, intent: str, confidence: float = 0.9) -> list[Event]:
    return [understood(start + timedelta(minutes=n), intent, confidence) for n in range(count)]


class TestTheMix:
    def test_that_stays_the_same_is_stable(self) -> None:
        same = [*spread(END - 2 * WEEK, 200, "inquiry"), *spread(END - WEEK, 300, "inquiry")]

        assert {c.verdict for c in understanding_report(same, END - WEEK, END).drift} == {Drift.STABLE}

    def test_that_turns_from_questions_to_complaints_has_drifted(self) -> None:
        events = [*spread(END - 2 * WEEK, 200, "inquiry"), *spread(END - WEEK, 200, "complaint", confidence=0.6)]
        verdicts = {c.of: c.verdict for c in understanding_report(events, END - WEEK, END).drift}

        assert (verdicts["intents"], verdicts["confidence"]) == (Drift.DRIFTED, Drift.DRIFTED)
        assert verdicts["topics"] is Drift.STABLE

    def test_of_a_handful_of_messages_says_nothing(self) -> None:
        events = [*spread(END - 2 * WEEK, 5, "inquiry"), *spread(END - WEEK, 5, "complaint")]

        assert {c.verdict for c in understanding_report(events, END - WEEK, END).drift} == {Drift.TOO_FEW}

    @given(
        st.dictionaries(st.sampled_from("abcde"), st.floats(0, 1)),
        st.dictionaries(st.sampled_from("abcde"), st.floats(0, 1)),
    )
    def test_index_is_never_negative_and_the_same_both_ways(
        self, now: dict[str, float], before: dict[str, float]
    ) -> None:
        assert stability_index(now, before) >= 0
        assert stability_index(now, before) == stability_index(before, now)


class TestCorrections:
    def test_count_each_message_once_with_the_last_word(self) -> None:
        events = [
            corrected("m1", "request", "complaint"),
            corrected("m2", "inquiry", "inquiry"),
            corrected("m1", "request", "request", minute=1),
            corrected("m3", "inquiry", "complaint"),
        ]
        found = understanding_report(events, END - WEEK, END).corrections

        assert (found.checked, found.right_share) == (3, 2 / 3)
        assert found.mistaken == (("inquiry", "complaint", 1),)


class TestTwoModels:
    def test_on_the_same_traffic_are_told_apart(self) -> None:
        events = [understood(END - timedelta(hours=n % 9 + 1), "inquiry", 0.9, "ab"[n % 2]) for n in range(10)]
        report = understanding_report(events, END - WEEK, END)

        assert [(m.model, m.reading.messages) for m in report.models] == [("a", 5), ("b", 5)]

    def test_nothing_at_all_has_no_means(self) -> None:
        report = understanding_report([], END - WEEK, END)

        assert (report.now.messages, report.now.confidence, report.models) == (0, None, ())
