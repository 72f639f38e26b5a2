"""Mood over a conversation, its highlights, and the same issue coming back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.conversations.highlights import HighlightKind, find_highlights, highlighted_messages
from switchboard.conversations.repeat import Matter, RepeatSettings, find_repeat
from switchboard.conversations.trend import sentiment_drops, sentiment_trend
from switchboard.domain.conversation import Trend
from switchboard.domain.event import Event, EventType
from tests.conversations.builders import NOW, ago, points
from tests.properties import design_property

hundredths = st.lists(st.integers(-100, 100), max_size=12)


class TestTheMoodOfAConversation:
    @design_property(9)
    @settings(max_examples=100, deadline=None)
    @given(hundredths)
    def test_keeps_every_score_with_its_time(self, scores: list[int]) -> None:
        """Feature: omnichannel-cx-platform, Property 9: Sentiment History Tracking"""
        seen = points([score / 100 for score in scores])
        trend = sentiment_trend(seen)
        assert trend.history == seen
        if len(scores) > 1 and scores == sorted(scores) and scores[-1] - scores[0] >= 60 and len(scores) <= 5:
            assert trend.overall is not Trend.DECLINING

    @design_property(9)
    @settings(max_examples=100, deadline=None)
    @given(st.integers(-100, 100), st.integers(-40, 40), st.integers(2, 9))
    def test_tells_where_a_steady_change_leads(self, start: int, step: int, count: int) -> None:
        """Feature: omnichannel-cx-platform, Property 9: Sentiment History Tracking (trend)"""
        seen = points([(start + step * place) / 100 for place in range(count)])
        change = step * (min(count, 5) - 1)
        expected = Trend.STABLE if abs(change) < 20 else Trend.IMPROVING if change > 0 else Trend.DECLINING
        if abs(change) != 20:  # on the very edge, rounding decides
            assert sentiment_trend(seen).overall is expected

    @design_property(10)
    @settings(max_examples=200, deadline=None)
    @given(hundredths)
    def test_shows_deterioration_exactly_when_it_fell_by_more_than_three_tenths(self, scores: list[int]) -> None:
        """Feature: omnichannel-cx-platform, Property 10: Sentiment Deterioration Detection"""
        trend = sentiment_trend(points([score / 100 for score in scores]))
        falls = [before - after > 30 for before, after in pairwise(scores)]
        assert trend.deterioration_detected == any(falls)
        twice = falls[-2:] == [True, True]
        below = len(scores) > 1 and scores[-1] < -50 and (falls[-1] or scores[-2] >= -50)
        assert (trend.escalate is not None) == (twice or below)

    def test_is_not_alarming_when_it_was_low_from_the_first_word(self) -> None:
        assert sentiment_trend(points([-0.9])).escalate is None

    def test_falling_below_the_line_escalates_with_the_numbers(self) -> None:
        assert "from 0.10 to -0.60" in (sentiment_trend(points([0.1, -0.6])).escalate or "")

    def test_an_old_fall_alarms_nobody_any_more(self) -> None:
        trend = sentiment_trend(points([0.5, -0.6, 0.2]))
        assert trend.escalate is None
        assert trend.deterioration_detected
        assert trend.drop == 0.0

    def test_exactly_three_tenths_is_no_deterioration(self) -> None:
        assert not sentiment_drops(points([0.1, -0.2]))


class TestHighlights:
    @design_property(35)
    @settings(max_examples=100, deadline=None)
    @given(hundredths, st.lists(st.sampled_from(EventType), max_size=10))
    def test_mark_escalations_falls_and_resolutions(self, scores: list[int], types: list[EventType]) -> None:
        """Feature: omnichannel-cx-platform, Property 35: Key Event Highlighting"""
        events = [Event(type=kind, at=NOW + timedelta(seconds=place)) for place, kind in enumerate(types)]
        found = find_highlights(points([score / 100 for score in scores]), events)
        falls = {f"msg_{place + 1}" for place, (a, b) in enumerate(pairwise(scores)) if a - b > 30}
        assert highlighted_messages(found) == falls
        for kind in (EventType.ESCALATION, EventType.RESOLUTION):
            assert sum(h.kind.value == kind.value for h in found) == types.count(kind)
        assert [h.at for h in found] == sorted(h.at for h in found)

    def test_say_why(self) -> None:
        escalated = Event(
            type=EventType.ESCALATION, at=NOW, message_id="m", dimensions={"reason": "asked for a person"}
        )
        (highlight,) = find_highlights((), [escalated])
        assert highlight.kind is HighlightKind.ESCALATION
        assert highlight.detail == "Handed to a person: asked for a person"


@dataclass(frozen=True)
class Earlier:
    message_id: str
    at: datetime
    intent: str = "complaint"
    topic: str = "delivery_fulfilment"
    embedding: tuple[float, ...] = ()


PARCEL = Matter(intent="complaint", topic="delivery_fulfilment", embedding=(0.6, 0.8), message_id="now")


class TestTheSameIssueAgain:
    def test_is_recognised_by_intent_and_topic(self) -> None:
        verdict = find_repeat(PARCEL, [Earlier("m", ago(48))], NOW)
        assert verdict.days == pytest.approx(2)
        assert "delivery_fulfilment" in verdict.reason

    def test_is_recognised_by_meaning(self) -> None:
        near = Earlier("m", ago(24), intent="inquiry", topic="general", embedding=(0.62, 0.785))
        far = Earlier("f", ago(12), intent="inquiry", topic="general", embedding=(0.8, -0.6))
        assert find_repeat(PARCEL, [near, far], NOW).message_id == "m"

    def test_the_latest_counts(self) -> None:
        assert find_repeat(PARCEL, [Earlier("old", ago(480)), Earlier("new", ago(24))], NOW).message_id == "new"

    def test_neither_the_message_itself_nor_old_ones_count(self) -> None:
        assert not find_repeat(PARCEL, [Earlier("now", NOW), Earlier("old", ago(31 * 24))], NOW).is_repeat

    def test_pieces_of_one_contact_can_be_left_out(self) -> None:
        settings = RepeatSettings(ignore_within=timedelta(hours=1))
        assert not find_repeat(PARCEL, [Earlier("m", ago(0.5))], NOW, settings).is_repeat

    def test_an_unknown_topic_matches_nothing(self) -> None:
        assert not find_repeat(Matter(intent="complaint", topic=None), [Earlier("m", ago(1))], NOW).is_repeat
