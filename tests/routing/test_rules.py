"""Automation or a person, and the rules that a business adds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from switchboard.domain.reading import IntentCategory, ReadingSource
from switchboard.domain.routing import AutomationPattern, Decision
from switchboard.errors import InvalidInput
from switchboard.routing.agents import find_best_agent
from switchboard.routing.conditions import Words, parse_rule
from switchboard.routing.requirements import SkillSettings, requirements_for
from switchboard.routing.rules import RoutingFacts, RoutingSettings, choose_route, to_decision
from tests.properties import design_property
from tests.routing.builders import ANYTHING, CALM, NOW, agent, any_facts, teams

OPEN = RoutingSettings(patterns=(ANYTHING,))


class TestAutomation:
    @design_property(24)
    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from([intent for intent in IntentCategory if intent is not IntentCategory.ESCALATION]),
        st.floats(0, 1),
        st.integers(1, 7),
        st.integers(0, 2),
        st.sampled_from(["en", "de"]),
    )
    def test_answers_exactly_what_is_sure_and_fits_a_pattern(
        self, intent: IntentCategory, confidence: float, urgency: int, attempts: int, language: str
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 24: High Confidence Automation"""
        pattern = AutomationPattern(name="questions", intents=frozenset({"inquiry", "request"}))
        facts = replace(
            CALM,
            intent=intent,
            confidence=confidence,
            urgency=urgency,
            automation_attempts=attempts,
            language=language,
        )
        verdict = choose_route(facts, RoutingSettings(patterns=(pattern,)))
        fits = intent.value in pattern.intents and language == "en"
        assert verdict.automate == (confidence > 0.85 and fits)
        assert verdict.pattern == ("questions" if verdict.automate else None)

    def test_needs_more_than_the_limit_itself(self) -> None:
        assert not choose_route(replace(CALM, confidence=0.85), OPEN).automate
        assert choose_route(replace(CALM, confidence=0.8501), OPEN).automate

    def test_needs_a_configured_pattern(self) -> None:
        verdict = choose_route(CALM, RoutingSettings())
        assert not verdict.automate
        assert "none of 0 patterns" in verdict.reasoning

    def test_can_be_turned_off(self) -> None:
        assert not choose_route(CALM, replace(OPEN, automation_enabled=False)).automate

    def test_never_answers_what_only_the_rules_have_read(self) -> None:
        verdict = choose_route(replace(CALM, source=ReadingSource.RULES), OPEN)
        assert verdict.rule == "model_unavailable"

    def test_never_interrupts_a_person(self) -> None:
        assert choose_route(replace(CALM, with_agent=True), OPEN).rule == "already_with_a_person"

    @design_property(17)
    @settings(max_examples=200, deadline=None)
    @given(any_facts(), st.integers(8, 10), teams())
    def test_never_answers_what_is_urgent(self, facts: RoutingFacts, urgency: int, team: list[Any]) -> None:
        """Feature: omnichannel-cx-platform, Property 17: High Urgency Agent Routing"""
        verdict = choose_route(replace(facts, urgency=urgency, confidence=1.0), OPEN)
        needs = requirements_for(topic=facts.topic, language=facts.language, urgency=urgency)
        _, candidates = find_best_agent(needs, team, NOW)
        decision = to_decision(verdict, requirements=needs, candidates=candidates)
        assert decision.decision in (Decision.ASSIGN_AGENT, Decision.QUEUE)
        assert decision.reasoning
        assert [look.fired for look in decision.trace] == [False] * (len(decision.trace) - 1) + [True]


