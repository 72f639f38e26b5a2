"""What rules alone read: intents, topic and tone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from switchboard.domain.reading import REVIEW_BELOW, IntentCategory, ReadingSource, SentimentLabel, sentiment_label
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.rules import intents_by_rules, read_by_rules, topic_by_rules
from switchboard.understanding.tone import sentiment_by_rules, tone
from tests.properties import design_property
from tests.understanding.samples import AWKWARD, any_text


class TestIntentsByRules:
    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("Where is my parcel?", "inquiry"),
            ("How do I cancel my plan?", "inquiry"),
            ("Please cancel my order", "request"),
            ("I need a refund please", "request"),
            ("This is the worst service, my order arrived broken again", "complaint"),
            ("Thank you so much, great service", "feedback"),
            ("I demand to speak to your supervisor", "escalation"),
            ("Ich möchte meine Bestellung stornieren bitte", "request"),
        ],
    )
    def test_plain_messages_are_told_apart(self, text: str, intent: str) -> None:
        assert intents_by_rules(text).primary_intent.category == intent

    @design_property(3, 4, 6)
    @settings(max_examples=150, deadline=None)
    @given(any_text)
    def test_every_text_has_ranked_intents_that_a_person_reviews(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 3: Intent Classification Validity
        Feature: omnichannel-cx-platform, Property 4: Low Confidence Flagging
        Feature: omnichannel-cx-platform, Property 6: Multi-Intent Ranking
        """
        result = intents_by_rules(text)
        confidences = [intent.confidence for intent in result.all_intents]
        assert result.primary_intent.category in set(IntentCategory)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert confidences == sorted(confidences, reverse=True)
        assert len({intent.category for intent in result.all_intents}) == len(confidences)
        assert result.confidence < REVIEW_BELOW
        assert result.requires_human_review

    @pytest.mark.parametrize(
        ("text", "topic"),
        [
            ("I forgot my password", "account_access"),
            ("my parcel with the tracking has not been delivered", "delivery_fulfilment"),
            ("the app crashes on my screen", "technical_issue"),
            ("hello there", "general"),
        ],
    )
    def test_topic_follows_the_words(self, text: str, topic: str) -> None:
        assert topic_by_rules(text) == topic


class TestTone:
    @pytest.mark.parametrize(
        ("text", "sign"),
        [
            ("I love it, amazing!", 1),
            ("worst company ever, I am furious", -1),
            ("not good", -1),
            ("not bad at all, I'd say very happy", 1),
            ("😡😡", -1),
            ("Where is my order", 0),
        ],
    )
    def test_has_the_sign_that_a_reader_gives(self, text: str, sign: int) -> None:
        score = tone(text).score
        assert (score > 0) - (score < 0) == sign

    def test_names_the_words_of_emotion(self) -> None:
        assert "furious" in sentiment_by_rules("I am furious!!").emotional_indicators

    @design_property(7)
    @settings(max_examples=150, deadline=None)
    @given(any_text)
    def test_stays_in_its_range_with_the_label_that_belongs_to_it(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 7: Sentiment Score Range"""
        result = sentiment_by_rules(text)
        assert -1.0 <= result.score <= 1.0
        assert result.label in set(SentimentLabel)
        assert result.label is sentiment_label(result.score)


class TestAwkwardTexts:
    @pytest.mark.timeout(40)  # a pattern that goes back takes minutes
    @pytest.mark.parametrize("name", sorted(AWKWARD))
    def test_are_read_by_rules_like_any_other(self, name: str) -> None:
        text = AWKWARD[name]
        reading = read_by_rules(text, language=language_by_rules(text))
        assert reading.source is ReadingSource.RULES
        assert reading.intent.requires_human_review


class TestLanguageByRules:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("ok", "und"),  # written in every language
            ("thx", "en"),
            ("danke", "de"),
            ("Merci", "fr"),
            ("gracias", "es"),
            ("Где мой заказ?", "ru"),
            ("我的订单在哪里？", "zh"),
            ("Wo ist meine Bestellung und wie kann ich sie stornieren", "de"),
            ("Où est ma commande, je ne la trouve pas dans mon compte", "fr"),
            ("", "und"),
            ("12345", "und"),
            ("😡", "und"),
        ],
    )
    def test_short_texts_and_scripts_are_told(self, text: str, code: str) -> None:
        assert language_by_rules(text).code == code
