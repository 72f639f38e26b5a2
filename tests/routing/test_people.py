"""Which agent is chosen, who is next in the queue, and what the customer is told."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.agent import MAX_WORKLOAD, Agent, AgentStatus, Shift
from switchboard.domain.routing import AgentRequirements
from switchboard.routing.agents import find_best_agent, learned_success, unsuitable
from switchboard.routing.notices import PHRASES, wait_notice
from switchboard.routing.queue import estimate_wait, next_for_agent, order_queue, place_in_queue, typical_handling_s
from tests.properties import design_property
from tests.routing.builders import NOW, Entry, agent, entry, skill_sets, teams

requirements = st.builds(
    AgentRequirements,
    skills=skill_sets,
    language=st.sampled_from(["en", "de", "fr"]),
    topic=st.sampled_from(["billing_payment", None]),
    preferred_agent_id=st.sampled_from([None, "agt_a0", "agt_a1", "agt_gone"]),
)


class TestTheAgent:
    @design_property(20, 22)
    @settings(max_examples=200, deadline=None)
    @given(requirements, teams())
    def test_has_all_skills_the_language_and_a_free_place(self, needs: AgentRequirements, team: list[Agent]) -> None:
        """Feature: omnichannel-cx-platform, Property 20: Agent Skill Matching
        Feature: omnichannel-cx-platform, Property 22: Agent Workload Limit
        """
        chosen, verdicts = find_best_agent(needs, team, NOW)
        fit = {
            a.agent_id
            for a in team
            if needs.skills <= a.skills
            and needs.language in a.languages
            and a.status is AgentStatus.AVAILABLE
            and a.current_workload < min(5, a.max_workload)
        }
        assert (chosen is not None) == bool(fit)
        assert chosen is None or chosen.agent_id in fit
        assert {v.agent_id for v in verdicts if v.score is not None} == fit
        assert len(verdicts) == len(team)
        assert all(v.reasons for v in verdicts)

    @design_property(22)
    @settings(max_examples=100, deadline=None)
    @given(st.integers(5, 50), st.integers(0, 50))
    def test_never_gets_a_sixth_conversation(self, load: int, most: int) -> None:
        """Feature: omnichannel-cx-platform, Property 22: Agent Workload Limit"""
        full = agent("full", load=load, most=most)
        assert find_best_agent(AgentRequirements(), [full], NOW)[0] is None
        assert next_for_agent(full, [entry("c", 9)], NOW) is None
        roomy = agent("roomy", load=MAX_WORKLOAD - 1, most=max(most, MAX_WORKLOAD))
        assert find_best_agent(AgentRequirements(), [full, roomy], NOW)[0] == roomy

    @design_property(23)
    @settings(max_examples=200, deadline=None)
    @given(requirements, teams(least=1), st.data())
    def test_is_the_one_who_knows_the_customer_if_free(
        self, needs: AgentRequirements, team: list[Agent], data: st.DataObject
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 23: Agent Continuity Preference"""
        known = data.draw(st.sampled_from(team))
        needs = AgentRequirements(
            skills=needs.skills, language=needs.language, topic=needs.topic, preferred_agent_id=known.agent_id
        )
        chosen, verdicts = find_best_agent(needs, team, NOW)
        if not unsuitable(known, needs, NOW):
            assert chosen == known
            assert "knows this customer" in verdicts[0].reasons
        else:
            assert chosen != known

    def test_with_a_better_record_on_the_topic_wins(self) -> None:
        team = [agent("new"), agent("sure", success={"billing_payment": (18, 20)})]
        chosen, verdicts = find_best_agent(AgentRequirements(topic="billing_payment"), team, NOW)
        assert chosen == team[1]
        assert "scores below sure" in verdicts[1].reasons[0]

    def test_with_more_room_wins_among_equals(self) -> None:
        team = [agent("busy", load=3), agent("idle")]
        assert find_best_agent(AgentRequirements(), team, NOW)[0] == team[1]

    def test_outside_working_hours_is_not_asked(self) -> None:
        away = agent("away", hours=(Shift(weekday=1, start=time(9), end=time(17)),))
        chosen, verdicts = find_best_agent(AgentRequirements(), [away], NOW)
        assert chosen is None
        assert verdicts[0].reasons == ("is outside working hours",)

    def test_one_lucky_try_does_not_make_a_record(self) -> None:
        assert 0.5 < learned_success(1, 1) < learned_success(18, 20) < 1
        assert learned_success(0, 0) == 0.5


