"""Training and measuring: figures are right, labels are sound, licences are kept, heads survive saving."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from switchboard.domain.reading import IntentCategory, Reading, ReadingSource, Topic
from switchboard.engines.encoder_heads import (
    CLASSES,
    DENSE,
    KINDS,
    OUTPUTS,
    TUNED_DENSE,
    Calibration,
    band_share,
    joined,
    leaning,
    load_heads,
    save_heads,
)
from switchboard.engines.onnx_encoder import MODELS, Encoded, Windows
from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.ports.engines import TextToRead
from switchboard.training.data import MEASURED, PERMISSIVE, Example, Part, load_hand, load_mapping, part_of, read_rows
from switchboard.training.encoder_export import load_weights
from switchboard.training.evaluate import evaluate
from switchboard.training.fitting import fit_band, fit_confidence, fit_lean
from switchboard.training.metrics import calibration, classification, tone_error
from switchboard.training.network import Recipe
from switchboard.training.train import train, without
from switchboard.training.weak import emotion_score, intent_by_wording
from switchboard.understanding.entities import extract_entities
from switchboard.understanding.features import CUES
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.rules import read_by_rules
from tests.shared import SHARED

DATA = SHARED / "data"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARTS_OF_SIX = [Part.TRAIN, Part.TRAIN, Part.CALIBRATION, Part.TEST, Part.TEST, Part.TEST]
"""Fixed for good: a change would let messages that measure slip into training."""


@cache
def hand_labels() -> list[Example]:
    return load_hand(DATA)


class RulesOnly:
    """Reads by rules: quick enough to test the measuring itself."""

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        return [
            read_by_rules(
                one.text, language=language_by_rules(one.text), entities=extract_entities(one.text, at=one.at)
            )
            for one in texts
        ]


class TestOwnLabels:
    def test_are_at_least_three_hundred_messages_with_labels_of_the_guideline(self) -> None:
        hand = hand_labels()
        assert len(hand) >= 300
        assert {example.intent for example in hand} == {*IntentCategory, "none"}
        assert all(example.score is not None and -1 <= example.score <= 1 for example in hand)
        assert all(example.intent not in example.secondary for example in hand)
        assert len({example.key for example in hand}) == len(hand)

    def test_come_only_from_sets_whose_licence_allows_training(self) -> None:
        assert {example.source for example in hand_labels()} <= set(PERMISSIVE)
        assert not set(PERMISSIVE) & set(MEASURED)

    def test_never_meet_the_held_out_messages(self) -> None:
        held_out = [
            json.loads(line)["text"] for line in (DATA / "labelled-examples.jsonl").read_text("utf-8").splitlines()
        ]
        kept = without([], hand_labels(), held_out)
        assert not {example.text for example in kept} & set(held_out)


class TestWeakLabels:
    def test_every_mapped_class_has_a_known_topic(self) -> None:
        assert {topic for _, topic, _ in load_mapping(DATA).values()} <= set(Topic)

    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("why was my card declined?", "inquiry"),
            ("please send me a new card", "request"),
            ("my payment was charged twice", "complaint"),
            ("hello", None),
        ],
    )
    def test_wording_decides_where_the_class_does_not(self, text: str, intent: str | None) -> None:
        assert intent_by_wording(text) == intent

    def test_contradicting_emotions_have_no_score(self) -> None:
        assert emotion_score(["joy", "anger"]) is None
        assert emotion_score(["anger"]) == -0.75

    def test_rows_are_named_by_source_and_line(self) -> None:
        key, row = next(read_rows(DATA, "uci_reviews"))
        assert key == "uci_reviews:0"
        assert row["text"]


class TestFigures:
    def test_of_a_small_classification_are_right(self) -> None:
        figures = classification(["a", "a", "b"], ["a", "b", "b"])
        assert figures["accuracy"] == pytest.approx(0.6667)
        assert figures["macro_f1"] == pytest.approx(0.6667)
        assert figures["confusion"] == {"a": {"a": 1, "b": 1}, "b": {"b": 1}}

    def test_of_perfect_calibration_have_no_error(self) -> None:
        figures = calibration([1.0] * 4, [True] * 4)
        assert figures["ece"] == 0.0
        assert figures["at_0.85"] == {"coverage": 1.0, "precision": 1.0, "n": 4}

    def test_of_tone_know_the_mean_error(self) -> None:
        assert tone_error([0.0, 1.0], [0.5, 1.0])["mae"] == 0.25

    @pytest.mark.parametrize("task", ["intent", "sentiment"])
    def test_are_made_for_the_labelled_examples(self, task: str) -> None:
        rows = [json.loads(line) for line in (DATA / "labelled-examples.jsonl").read_text("utf-8").splitlines()]
        figures = evaluate(task, rows, RulesOnly())
        assert figures["n"] == 80
        assert figures["source"] == ["rules"]
        assert json.dumps(figures)

    def test_of_entities_take_lists_and_mappings(self) -> None:
        rows: list[dict[str, object]] = [
            {"text": "order LC-48213 cost $20", "entities": [{"type": "order_number", "value": "LC-48213"}]},
            {"text": "order LC-48213 cost $20", "entities": {"amount": ["$20"], "order_number": ["lc-48213"]}},
        ]
        figures = evaluate("entities", rows, RulesOnly())
        assert (figures["recall"], figures["precision"]) == (1.0, 0.75)

    def test_of_language_compare_codes(self) -> None:
        rows = [{"text": "danke", "language": "de"}, {"text": "merci", "language": "fr"}]
        assert evaluate("language", rows, RulesOnly())["accuracy"] == 1.0

    def test_of_unknown_tasks_or_rows_without_fields_are_refused_by_name(self) -> None:
        with pytest.raises(InvalidInput, match="intent, sentiment"):
            evaluate("mood", [], RulesOnly())
        with pytest.raises(InvalidInput, match="row 0 has no text in intent"):
            evaluate("intent", [{"text": "hello"}], RulesOnly())


class TestHeads:
    def test_survive_saving_and_loading(self, tmp_path: Path) -> None:
        heads = load_heads()
        save_heads(heads, tmp_path)
        again, seen = load_heads(tmp_path), np.full((1, TUNED_DENSE), 0.01, np.float32)
        assert again.views(again.network(seen)) == heads.views(heads.network(seen))

    def test_of_other_labels_are_refused(self, tmp_path: Path) -> None:
        save_heads(load_heads(), tmp_path)
        meta = json.loads((tmp_path / "heads.json").read_text("utf-8"))
        (tmp_path / "heads.json").write_text(json.dumps({**meta, "topics": ["weather"]}), encoding="utf-8")
        with pytest.raises(ValueError, match="train again"):
            load_heads(tmp_path)

    def test_saved_before_escalations_counted_more_read_as_they_did(self, tmp_path: Path) -> None:
        save_heads(load_heads(), tmp_path)
        meta = json.loads((tmp_path / "heads.json").read_text("utf-8"))
        del meta["lean"]
        (tmp_path / "heads.json").write_text(json.dumps(meta), encoding="utf-8")
        assert load_heads(tmp_path).calibration.lean == 1.0

    def test_a_near_escalation_goes_before_a_complaint_when_it_counts_more(self) -> None:
        heads = load_heads()
        out = np.zeros((1, OUTPUTS), np.float32)
        out[0, :6] = np.log([0.4, 0.5, 0.03, 0.03, 0.02, 0.02])
        said = [
            max(view.primary, key=lambda intent, view=view: view.primary[intent])  # type: ignore[misc]  # a lambda cannot be annotated
            for lean in (1.0, 1.5)
            for view in replace(heads, calibration=replace(heads.calibration, lean=lean)).views(out)
        ]
        assert said == ["complaint", "escalation"]

    def test_a_greeting_does_not_become_one(self) -> None:
        chances = np.array([[0.05, 0.03, 0.02, 0.03, 0.07, 0.8]], np.float32)
        assert leaning(chances, 2.0)[0, :-1].argmax() == CLASSES.index("feedback")

    def test_how_much_more_is_what_finds_them_best(self) -> None:
        draw = np.random.default_rng(4)
        chances = np.asarray(draw.dirichlet(np.full(6, 0.6), 3_000), np.float32)
        meant = np.array([draw.choice(6, p=row / row.sum()) for row in leaning(chances, 2.5).astype(float)])
        plain = np.array([draw.choice(6, p=row / row.sum()) for row in chances.astype(float)])
        assert fit_lean(chances, meant) >= 1.5
        assert fit_lean(chances, meant) >= fit_lean(chances, plain)

    def test_confidence_is_the_share_that_was_right(self) -> None:
        draw = np.random.default_rng(1)
        chances = np.asarray(draw.dirichlet(np.full(6, 0.4), 4_000), np.float32)
        top = np.clip(chances[:, :-1].max(axis=1), 1e-4, 1 - 1e-4)
        right = draw.random(len(chances)) < 1 / (1 + np.exp(-0.7 * np.log(top / (1 - top)) - 0.4))
        sure = fit_confidence(chances, right, np.ones(len(chances), np.float32))
        told = Calibration(sure=sure, present_from=0.5, score_spread=0.2).confidence(chances)
        for low in (0.2, 0.4, 0.6, 0.8):
            near = (told >= low) & (told < low + 0.2)
            assert told[near].mean() == pytest.approx(right[near].mean(), abs=0.06)

    def test_confidence_of_a_tone_is_the_share_whose_label_was_right(self) -> None:
        draw = np.random.default_rng(2)
        scores = draw.uniform(-1, 1, 4_000).astype(np.float32)
        right = draw.random(4_000) < [band_share(float(score), 0.1) for score in scores]
        fitted = replace(load_heads().calibration, score_spread=0.2, band=fit_band(scores, 0.2, right))
        told = np.array([fitted.band_confidence(float(score)) for score in scores])
        assert told.mean() == pytest.approx(right.mean(), abs=0.02)
        assert right[told > 0.9].mean() > right[told < 0.6].mean() + 0.3

    def test_confidence_falls_where_no_intent_is_as_likely(self) -> None:
        fitted = load_heads().calibration
        alone, beside = (
            np.array([[0.5, rest, 0, 0, 0, none]], np.float32) for rest, none in ((0.28, 0.22), (0.22, 0.28))
        )
        assert fitted.confidence(beside)[0] < fitted.confidence(alone)[0]

    def test_an_intent_counts_where_a_long_text_shows_it_most(self) -> None:
        scores = np.zeros((3, OUTPUTS), np.float32)
        scores[:2, KINDS["intent"]] = [[-2, 4, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0]]
        scores[:2, KINDS["score"]] = [[-1.0], [0.0]]
        windows = Windows(
            encoded=Encoded(pooled=scores, middle=scores, embedding=scores),
            owner=np.array([0, 0, 1]),
            tokens=np.array([300, 100, 8], np.float32),
        )
        read = joined(scores, windows)
        assert read.shape == (2, OUTPUTS)
        assert read[0, KINDS["intent"]].argmax() == 0
        assert read[0, KINDS["score"]][0] == pytest.approx(-0.75)

    def test_chance_of_the_right_band_is_highest_in_its_middle(self) -> None:
        assert band_share(0.0, 0.2) > band_share(0.24, 0.2)
        assert 0 < band_share(-1.0, 0.2) <= 1

    def test_read_as_many_cues_as_they_were_trained_on(self) -> None:
        assert load_heads().network.inner.shape[0] in (DENSE, TUNED_DENSE)
        assert load_heads().network.outer.shape[1] == OUTPUTS
        assert TUNED_DENSE == 384 + DENSE == 384 + 384 + 768 + CUES


class TestTheShippedModel:
    def test_has_a_card_with_licences_thresholds_and_figures(self) -> None:
        card = json.loads((MODELS / "model_card.json").read_text("utf-8"))
        assert card["version"] == load_heads().version
        assert card["thresholds"]["review_below"] == 0.70
        assert set(card["data"]["weak"]) <= set(card["data"]["licences"])
        assert not set(card["data"]["weak"]) & set(card["data"]["never_trained_on"])

    def test_is_right_at_least_85_times_in_100_where_it_is_sure(self) -> None:
        card = json.loads((MODELS / "model_card.json").read_text("utf-8"))
        sure = card["metrics"]["own_test"]["calibration"]["at_0.85"]
        assert sure["precision"] >= 0.85
        assert sure["n"] >= 100

    def test_was_measured_on_at_least_500_own_labels_it_never_learned_from(self) -> None:
        assert sum(part_of(example.key) is Part.TEST for example in hand_labels()) >= 500
        assert json.loads((MODELS / "model_card.json").read_text("utf-8"))["metrics"]["own_test"]["n"] >= 500

    def test_asks_for_a_person_where_a_message_has_no_intent(self) -> None:
        card = json.loads((MODELS / "model_card.json").read_text("utf-8"))
        assert card["metrics"]["own_test"]["without_intent"]["below_review"] >= 0.85

    def test_fits_the_package(self) -> None:
        assert sum(path.stat().st_size for path in MODELS.iterdir()) < 30 * 2**20

    def test_is_made_only_from_the_weights_whose_licence_was_checked(self, tmp_path: Path) -> None:
        (tmp_path / "model.safetensors").write_bytes(b"something else")
        with pytest.raises(ValueError, match="SHA-256"):
            load_weights(tmp_path)


class TestTraining:
    """From a handful of messages to a model that reads, in seconds."""

    def test_makes_a_model_that_reads_with_a_card_of_its_figures(self, tmp_path: Path) -> None:
        figures = train(small_data(tmp_path), tmp_path / "model", **small_run(tmp_path))
        reader = build_understanding(tmp_path / "model", timeout=60.0)
        (reading,) = asyncio.run(reader.read([TextToRead(text="Where is my card?", at=AT)]))
        card = json.loads((tmp_path / "model" / "model_card.json").read_text("utf-8"))
        assert reading.source is ReadingSource.MODEL
        assert reading.model_version == card["version"]
        assert card["metrics"] == json.loads(json.dumps(figures))
        assert "Figures" in (tmp_path / "model" / "model_card.md").read_text("utf-8")

    def test_again_gives_the_same_model_and_encodes_nothing_twice(self, tmp_path: Path) -> None:
        data = small_data(tmp_path)
        train(data, tmp_path / "one", **small_run(tmp_path))
        kept = sorted((tmp_path / "cache").rglob("*.npz"))
        train(data, tmp_path / "two", **small_run(tmp_path))
        seen = np.full((1, TUNED_DENSE), 0.01, np.float32)
        one, two = load_heads(tmp_path / "one"), load_heads(tmp_path / "two")
        assert one.views(one.network(seen)) == two.views(two.network(seen))
        assert sorted((tmp_path / "cache").rglob("*.npz")) == kept

    def test_without_all_sets_names_the_first_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="incomplete") as refused:
            train(tmp_path, tmp_path / "model")
        assert refused.value.limit == "labelled-examples.jsonl"

    def test_never_moves_a_message_between_the_parts(self) -> None:
        assert [part_of(f"ibm_cdp:{row}") for row in range(6)] == PARTS_OF_SIX


class Small(TypedDict):
    labels: Path
    written: Path
    heads_only: bool
    cache: Path
    recipe: Recipe


def small_run(folder: Path) -> Small:
    return {
        "labels": folder / "labels",
        "written": folder / "written",
        "cache": folder / "cache",
        "recipe": Recipe(width=16, members=1, rounds=2),
        "heads_only": True,
    }


def small_data(folder: Path) -> Path:
    """The first rows of every set, and the labels that belong to them."""
    data, labels = folder / "data", folder / "labels"
    labels.mkdir()
    for source in PERMISSIVE:
        (data / source).mkdir(parents=True)
        rows = [row for _, row in itertools.islice(read_rows(DATA, source), 40)]
        with gzip.open(data / source / f"{source}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps({**row, "text": str(row["text"])[:120]}) + "\n" for row in rows)
        intents = itertools.cycle(["complaint", "request", "inquiry", "feedback", "escalation", "none"])
        marks = [
            {"source": source, "row": n, "intent": next(intents), "topic": "general", "score": 0.0} for n in range(12)
        ]
        (labels / f"{source}.jsonl").write_text("".join(json.dumps(mark) + "\n" for mark in marks), "utf-8")
    (data / "mapping").mkdir()
    shutil.copyfile(DATA / "mapping" / "label_mapping.csv", data / "mapping" / "label_mapping.csv")
    lines = (DATA / "labelled-examples.jsonl").read_text("utf-8").splitlines()[:10]
    (data / "labelled-examples.jsonl").write_text("\n".join(lines), "utf-8")
    return data


def test_hand_labels_replace_weak_ones() -> None:
    hand = hand_labels()[:1]
    weak = [replace(hand[0], by_hand=False, intent="feedback")]
    assert Counter(example.by_hand for example in without(weak, hand, [])) == {True: 1}
