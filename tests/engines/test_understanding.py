"""The shipped reader: what it makes of any message, and who reads when it cannot."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

from switchboard.domain.reading import (
    REVIEW_BELOW,
    EntityType,
    IntentCategory,
    Reading,
    ReadingSource,
    SentimentLabel,
    sentiment_label,
)
from switchboard.engines.embedder import build_embedder
from switchboard.engines.onnx_encoder import MAX_BATCH_TOKENS, MODELS, OnnxEncoder, Windows, batches
from switchboard.engines.understanding import OnnxUnderstanding, build_engines, build_understanding
from switchboard.errors import Unavailable
from switchboard.ports.engines import EMBEDDING_WIDTH, TextToRead
from switchboard.training.evaluate import evaluate
from tests.properties import design_property
from tests.shared import SHARED
from tests.understanding.samples import AT, AWKWARD, any_text

MEASURE_MEMORY = """
import asyncio, psutil
from datetime import UTC, datetime
from switchboard.engines.understanding import build_understanding
from switchboard.ports.engines import TextToRead

sizes = [1, 5, 40] * 8
texts = [TextToRead(text="where is my order number twelve, I wait " * n, at=datetime.now(UTC)) for n in sizes]
readings = asyncio.run(build_understanding(timeout=60.0).read(texts))
assert readings[0].source == "model"
print(psutil.Process().memory_info().rss // 2**20)
"""


@cache
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


def read(*texts: str, reader: OnnxUnderstanding | None = None) -> list[Reading]:
    used = reader or build_understanding(encoder=encoder(), timeout=60.0)
    return asyncio.run(used.read([TextToRead(text=text, at=AT) for text in texts]))


class BrokenEncoder(OnnxEncoder):
    def encode_whole(self, texts: Sequence[str]) -> Windows:
        raise RuntimeError("the graph is damaged")


class StuckEncoder(OnnxEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.go_on, self.done = threading.Event(), threading.Event()

    def encode_whole(self, texts: Sequence[str]) -> Windows:
        self.go_on.wait(60)
        self.done.set()
        return super().encode_whole(texts)


class TestOrdinaryMessages:
    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("I want to speak to a human", IntentCategory.ESCALATION),
            ("Where is my order?", IntentCategory.INQUIRY),
            ("Please cancel my subscription", IntentCategory.REQUEST),
            (
                "Your app keeps crashing, it has been broken for two weeks and nobody answers. Worst company ever!",
                IntentCategory.COMPLAINT,
            ),
            ("Thanks a lot, the staff were great and the food was delicious", IntentCategory.FEEDBACK),
        ],
    )
    def test_are_read_by_the_model(self, text: str, intent: IntentCategory) -> None:
        (reading,) = read(text)
        assert reading.primary.category is intent
        assert reading.source is ReadingSource.MODEL
        assert reading.model_version
        assert reading.primary.subcategory

    def test_carry_entities_language_hurry_and_the_wish_for_a_person(self) -> None:
        reader = build_understanding(encoder=encoder(), products=lambda: ["Aurora Desk Lamp"], timeout=60.0)
        (reading,) = read(
            "URGENT: my Aurora Desk Lamp from order LC-48213 is broken, I want to talk to an agent", reader=reader
        )
        assert {entity.value for entity in reading.entities} == {"Aurora Desk Lamp", "LC-48213"}
        assert reading.language.code == "en"
        assert reading.time_sensitive == ("urgent",)
        assert reading.wants_human

    def test_new_products_are_found_as_soon_as_the_catalogue_has_them(self) -> None:
        names: list[str] = []
        reader = build_understanding(encoder=encoder(), products=lambda: names, timeout=60.0)
        before = read("my Moonlight Kettle leaks", reader=reader)[0].entities
        names.append("Moonlight Kettle")
        after = read("my Moonlight Kettle leaks", reader=reader)[0].entities
        assert [entity.value for entity in before if entity.type is EntityType.PRODUCT] == []
        assert [entity.value for entity in after if entity.type is EntityType.PRODUCT] == ["Moonlight Kettle"]

    def test_in_another_language_stay_below_the_review_level(self) -> None:
        (reading,) = read("Ich möchte meine Bestellung stornieren, wie mache ich das bitte?")
        assert reading.language.code == "de"
        assert reading.intent.requires_human_review

    def test_answers_come_in_the_order_of_the_questions(self) -> None:
        texts = ["Where is my order?", "thanks, great service, I love it", "x " * 300, "Please cancel my order"]
        together, alone = read(*texts), [read(text)[0] for text in texts]
        assert [one.primary.category for one in together] == [one.primary.category for one in alone]

    def test_no_messages_give_no_readings(self) -> None:
        assert read() == []


class TestAnyText:
    @design_property(3)
    @settings(max_examples=100, deadline=None)
    @given(any_text)
    def test_has_a_valid_main_intent_with_a_confidence(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 3: Intent Classification Validity"""
        (reading,) = read(text)
        assert reading.primary.category in set(IntentCategory)
        assert 0.0 <= reading.intent.confidence <= 1.0

    @design_property(4)
    @settings(max_examples=100, deadline=None)
    @given(any_text)
    def test_is_flagged_for_review_exactly_below_the_level(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 4: Low Confidence Flagging"""
        (reading,) = read(text)
        assert reading.intent.requires_human_review == (reading.intent.confidence < REVIEW_BELOW)

    @design_property(6)
    @settings(max_examples=100, deadline=None)
    @given(any_text)
    def test_has_its_intents_in_descending_confidence_each_once(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 6: Multi-Intent Ranking"""
        (reading,) = read(text)
        confidences = [intent.confidence for intent in reading.intent.all_intents]
        assert confidences == sorted(confidences, reverse=True)
        assert len({intent.category for intent in reading.intent.all_intents}) == len(confidences)

    @design_property(7)
    @settings(max_examples=100, deadline=None)
    @given(any_text)
    def test_has_a_tone_in_range_with_its_label(self, text: str) -> None:
        """Feature: omnichannel-cx-platform, Property 7: Sentiment Score Range"""
        (reading,) = read(text)
        assert -1.0 <= reading.sentiment.score <= 1.0
        assert reading.sentiment.label in set(SentimentLabel)
        assert reading.sentiment.label is sentiment_label(reading.sentiment.score)

    @pytest.mark.timeout(40)  # reading without a bound takes minutes
    @pytest.mark.parametrize("name", sorted(AWKWARD))
    def test_awkward_ones_are_read_by_the_model_in_bounded_time(self, name: str) -> None:
        (reading,) = read(AWKWARD[name])
        assert reading.source is ReadingSource.MODEL

    @pytest.mark.parametrize("text", ["", "😡", "12345", "?", "ok"])
    def test_without_a_message_is_never_sure(self, text: str) -> None:
        assert read(text)[0].intent.requires_human_review

    def test_two_wishes_are_both_named(self) -> None:
        (reading,) = read(
            "My parcel arrived broken again, this is unacceptable. I want a refund, please send my money back."
        )
        assert {"complaint", "request"} <= {intent.category for intent in reading.intent.all_intents}


class TestWhenTheModelFails:
    def test_missing_files_leave_the_rules(self, tmp_path: Path) -> None:
        reader = build_understanding(tmp_path)
        (reading,) = read("I want to speak to a manager about order LC-48213", reader=reader)
        assert reading.source is ReadingSource.RULES
        assert reading.intent.requires_human_review
        assert reading.primary.category is IntentCategory.ESCALATION
        assert reading.entities[0].value == "LC-48213"
        assert list(reading.embedding) == []

    def test_a_broken_model_leaves_the_rules(self) -> None:
        (reading,) = read("Where is my order?", reader=OnnxUnderstanding(BrokenEncoder()))
        assert reading.source is ReadingSource.RULES

    def test_a_slow_model_is_not_waited_for(self) -> None:
        encoder = StuckEncoder()
        (reading,) = read("Where is my order?", reader=OnnxUnderstanding(encoder, timeout=0.05))
        assert reading.source is ReadingSource.RULES
        assert not encoder.done.is_set()
        encoder.go_on.set()

    def test_customer_text_never_reaches_the_log(self, caplog: pytest.LogCaptureFixture) -> None:
        read("my secret is 4711", reader=OnnxUnderstanding(BrokenEncoder()))
        assert "4711" not in caplog.text
        assert "RuntimeError" in caplog.text

    async def test_the_loop_keeps_running_while_the_model_thinks(self) -> None:
        encoder = StuckEncoder()
        reader = OnnxUnderstanding(encoder, timeout=60.0)
        reading = asyncio.ensure_future(reader.read([TextToRead(text="hello", at=AT)]))
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert not reading.done()
        encoder.go_on.set()
        assert (await reading)[0].source is ReadingSource.MODEL

    def test_a_language_hint_decides_only_where_the_text_does_not(self) -> None:
        reader = build_understanding(encoder=encoder(), timeout=60.0)
        texts = [
            TextToRead(text=text, at=AT, language_hint="de-CH") for text in ("12345", "Where is my order, please?")
        ]
        assert [one.language.code for one in asyncio.run(reader.read(texts))] == ["de", "en"]


class TestEmbeddings:
    async def test_have_unit_length_and_bring_like_meaning_together(self) -> None:
        refund, back, weather = await build_embedder(encoder=encoder()).embed(
            ["How do I get a refund?", "I want my money back", "The weather is sunny today"]
        )
        assert len(refund) == EMBEDDING_WIDTH
        assert sum(value * value for value in refund) == pytest.approx(1.0, abs=1e-3)
        assert dot(refund, back) > dot(refund, weather) + 0.2

    async def test_of_a_reading_and_of_the_embedder_are_the_same(self) -> None:
        reader, embedder = build_engines(timeout=60.0)
        (reading,) = await reader.read([TextToRead(text="Where is my parcel?", at=AT)])
        (vector,) = await embedder.embed(["Where is my parcel?"])
        assert list(reading.embedding) == pytest.approx(list(vector), abs=1e-5)

    async def test_without_a_model_say_unavailable(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="model folder"):
            await build_embedder(tmp_path).embed(["hello"])

    async def test_of_nothing_are_nothing(self) -> None:
        assert await build_embedder(encoder=encoder()).embed([]) == []


class TestBatches:
    def test_hold_every_row_once_and_respect_the_size(self) -> None:
        lengths = [256] * 70 + [3] * 90 + [40]
        groups = batches(lengths)
        assert sorted(row for group in groups for row in group) == list(range(len(lengths)))
        assert all(len(group) * max(lengths[row] for row in group) <= MAX_BATCH_TOKENS for group in groups)


class TestQuality:
    def test_held_out_messages_are_read_as_the_card_says(self) -> None:
        rows = [
            json.loads(line) for line in (SHARED / "data" / "labelled-examples.jsonl").read_text("utf-8").splitlines()
        ]
        reader = build_understanding(encoder=encoder(), timeout=60.0)
        card = json.loads((MODELS / "model_card.json").read_text("utf-8"))
        for task in ("intent", "sentiment"):
            measured = evaluate(task, rows, reader)["accuracy"]
            assert isinstance(measured, float)
            assert measured == pytest.approx(card["metrics"][task]["accuracy"], abs=0.03)

    def test_the_whole_reader_fits_in_250_megabytes(self) -> None:
        done = subprocess.run([sys.executable, "-c", MEASURE_MEMORY], capture_output=True, text=True, check=True)
        assert int(done.stdout) < 250


def dot(one: Sequence[float], two: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, two, strict=True))