class TestTheQueue:
    @design_property(21)
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.integers(1, 190), max_size=20))
    def test_goes_by_urgency_among_those_who_came_together(self, tenths: list[int]) -> None:
        """Feature: omnichannel-cx-platform, Property 21: Queue Ordering by Urgency"""
        waiting = [entry(f"c{place}", priority / 10) for place, priority in enumerate(tenths)]
        served = [item.priority for item in order_queue(waiting, NOW)]
        assert served == sorted(served, reverse=True)

    @design_property(45)
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 19), st.integers(0, 7200)), max_size=20), st.integers(0, 10**6))
    def test_never_drops_anybody_and_keeps_its_order_over_time(
        self, given_entries: list[tuple[int, int]], later_s: int
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 45: Queue Urgency Ordering"""
        waiting = [entry(f"c{n:02}", float(p), waited_s=w) for n, (p, w) in enumerate(given_entries)]
        first = order_queue(waiting, NOW)
        assert sorted(e.conversation_id for e in first) == [e.conversation_id for e in waiting]
        assert order_queue(reversed(waiting), NOW) == first
        for ahead, behind in pairwise(first):
            lead = (ahead.priority - behind.priority) * 600 + (behind.queued_at - ahead.queued_at).total_seconds()
            assert lead > -0.001
        assert [place_in_queue(e, waiting, NOW) for e in first] == list(range(len(first)))
        if later_s < 1000:  # far in the future, equal sums differ by rounding only
            later = order_queue(waiting, NOW + timedelta(seconds=later_s))
            assert {e.conversation_id for e in later} == {e.conversation_id for e in first}

    def test_nobody_waits_for_ever_behind_newcomers(self) -> None:
        calm = entry("calm", 4.0, waited_s=3 * 3600)
        assert order_queue([entry("vip", 18.0), calm], NOW)[0] == calm

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 19), skill_sets), max_size=12), skill_sets)
    def test_gives_a_freed_agent_the_first_that_they_can_serve(
        self, given_entries: list[tuple[int, frozenset[str]]], skills: frozenset[str]
    ) -> None:
        waiting: list[Entry] = [entry(f"c{n}", p, skills=s) for n, (p, s) in enumerate(given_entries)]
        chosen = next_for_agent(agent("ana", skills=skills), waiting, NOW)
        servable = [e for e in order_queue(waiting, NOW) if e.required_skills <= skills]
        assert chosen == (servable[0] if servable else None)


class TestTheEstimatedWait:
    TIMES = (600.0,) * 10

    def wait(self, ahead: int, *team: Agent) -> float | None:
        return estimate_wait(ahead, AgentRequirements(skills=frozenset({"billing"})), team, self.TIMES, NOW)

    def test_is_nothing_when_somebody_is_free(self) -> None:
        assert self.wait(0, agent("ana", skills=frozenset({"billing"}))) == 0

    def test_is_shared_by_all_places_when_everybody_is_full(self) -> None:
        ana = agent("ana", skills=frozenset({"billing"}), load=5, status=AgentStatus.BUSY)
        assert self.wait(0, ana) == pytest.approx(120)
        assert self.wait(4, ana) == pytest.approx(600)

    def test_nobody_can_say_when_nobody_has_the_skill(self) -> None:
        assert self.wait(0, agent("ben")) is None

    def test_nobody_can_say_when_all_are_offline_without_hours(self) -> None:
        assert self.wait(0, agent("ana", skills=frozenset({"billing"}), status=AgentStatus.OFFLINE)) is None

    def test_starts_with_the_next_shift(self) -> None:
        late = (Shift(weekday=0, start=time(14), end=time(20)),)
        ana = agent("ana", skills=frozenset({"billing"}), hours=late, status=AgentStatus.OFFLINE)
        assert self.wait(0, ana) == 2 * 3600

    def test_grows_with_those_ahead(self) -> None:
        ana = agent("ana", skills=frozenset({"billing"}), load=3)
        waits = [self.wait(ahead, ana) or 0 for ahead in range(10)]
        assert waits == sorted(waits)
        assert waits[0] == waits[1] == 0 < waits[2]

    def test_rests_on_a_default_until_there_are_enough_times(self) -> None:
        assert typical_handling_s([1.0]) == 480
        assert typical_handling_s([float("nan"), -5.0, *[60.0] * 18, 90_000.0, 1.0]) == 60


class TestTheNotice:
    @design_property(39)
    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from([*PHRASES, "de-AT", "ja", ""]), st.none() | st.floats(0, 10**6))
    def test_always_names_a_time(self, language: str, wait_s: float | None) -> None:
        """Feature: omnichannel-cx-platform, Property 39: Wait Time Notification"""
        text = wait_notice(language, wait_s)
        number = int(next(word for word in text.split() if word.isdigit()))
        units = PHRASES.get(language.partition("-")[0], PHRASES["en"]).units
        sizes = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
        said = [
            sizes[unit] * number for unit, forms in units.items() for form in forms if form.format(n=number) in text
        ]
        assert said
        assert max(said) >= (wait_s or 0)

    @pytest.mark.parametrize(
        ("language", "wait_s", "words"),
        [
            ("en", 20, "less than 1 minute"),
            ("en", 61, "about 2 minutes"),
            ("en", 660, "about 15 minutes"),
            ("de", 3 * 3600, "in etwa 3 Stunden"),
            ("fr", 86_400 * 2, "environ 2 jours"),
            ("nl", 7200, "ongeveer 2 uur"),
            ("en", None, "within 1 day"),
        ],
    )
    def test_speaks_plainly(self, language: str, wait_s: float | None, words: str) -> None:
        assert words in wait_notice(language, wait_s)
