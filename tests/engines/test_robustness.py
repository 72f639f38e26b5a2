"""Whatever arrives is read by the shipped model: a valid reading, no exception, and never more work than the limits allow."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.reading import (
    REVIEW_BELOW,
    IntentCategory,
    Reading,
    ReadingSource,
    RulesReason,
    SentimentLabel,
    sentiment_label,
)
from switchboard.engines.onnx_encoder import MAX_TOKENS, MOST_WINDOWS, OnnxEncoder, Windows, windows
from switchboard.engines.understanding import OnnxUnderstanding, build_understanding, why_rules
from switchboard.ports.engines import TextToRead
from switchboard.understanding.text import EXAMINED, examined, tidy
from tests.properties import design_property
from tests.understanding.samples import AT, AWKWARD

ENCODER = OnnxEncoder()
HOSTILE = {
    **AWKWARD,
    "only a link": "https://shop.example/a/very/long/way?with=parameters",
    "mixed scripts": "Hello Привет 你好 مرحبا where is my order",
    "zero width": "where is my or\u200bder\u200d?",
    "code": "def f(x):\n    return {'a': [1, 2, x]}  # " * 40,
    "JSON": '{"order": {"id": 12, "items": [null, true]}}' * 20,
    "Finnish": "Missä tilaukseni on? Odotan sitä yhä.",
    "all capitals": "WHERE IS MY ORDER I WANT IT NOW",
    "sarcasm": "Oh great, another delay. Thanks a lot, you really made my day.",
    "surrogates": "a\ud83d b\ude00 " * 50,
    "control characters": "".join(map(chr, range(32))) * 20,
    "ten thousand marks": "o" + "\u0301\u0327\u0316" * 3_334,
    "SQL": "'; DROP TABLE messages; --",
    "a template": "{{7*7}} ${jndi:ldap://x} <script>alert(1)</script>",
    "one word a line": "\n".join(["help"] * 2_000),
    "unclosed reversal": "\u202e" * 500 + "order",
    "HTML entities": "&amp;" * 3_000 + "&#x1F600;",
}
letters = st.one_of(
    st.characters(),
    st.sampled_from("\u200b\u202e\u2066\u0301\ufeff\u00ad\U000e0041\u115f\ud800\udc00\x00\x1b"),
    st.sampled_from("abc 123 !?.@#€$"),
)
hostile_text = st.one_of(
    st.text(alphabet=letters, max_size=200),
    st.builds(
        lambda part, times: part * times, st.text(alphabet=letters, min_size=1, max_size=12), st.integers(1, 400)
    ),
    st.sampled_from(sorted(HOSTILE.values(), key=len)[:-4]),
)


def read(*texts: str, encoder: OnnxEncoder = ENCODER) -> list[Reading]:
    reader = build_understanding(encoder=encoder, timeout=600.0)
    return asyncio.run(reader.read([TextToRead(text=text, at=AT) for text in texts]))


def check(reading: Reading) -> None:
    """Valid by the specification (Properties 3, 4, 6 and 7)."""
    confidences = [intent.confidence for intent in reading.intent.all_intents]
    assert reading.primary.category in set(IntentCategory)
    assert all(0.0 <= confidence <= 1.0 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert reading.intent.requires_human_review == (reading.intent.confidence < REVIEW_BELOW)
    assert -1.0 <= reading.sentiment.score <= 1.0
    assert reading.sentiment.label in set(SentimentLabel)
    assert reading.sentiment.label is sentiment_label(reading.sentiment.score)
    assert 0.0 <= reading.sentiment.confidence <= 1.0
    assert 0.0 <= reading.language.confidence <= 1.0
    assert reading.language.code.isalpha()


class TestHostileTexts:
    @pytest.mark.parametrize("name", sorted(HOSTILE))
    def test_are_read_by_the_model_into_something_valid(self, name: str) -> None:
        (reading,) = read(HOSTILE[name])
        check(reading)
        assert reading.source is ReadingSource.MODEL

    @design_property(3, 4, 7)
    @settings(max_examples=100, deadline=None)
    @given(hostile_text)
    def test_of_any_kind_are_read_into_something_valid(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 3: Intent Classification Validity
        Feature: omnichannel-cx-platform, Property 4: Low Confidence Flagging
        Feature: omnichannel-cx-platform, Property 7: Sentiment Score Range
        """
        (reading,) = read(text)
        check(reading)
        assert reading.source is ReadingSource.MODEL

    @pytest.mark.parametrize("name", ["empty", "spaces", "one emoji", "digits", "only a link", "Finnish", "Chinese"])
    def test_that_no_model_can_know_are_left_to_a_person(self, name: str) -> None:
        assert read(HOSTILE[name])[0].intent.requires_human_review


class TestBoundedWork:
    @pytest.mark.parametrize("name", sorted(HOSTILE))
    def test_no_more_characters_and_tokens_are_looked_at_than_the_limits_allow(self, name: str) -> None:
        text = HOSTILE[name]
        assert len(examined(text)) <= EXAMINED
        assert len(tidy(text)) <= EXAMINED
        rows = windows(list(range(len(text) + 2)))
        assert len(rows) <= MOST_WINDOWS
        assert max(map(len, rows)) <= MAX_TOKENS

    def test_the_middle_of_a_quarter_megabyte_changes_nothing(self) -> None:
        head, tail = "Where is my order LC-48213? " * 300, " Please cancel it." * 200
        long = head + "".join(random.Random(1).choices("abcdefgh ", k=200_000)) + tail
        other = head + "x" * 200_000 + tail
        one, two = read(long, other)
        assert one.intent == two.intent
        assert one.sentiment == two.sentiment


class Picky(OnnxEncoder):
    """Fails on every batch that holds a certain message."""

    def encode_whole(self, texts: Sequence[str]) -> Windows:
        if "poison" in texts:
            raise RuntimeError("the graph cannot run this")
        return super().encode_whole(texts)


class TestOneMessageThatTheModelCannotRead:
    def test_is_read_by_the_rules_and_the_others_are_not(self) -> None:
        readings = read("Where is my order?", "poison", "Please cancel it", encoder=Picky())
        assert [reading.source for reading in readings] == ["model", "rules", "model"]
        assert [reading.rules_because for reading in readings] == [None, RulesReason.FAILED, None]

    def test_of_a_missing_model_says_so(self, tmp_path: Path) -> None:
        reader = OnnxUnderstanding(OnnxEncoder(tmp_path))
        (reading,) = asyncio.run(reader.read([TextToRead(text="Where is my order?", at=AT)]))
        assert (reading.source, reading.rules_because) == (ReadingSource.RULES, RulesReason.MISSING)

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (TimeoutError(), RulesReason.SLOW),
            (FileNotFoundError(), RulesReason.MISSING),
            (RuntimeError("FileNotFoundError"), RulesReason.MISSING),
            (RuntimeError("the graph is damaged"), RulesReason.FAILED),
            (EOFError(), RulesReason.FAILED),
        ],
    )
    def test_has_a_reason_by_the_error(self, error: Exception, reason: RulesReason) -> None:
        assert why_rules(error) is reason
