"""How urgency is summed up, and that every factor counts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from switchboard.domain.customer import CustomerValue
from switchboard.domain.reading import IntentCategory
from switchboard.urgency.score import UrgencySignals, aged_priority, score_urgency
from tests.properties import design_property

sentiments = st.integers(-1000, 1000).map(lambda thousandths: thousandths / 1000)
confidences = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


def signals() -> st.SearchStrategy[UrgencySignals]:
    return st.builds(
        UrgencySignals,
        sentiment=sentiments,
        intent=st.sampled_from(IntentCategory),
        intent_confidence=confidences,
        customer_value=st.sampled_from(CustomerValue),
        repeat_within_days=st.none() | st.floats(0, 60),
        time_sensitive=st.sampled_from([(), ("urgent",), ("asap", "immediately")]),
        after_hours=st.booleans(),
        waiting_s=st.integers(0, 200_000).map(float),
    )


class TestTheTable:
    def test_an_ordinary_question_scores_the_base(self) -> None:
        assert score_urgency(UrgencySignals()).score == 5

    @pytest.mark.parametrize(
        ("changed", "points"),
        [
            (UrgencySignals(sentiment=-0.51), 2),
            (UrgencySignals(sentiment=-0.5), 1),
            (UrgencySignals(sentiment=-0.3), 0),
            (UrgencySignals(sentiment=0.5), 0),
            (UrgencySignals(sentiment=0.51), -1),
            (UrgencySignals(intent=IntentCategory.ESCALATION), 3),
            (UrgencySignals(intent=IntentCategory.COMPLAINT), 2),
            (UrgencySignals(intent=IntentCategory.REQUEST), 1),
            (UrgencySignals(customer_value=CustomerValue.VIP), 2),
            (UrgencySignals(customer_value=CustomerValue.HIGH), 1),
            (UrgencySignals(repeat_within_days=7.0), 2),
            (UrgencySignals(repeat_within_days=7.1), 1),
            (UrgencySignals(repeat_within_days=30.1), 0),
            (UrgencySignals(time_sensitive=("asap",)), 2),
            (UrgencySignals(after_hours=True), 1),
        ],
    )
    def test_each_line_of_the_table_weighs_what_it_says(self, changed: UrgencySignals, points: int) -> None:
        assert score_urgency(changed).unclamped == 5 + points

    def test_the_reasons_are_told_in_words(self) -> None:
        score = score_urgency(UrgencySignals(sentiment=-0.9, intent=IntentCategory.COMPLAINT))
        assert "very unhappy" in score.reasoning
        assert "complaint (+2)" in score.reasoning

    def test_a_broken_sentiment_counts_as_even(self) -> None:
        assert score_urgency(UrgencySignals(sentiment=math.nan)).score == 5


class TestEveryMessage:
    @design_property(15)
    @settings(max_examples=100, deadline=None)
    @given(signals())
    def test_scores_from_one_to_ten(self, seen: UrgencySignals) -> None:
        """Feature: omnichannel-cx-platform, Property 15: Urgency Score Range"""
        urgency = score_urgency(seen)
        assert 1 <= urgency.score <= 10
        assert urgency.unclamped == sum(factor.contribution for factor in urgency.factors)
        assert urgency.score == urgency.unclamped or urgency.score in (1, 10)

    @design_property(8)
    @settings(max_examples=100, deadline=None)
    @given(signals(), st.integers(-1000, -501), st.integers(-500, 1000))
    def test_weighs_more_from_a_very_unhappy_customer(self, seen: UrgencySignals, low: int, high: int) -> None:
        """Feature: omnichannel-cx-platform, Property 8: Negative Sentiment Urgency Boost"""
        unhappy = score_urgency(replace(seen, sentiment=low / 1000))
        other = score_urgency(replace(seen, sentiment=high / 1000))
        assert unhappy.unclamped > other.unclamped
        assert unhappy.priority > other.priority
        assert unhappy.score > other.score or unhappy.score == 10

    @design_property(16)
    @settings(max_examples=200, deadline=None)
    @given(signals(), signals(), st.sampled_from(["sentiment", "intent", "customer_value", "time_sensitive"]))
    def test_never_ties_with_one_that_differs_in_a_single_factor(
        self, seen: UrgencySignals, other: UrgencySignals, factor: str
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 16: Multi-Factor Urgency Calculation"""
        assume(getattr(seen, factor) != getattr(other, factor))
        first, second = score_urgency(seen), score_urgency(replace(seen, **{factor: getattr(other, factor)}))
        assert first.priority != second.priority
        if first.unclamped != second.unclamped and all(1 < u.unclamped < 10 for u in (first, second)):
            assert first.score != second.score

    @design_property(16)
    @settings(max_examples=100, deadline=None)
    @given(signals())
    def test_is_ordered_by_each_factor_in_the_sensible_direction(self, seen: UrgencySignals) -> None:
        """Feature: omnichannel-cx-platform, Property 16: Multi-Factor Urgency Calculation (direction)"""
        values = [score_urgency(replace(seen, customer_value=value)).priority for value in CustomerValue]
        order = ["feedback", "inquiry", "request", "complaint", "escalation"]
        intents = [score_urgency(replace(seen, intent=IntentCategory(name))).priority for name in order]
        moods = [score_urgency(replace(seen, sentiment=mood / 10)).priority for mood in range(10, -11, -1)]
        waits = [score_urgency(replace(seen, waiting_s=wait)).priority for wait in (0.0, 1.0, 60.0, 3600.0, 1e6)]
        for rising in (values, intents, moods, waits):
            assert rising == sorted(set(rising))

    @settings(max_examples=100, deadline=None)
    @given(signals(), signals())
    def test_a_whole_point_is_never_outweighed_by_refinements(self, one: UrgencySignals, two: UrgencySignals) -> None:
        one, two = (replace(s, customer_value=CustomerValue.LOW) for s in (one, two))
        first, second = score_urgency(one), score_urgency(two)
        if first.unclamped > second.unclamped:
            assert first.priority > second.priority

    @design_property(18)
    @settings(max_examples=100, deadline=None)
    @given(signals(), st.floats(0, 7))
    def test_weighs_more_when_the_same_issue_comes_back_within_a_week(self, seen: UrgencySignals, days: float) -> None:
        """Feature: omnichannel-cx-platform, Property 18: Repeat Contact Urgency Increase"""
        first = score_urgency(replace(seen, repeat_within_days=None))
        again = score_urgency(replace(seen, repeat_within_days=days))
        assert again.unclamped == first.unclamped + 2
        assert again.priority > first.priority
        assert again.score > first.score or again.score == 10

    @design_property(19)
    @settings(max_examples=100, deadline=None)
    @given(signals(), st.sampled_from([value for value in CustomerValue if value is not CustomerValue.VIP]))
    def test_weighs_two_more_from_a_vip(self, seen: UrgencySignals, value: CustomerValue) -> None:
        """Feature: omnichannel-cx-platform, Property 19: VIP Customer Urgency Boost"""
        regular = score_urgency(replace(seen, customer_value=value))
        vip = score_urgency(replace(seen, customer_value=CustomerValue.VIP))
        assert vip.priority - regular.priority >= 2
        if value is not CustomerValue.HIGH:
            assert vip.unclamped - regular.unclamped == 2


class TestWaiting:
    def test_the_calmest_message_overtakes_the_most_urgent_newcomer_in_the_end(self) -> None:
        calm = score_urgency(UrgencySignals(sentiment=1.0, intent=IntentCategory.FEEDBACK)).priority
        assert aged_priority(calm, 4 * 3600) > 18

    def test_two_that_wait_keep_their_order(self) -> None:
        gaps = [aged_priority(8, 60 + later) - aged_priority(6, 300 + later) for later in (0, 600, 6000)]
        assert all(gap == pytest.approx(gaps[0]) for gap in gaps)
