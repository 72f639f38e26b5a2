"""Numbers computed from events: each test counts again by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.analytics.projections import (
    CostSettings,
    agent_metrics,
    cost_savings,
    daily_report,
    day_bounds,
    fold_dashboard,
    measure,
    trending_topics,
)
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.errors import InvalidInput
from tests.properties import design_property

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
TOPICS = ["billing_payment", "delivery_fulfilment", "general"]


def event(
    kind: EventType,
    minute: float = 0,
    conversation: str | None = "c1",
    metrics: dict[str, float] | None = None,
    **codes: str,
) -> Event:
    return Event(
        type=kind,
        at=MIDNIGHT + timedelta(minutes=minute),
        conversation_id=ConversationId(conversation) if conversation else None,
        customer_id=CustomerId("cus"),
        metrics=metrics or {},
        dimensions=codes,
        sequence=int(minute * 60),
    )


R, S = EventType.MESSAGE_RECEIVED, EventType.MESSAGE_SENT


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Any order of events over three days: also nonsense ones, since projections must survive them."""
    happened = []
    for minute in sorted(draw(st.lists(st.integers(-1440, 2879), max_size=30))):
        kind = draw(st.sampled_from(EventType))
        codes = {
            "channel": draw(st.sampled_from(["email", "whatsapp"])),
            "topic": draw(st.sampled_from(TOPICS)),
            "by": draw(st.sampled_from(["agent", "automation"])),
        }
        if codes["by"] == "agent" or kind is EventType.ASSIGNED:
            codes["agent_id"] = draw(st.sampled_from(["ana", "ben"]))
        metrics = {"sentiment": draw(st.integers(-10, 10)) / 10} if kind is EventType.MESSAGE_UNDERSTOOD else {}
        happened.append(event(kind, minute, draw(st.sampled_from(["c1", "c2", "c3"])), metrics, **codes))
    return happened


def of_the_day(happened: list[Event]) -> list[Event]:
    return [e for e in happened if e.at.date() == DAY]


class TestTheDailyReport:
    @design_property(47)
    @settings(max_examples=150, deadline=None)
    @given(histories())
    def test_has_volume_mood_and_people_of_exactly_that_day(self, happened: list[Event]) -> None:
        """Feature: omnichannel-cx-platform, Property 47: Daily Report Generation"""
        report = daily_report(happened, DAY)
        today = of_the_day(happened)
        received = [e for e in today if e.type is R]
        moods = [e.metrics["sentiment"] for e in today if e.type is EventType.MESSAGE_UNDERSTOOD]
        assert report.volume.messages_in == len(received) == sum(report.volume.by_hour.values())
        assert report.volume.conversations == len({e.conversation_id for e in received})
        assert report.volume.by_channel == Counter(e.dimensions["channel"] for e in received)
        assert (report.sentiment.mean is None) == (not moods)
        if moods:
            assert report.sentiment.mean == pytest.approx(sum(moods) / len(moods))
            assert report.sentiment.negative_share == sum(m <= -0.25 for m in moods) / len(moods)
        assert report.outcomes.escalations == sum(e.type is EventType.ESCALATION for e in today)
        senders = {e.dimensions["agent_id"] for e in today if e.type is S and e.dimensions["by"] == "agent"}
        assert senders <= {agent.agent_id for agent in report.agents}
        for agent in report.agents:
            own = [e for e in today if e.type is S and e.dimensions.get("agent_id") == agent.agent_id]
            assert agent.messages_sent == sum(e.dimensions["by"] == "agent" for e in own)

    def test_of_an_empty_day_is_a_report_too(self) -> None:
        report = daily_report([], DAY)
        assert (report.volume.messages_in, report.sentiment.mean, report.agents) == (0, None, ())

    def test_follows_the_business_time_zone_through_the_change_of_clocks(self) -> None:
        start, end = day_bounds(date(2026, 10, 25), "Europe/Berlin")
        assert end - start == timedelta(hours=25)
        late = Event(type=R, at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC), conversation_id=ConversationId("c"))
        assert daily_report([late], DAY, zone="Europe/Berlin").volume.by_hour == {0: 1}
        assert daily_report([late], DAY).volume.messages_in == 0

    def test_compares_the_mood_with_the_day_before(self) -> None:
        understood = EventType.MESSAGE_UNDERSTOOD
        report = daily_report(
            [event(understood, -60, metrics={"sentiment": 0.5}), event(understood, 60, metrics={"sentiment": -0.1})],
            DAY,
        )
        assert report.sentiment.change == pytest.approx(-0.6)

    def test_refuses_an_unknown_zone(self) -> None:
        with pytest.raises(InvalidInput):
            daily_report([], DAY, zone="Nowhere/Land")