class TestEscalation:
    @design_property(36)
    @settings(max_examples=100, deadline=None)
    @given(
        any_facts(),
        st.sampled_from(["speak to human", "talk to agent", "escalate", "Speak to a HUMAN", "TALK  TO AN AGENT"]),
        st.sampled_from(["", "please ", "I want to ", "hello!\n", "«"]),
        st.sampled_from(["", " now", "!!!", ", thanks", "\tplease"]),
    )
    def test_asking_for_a_person_always_works(self, facts: RoutingFacts, words: str, before: str, after: str) -> None:
        """Feature: omnichannel-cx-platform, Property 36: Explicit Escalation Request"""
        verdict = choose_route(replace(facts, text=before + words + after, wants_human=False), OPEN)
        assert (verdict.automate, verdict.escalated, verdict.rule) == (False, True, "asked_for_a_person")

    def test_a_word_that_only_contains_another_is_not_a_request(self) -> None:
        assert choose_route(replace(CALM, text="the escalator at your shop is great"), OPEN).automate

    @design_property(37)
    @settings(max_examples=100, deadline=None)
    @given(any_facts(), st.integers(0, 6))
    def test_comes_after_three_automated_replies(self, facts: RoutingFacts, attempts: int) -> None:
        """Feature: omnichannel-cx-platform, Property 37: Automatic Escalation Threshold"""
        asked = replace(facts, automation_attempts=attempts, wants_human=False, text="")
        verdict = choose_route(asked, OPEN)
        if attempts >= 3:
            assert (verdict.automate, verdict.escalated) == (False, True)
        calm = choose_route(replace(CALM, automation_attempts=attempts), OPEN)
        assert calm.automate == (attempts < 3)

    @design_property(42, 44)
    @settings(max_examples=100, deadline=None)
    @given(any_facts(), st.floats(0, 1), st.booleans())
    def test_comes_when_a_reply_was_blocked_or_unsure(self, facts: RoutingFacts, sure: float, blocked: bool) -> None:
        """Feature: omnichannel-cx-platform, Property 42: Policy Violation Blocking
        Feature: omnichannel-cx-platform, Property 44: Low Confidence Escalation
        """
        seen = replace(facts, reply_confidence=sure, blocked="policy" if blocked else None)
        verdict = choose_route(seen, OPEN)
        if blocked or sure < 0.80:
            assert (verdict.automate, verdict.escalated) == (False, True)
        calm = choose_route(replace(CALM, reply_confidence=sure, blocked=seen.blocked), OPEN)
        assert calm.automate == (not blocked and sure >= 0.80)

    def test_comes_with_a_falling_mood_and_says_so(self) -> None:
        verdict = choose_route(replace(CALM, mood_alarm="sentiment fell twice in a row"), OPEN)
        assert verdict.escalated
        assert "fell twice" in verdict.reasoning


