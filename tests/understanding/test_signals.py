"""The wish for a person, hurry, and how early a waiting message is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.understanding.rules import intents_by_rules
from switchboard.understanding.signals import outside_step, quick_priority_hint, time_sensitive, wants_human
from tests.properties import design_property
from tests.understanding.samples import any_text

KEYWORDS = (
    "speak to human",
    "talk to agent",
    "escalate",
    "Speak to a human",
    "TALK TO AN AGENT",
    "speak with a manager",
)
plain_words = st.text(alphabet="abcdefghijklmnop ", max_size=60)


class TestTheWishForAPerson:
    @pytest.mark.parametrize(
        "text",
        [
            "I want to speak to a human",
            "let me talk to your supervisor please",
            "operator!",
            "can somebody call me back",
            "put me through with a real person",
            "is there someone I can talk to about this? I mean talk to a person",
            "please escalate this",
            "get me a manager",
            "Ich möchte mit einem Mitarbeiter sprechen",
            "Kann ich bitte mit einem Menschen reden?",
            "Je veux parler à un conseiller",
            "Quiero hablar con una persona",
            "Vorrei parlare con un operatore",
            "Quero falar com um atendente",
            "Ik wil met een medewerker spreken",
        ],
    )
    def test_is_heard_in_seven_languages(self, text: str) -> None:
        assert wants_human(text)

    @pytest.mark.parametrize(
        "text",
        [
            "Where is my parcel?",
            "Please cancel my order 12345",
            "your agent was very friendly, thanks",
            "I spoke to a manager and he was rude",
            "The human body lotion leaked",
            "Wo ist mein Paket?",
            "Merci pour votre aide",
            "what is your phone number?",
            "",
        ],
    )
    def test_is_not_read_into_other_messages(self, text: str) -> None:
        assert not wants_human(text)

    @design_property(36)
    @settings(max_examples=100, deadline=None)
    @given(before=plain_words, keyword=st.sampled_from(KEYWORDS), after=plain_words)
    def test_escalation_keywords_are_flagged_in_any_surroundings(self, before: str, keyword: str, after: str) -> None:
        """Feature: omnichannel-cx-platform, Property 36: Explicit Escalation Request"""
        assert wants_human(f"{before} {keyword} {after}")

    def test_counts_as_the_intent_to_escalate(self) -> None:
        result = intents_by_rules("My parcel is late again, I want to talk to a manager")
        assert result.primary_intent.category == "escalation"
        assert "complaint" in {intent.category for intent in result.secondary_intents}


class TestStepsOutside:
    @pytest.mark.parametrize(
        "text",
        [
            "you will hear from my lawyer",
            "I am filing a formal complaint",
            "I'll take you to court",
            "chargeback it is",
        ],
    )
    def test_are_noticed(self, text: str) -> None:
        assert outside_step(text)

    def test_are_not_seen_in_an_ordinary_question(self) -> None:
        assert not outside_step("do you deliver to Courtney street?")


class TestHurry:
    def test_words_come_back_in_order_and_once(self) -> None:
        assert time_sensitive("URGENT: I need this asap, it is urgent") == ("urgent", "asap")

    @pytest.mark.parametrize(
        "text",
        [
            "Das ist dringend",
            "C'est urgent",
            "lo antes posible",
            "il prima possibile",
            "o mais rápido possível",
            "zo snel mogelijk",
        ],
    )
    def test_is_heard_in_other_languages(self, text: str) -> None:
        assert time_sensitive(text)

    @pytest.mark.parametrize("text", ["it's not urgent", "no hurry at all", "insurgent asapscience", "nicht dringend"])
    def test_is_not_heard_where_it_is_denied(self, text: str) -> None:
        assert time_sensitive(text) == ()


class TestThePriorityHint:
    def test_an_angry_urgent_message_comes_before_thanks(self) -> None:
        angry = quick_priority_hint("This is URGENT and unacceptable!! Let me speak to a manager")
        assert angry > quick_priority_hint("where is my order?") >= quick_priority_hint("thank you, great service")

    @settings(max_examples=100, deadline=None)
    @given(any_text)
    def test_stays_between_0_and_1(self, text: str) -> None:
        assert 0.0 <= quick_priority_hint(text) <= 1.0