class TestSavings:
    @design_property(48)
    @settings(max_examples=150, deadline=None)
    @given(histories(), st.integers(0, 5000), st.integers(0, 5000))
    def test_are_the_difference_in_cost_for_each_automated_resolution(
        self, happened: list[Event], agent_cents: int, automation_cents: int
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 48: Cost Savings Calculation"""
        costs = CostSettings(
            agent_per_conversation=Decimal(agent_cents) / 100,
            automation_per_conversation=Decimal(automation_cents) / 100,
        )
        automated = [e for e in happened if e.type is EventType.RESOLUTION and e.dimensions["by"] == "automation"]
        savings = cost_savings(happened, costs)
        assert savings.automated_resolutions == len(automated)
        assert savings.total == Decimal(len(automated) * (agent_cents - automation_cents)) / 100
        today = daily_report(happened, DAY, costs=costs).savings
        assert today == cost_savings(of_the_day(happened), costs)

    def test_a_negative_cost_is_refused(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            CostSettings(agent_per_conversation=Decimal("-1"))
        assert refused.value.field == "agent_per_conversation"


class TestTrendingTopics:
    @design_property(49)
    @settings(max_examples=150, deadline=None)
    @given(histories())
    def test_are_ranked_by_how_many_conversations_have_them(self, happened: list[Event]) -> None:
        """Feature: omnichannel-cx-platform, Property 49: Trending Topic Identification"""
        found = trending_topics(happened, MIDNIGHT, MIDNIGHT + timedelta(days=1))
        counted: dict[str, set[str | None]] = defaultdict(set)
        for e in of_the_day(happened):
            if e.type is EventType.MESSAGE_UNDERSTOOD:
                counted[e.dimensions["topic"]].add(e.conversation_id)
        assert {t.topic: t.conversations for t in found} == {topic: len(ids) for topic, ids in counted.items()}
        counts = [topic.conversations for topic in found]
        assert counts == sorted(counts, reverse=True)
        assert [topic.rank for topic in found] == list(range(1, len(found) + 1))

    @design_property(49)
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(1, 9)), max_size=30))
    def test_rank_the_most_frequent_first(self, written: list[tuple[str, int]]) -> None:
        """Feature: omnichannel-cx-platform, Property 49: Trending Topic Identification (ranking)"""
        happened = [event(EventType.MESSAGE_UNDERSTOOD, 1, f"c{who}", topic=topic) for topic, who in written]
        counted = Counter(topic for topic, _ in set(written))
        ranked = [t.topic for t in trending_topics(happened, MIDNIGHT, MIDNIGHT + timedelta(hours=1))]
        # A topic that grew as much as it counts ties with its equals, so the name decides.
        assert ranked == sorted(counted, key=lambda topic: (-counted[topic], topic))

    def test_tell_growth_against_the_window_before(self) -> None:
        understood = EventType.MESSAGE_UNDERSTOOD
        happened = [
            event(understood, -30, "c1", topic="general"),
            event(understood, 10, "c2", topic="general", metrics={"sentiment": -0.5}),
            event(understood, 11, "c3", topic="general"),
        ]
        (topic,) = trending_topics(happened, MIDNIGHT, MIDNIGHT + timedelta(hours=1))
        assert (topic.conversations, topic.change, topic.share, topic.sentiment) == (2, 1, 1.0, -0.5)


class TestMetricsOfAnEvent:
    @design_property(46)
    @settings(max_examples=150, deadline=None)
    @given(histories())
    def test_always_tell_response_time_channel_and_resolution(self, happened: list[Event]) -> None:
        """Feature: omnichannel-cx-platform, Property 46: Metrics Collection"""
        kinds = {R, S, EventType.ESCALATION, EventType.RESOLUTION}
        found = list(measure(happened))
        assert [m.event_type for m in found] == [e.type.value for e in happened if e.type in kinds]
        for item in found:
            assert item.metrics["response_time_s"] >= 0
            assert item.dimensions["channel"] in ("email", "whatsapp")
            assert item.dimensions["resolution_status"] in ("open", "escalated", "resolved")
            if item.event_type == "resolution":
                assert item.dimensions["resolution_status"] == "resolved"

    def test_the_wait_counts_from_the_first_unanswered_message(self) -> None:
        happened = [event(R, 0), event(R, 5), event(S, 6, answers="no"), event(S, 9), event(S, 10)]
        assert [m.metrics["response_time_s"] for m in measure(happened)][3:] == [540, 0]

    def test_automatic_mail_asks_nothing(self) -> None:
        first, answer = measure([event(R, 0, automatic="yes"), event(S, 9)])
        assert (first.metrics["response_time_s"], answer.metrics["response_time_s"]) == (0, 0)


class TestTheDashboard:
    def test_counts_who_has_what_now(self) -> None:
        happened = [
            event(R, 0, "automated", channel="email"),
            event(R, 1, "queued", channel="whatsapp"),
            event(EventType.QUEUED, 2, "queued"),
            event(R, 3, "held", channel="email"),
            event(EventType.QUEUED, 4, "held"),
            event(EventType.ASSIGNED, 5, "held", agent_id="ana"),
            event(S, 6, "held", agent_id="ana", by="agent"),
            event(R, 7, "done", channel="email"),
            event(EventType.RESOLUTION, 8, "done", by="automation"),
            event(EventType.AGENT_STATUS, 9, None, agent_id="ana", status="available"),
            event(EventType.AGENT_STATUS, 9, None, agent_id="ben", status="available"),
            event(EventType.AGENT_STATUS, 10, None, agent_id="ben", status="offline"),
        ]
        board = fold_dashboard(happened, MIDNIGHT + timedelta(minutes=12))
        assert (board.active, board.queue_depth, board.available_agents) == (3, 1, 1)
        assert (board.with_automation, board.with_agents, board.unanswered) == (1, 1, 2)
        assert board.longest_wait_s == 600
        assert board.by_channel == {"email": 2, "whatsapp": 1}

    def test_a_message_wakes_what_was_archived(self) -> None:
        happened = [event(R, 0), event(EventType.ARCHIVED, 1)]
        assert fold_dashboard(happened, MIDNIGHT).active == 0
        assert fold_dashboard([*happened, event(R, 2)], MIDNIGHT).active == 1

    @design_property(50)
    @settings(max_examples=100, deadline=None)
    @given(histories())
    def test_parts_always_add_up(self, happened: list[Event]) -> None:
        """Feature: omnichannel-cx-platform, Property 50: Real-Time Dashboard Data (projection)"""
        board = fold_dashboard(happened, MIDNIGHT + timedelta(days=2))
        assert board.active == board.queue_depth + board.with_automation + board.with_agents
        assert board.active <= len({e.conversation_id for e in happened})
        assert sum(board.by_channel.values()) == board.active


class TestPeople:
    def test_are_measured_by_what_they_did(self) -> None:
        happened = [
            event(R, 0, "c1"),
            event(EventType.ASSIGNED, 1, "c1", agent_id="ana"),
            event(S, 4, "c1", agent_id="ana", by="agent"),
            event(EventType.ESCALATION, 5, "c1"),
            event(
                EventType.RESOLUTION, 9, "c1", {"handling_s": 480.0, "satisfaction": 5.0}, agent_id="ana", by="agent"
            ),
            event(R, 10, "c2"),
            event(EventType.ASSIGNED, 11, "c2", agent_id="ana"),
        ]
        (ana,) = agent_metrics(happened, MIDNIGHT, MIDNIGHT + timedelta(days=1))
        assert (ana.conversations_handled, ana.resolved, ana.messages_sent) == (2, 1, 1)
        assert (ana.average_response_time, ana.average_resolution_time) == (240, 480)
        assert (ana.customer_satisfaction, ana.ratings, ana.escalation_rate) == (5, 1, 0.5)