class TestRulesOfTheBusiness:
    @design_property(53)
    @settings(max_examples=100, deadline=None)
    @given(any_facts(), st.lists(st.sampled_from(["lawyer", "cancel my contract", "解約"]), min_size=1, max_size=3))
    def test_an_escalation_trigger_works_at_once(self, facts: RoutingFacts, words: list[str]) -> None:
        """Feature: omnichannel-cx-platform, Property 53: Custom Configuration Application (routing)"""
        when = [{"field": "text", "test": "contains_any", "values": words}]
        trigger = parse_rule({"name": "legal", "when": when, "escalate": True, "skills": ["legal"]})
        assume(not any(Words(facts.text).contain(word) for word in words))
        configured = replace(OPEN, triggers=(trigger,))
        calm = replace(CALM, text=facts.text)
        assert choose_route(calm, configured).automate == choose_route(calm, OPEN).automate
        verdict = choose_route(replace(calm, text=f"I will call my {words[0].upper()}!"), configured)
        assert (verdict.escalated, verdict.rule, verdict.skills) == (True, "trigger: legal", frozenset({"legal"}))

    def test_a_rule_sends_matching_messages_to_people_with_its_skills(self) -> None:
        rule = parse_rule(
            {
                "name": "big spenders",
                "when": [
                    {"field": "customer_value", "test": "is_any_of", "values": ["high", "vip"]},
                    {"field": "urgency", "test": "at_least", "values": [5]},
                ],
                "skills": ["key accounts"],
            }
        )
        configured = replace(OPEN, rules=(rule,))
        assert choose_route(CALM, configured).automate
        vip = replace(CALM, customer_value=type(CALM.customer_value).VIP)
        verdict = choose_route(vip, configured)
        assert (verdict.rule, verdict.skills) == ("rule: big spenders", frozenset({"key accounts"}))
        assert not choose_route(vip, replace(OPEN, rules=(replace(rule, enabled=False),))).skills

    def test_a_rule_may_only_add_skills_and_name_a_person(self) -> None:
        when = [{"field": "topic", "test": "is_none_of", "values": ["general"]}]
        rule = parse_rule({"name": "r", "when": when, "to_human": False, "skills": ["x"], "agent_id": "agt_1"})
        verdict = choose_route(CALM, replace(OPEN, rules=(rule,)))
        assert (verdict.automate, verdict.skills, verdict.agent_id) == (True, frozenset({"x"}), "agt_1")

    @pytest.mark.parametrize(
        ("broken", "where"),
        [
            ({}, "when"),
            ({"name": "r", "when": []}, "when"),
            ({"name": "", "when": [{"field": "text", "test": "contains_any", "values": ["x"]}]}, "name"),
            ({"name": "r", "when": [{"field": "mood", "test": "is_any_of", "values": ["x"]}]}, "when[0]"),
            ({"name": "r", "when": [{"field": "urgency", "test": "at_least", "values": ["soon"]}]}, "when[0]"),
            ({"name": "r", "when": [{"field": "text", "test": "is_any_of", "values": ["x"]}]}, "when[0]"),
            ({"name": "r", "when": [{"field": "topic", "test": "is_any_of", "values": []}]}, "when[0].values"),
            ({"name": "r", "when": [{"field": "topic", "test": "is_any_of", "values": ["x"]}], "eval": "1"}, "eval"),
            (
                {"name": "r", "when": [{"field": "topic", "test": "is_any_of", "values": ["x"]}], "enabled": 1},
                "enabled",
            ),
        ],
    )
    def test_a_broken_rule_is_refused_with_its_place(self, broken: dict[str, object], where: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            parse_rule(broken)
        assert refused.value.field == where
        assert refused.value.fix

    def test_words_match_whole_and_in_any_case(self) -> None:
        text = Words("Ich will KÜNDIGEN, bitte! 今すぐ解約したい")
        assert text.contain("kündigen")
        assert text.contain("解約")
        assert not text.contain("kündige")
        assert not text.contain("  ")


class TestWhatThePersonMustHave:
    def test_topics_bring_skills_and_rules_add_theirs(self) -> None:
        known = SkillSettings(topic_skills={"billing_payment": frozenset({"billing"})})
        needs = requirements_for(
            topic="billing_payment", language="de-AT", urgency=6, settings=known, rule_skills=frozenset({"legal"})
        )
        assert (needs.skills, needs.language) == (frozenset({"billing", "legal"}), "de")

    def test_an_unknown_language_falls_back_to_the_default(self) -> None:
        for language in (None, "und", ""):
            assert requirements_for(topic=None, language=language, urgency=5).language == "en"
        team = SkillSettings(team_languages=frozenset({"de"}), default_language="de")
        assert requirements_for(topic=None, language="fi", urgency=5, settings=team).language == "de"

    def test_the_decision_tells_who_and_why(self) -> None:
        needs = requirements_for(topic="general", language="en", urgency=9)
        _, candidates = find_best_agent(needs, [agent("Ana"), agent("Ben", load=5)], NOW)
        verdict = choose_route(replace(CALM, urgency=9), OPEN)
        decision = to_decision(verdict, requirements=needs, candidates=candidates, estimated_wait_s=60)
        assert (decision.decision, decision.agent_id) == (Decision.ASSIGN_AGENT, "agt_Ana")
        assert "urgency 9" in decision.reasoning
        assert "Ana takes it" in decision.reasoning
        assert decision.estimated_wait_s is None
        assert decision.candidates[1].reasons == ("has 5 of 5 conversations",)
