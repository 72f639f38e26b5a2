"""Fine-tuning: what is learned from, what stays hidden, and a whole run in small where PyTorch is installed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from switchboard.domain.reading import IntentCategory, ReadingSource, Topic
from switchboard.engines.encoder_heads import CLASSES, KINDS, OUTPUTS, TOPICS, joined, load_heads, save_heads
from switchboard.engines.onnx_encoder import MAX_TOKENS, MODELS, MOST_WINDOWS, Encoded, Windows, window, windows
from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.ports.engines import TextToRead
from switchboard.training.augment import vary
from switchboard.training.corpus import load_lessons
from switchboard.training.data import Example, Part, load_team, load_written, part_of_example
from switchboard.training.encoder_export import build_graph, export_weights, read_back
from switchboard.training.joining import join_models, side_by_side
from switchboard.training.plan import Plan, Schedule
from switchboard.training.train import train
from switchboard.training.tuning_targets import blend
from switchboard.understanding.text import tidy
from tests.engines.test_training import DATA, small_data, small_run

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch comes with the extra train only")
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
TINY = Schedule(
    broad=Plan(rounds=0.2, rows=8, tokens=16), narrow=Plan(rounds=0.2, rows=8, tokens=16), members=2, width=8, most=40
)


class TestLessons:
    def test_hold_every_text_once(self) -> None:
        texts = [tidy(lesson.text).lower() for lesson in load_lessons(DATA, ["banking77", "uci_reviews"], 7)]
        assert len(texts) == len(set(texts))

    def test_keep_one_banking_row_in_ten_for_measuring(self) -> None:
        lessons = load_lessons(DATA, ["banking77"], 7)
        assert 0.08 < sum(lesson.held_out for lesson in lessons) / len(lessons) < 0.12

    def test_hold_the_later_turns_of_tweets_without_labels(self) -> None:
        later = [lesson for lesson in load_lessons(DATA, ["ibm_cdp"], 7) if "/" in lesson.example.key]
        assert later
        assert all(lesson.example.intent is None and not lesson.fine for lesson in later)


class TestVariedTexts:
    def test_are_the_same_for_the_same_draw(self) -> None:
        text = "Please cancel my order, it hasn't arrived."
        assert [vary(text, random.Random(n)) for n in range(9)] == [vary(text, random.Random(n)) for n in range(9)]

    def test_stay_as_they_are_in_half_of_all_cases(self) -> None:
        draw, text = random.Random(1), "Where is my parcel? It should have been here."
        same = sum(vary(text, draw) == text for _ in range(400))
        assert 180 <= same <= 280

    @pytest.mark.parametrize("text", ["", "?", "ok", "😡", "a" * 9000])
    def test_of_any_text_are_texts(self, text: str) -> None:
        assert all(isinstance(vary(text, random.Random(n)), str) for n in range(40))


class TestWeakReadings:
    def test_move_towards_what_the_class_mapping_says(self) -> None:
        wanted = np.full(OUTPUTS, 1 / 6, np.float32)
        blend(wanted, Example(key="a:1", text="", intent="request", topic=Topic.BILLING_PAYMENT, score=0.5), 0.5)
        assert wanted[KINDS["intent"]].argmax() == CLASSES.index("request")
        assert wanted[KINDS["intent"]].sum() == pytest.approx(1.0)
        assert wanted[KINDS["topic"]].argmax() == TOPICS.index(Topic.BILLING_PAYMENT)


class TestOwnTexts:
    def test_that_we_wrote_never_measure(self) -> None:
        assert {part_of_example(example) for example in load_written()} == {Part.TRAIN}

    def test_of_a_team_are_read_with_what_they_have(self, tmp_path: Path) -> None:
        file = tmp_path / "own.jsonl"
        file.write_text(
            '{"text": "Where is my bag?", "intent": "inquiry"}\n{"text": "Lovely", "score": 0.7}\n', "utf-8"
        )
        one, two = load_team(file)
        assert (one.intent, one.score, two.intent, two.score) == ("inquiry", None, None, 0.7)
        assert part_of_example(two) is Part.TRAIN

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ('{"intent": "inquiry"}', "text"),
            ('{"text": "a", "intent": "moan"}', "intent"),
            ('{"text": "a", "topic": "weather"}', "topic"),
            ('{"text": "a", "score": 3}', "score"),
            ('{"text": "a", "secondary": ["moan"]}', "secondary"),
            ("not json", "labels"),
        ],
    )
    def test_of_a_team_that_cannot_be_used_are_named_by_row_and_field(
        self, tmp_path: Path, line: str, field: str
    ) -> None:
        (tmp_path / "own.jsonl").write_text(line, "utf-8")
        with pytest.raises(InvalidInput, match="row 0") as refused:
            load_team(tmp_path / "own.jsonl")
        assert refused.value.field == field


class TestGraphs:
    def test_give_their_weights_back_as_near_as_eight_bits_hold_them(self, tmp_path: Path) -> None:
        weights = read_back(MODELS / "encoder.onnx")
        export_weights(weights, MODELS / "tokenizer.json", tmp_path)
        again = read_back(tmp_path / "encoder.onnx")
        name = "encoder.layer.3.intermediate.dense.weight"
        assert again.keys() == weights.keys()
        assert float(np.abs(again[name] - weights[name]).max()) < 0.02 * float(np.abs(weights[name]).max())

    def test_say_what_went_in_and_comes_out(self) -> None:
        graph = build_graph(read_back(MODELS / "encoder.onnx")).graph
        assert [one.name for one in graph.output] == ["pooled", "middle", "embedding"]

    def test_long_texts_keep_their_beginning_and_their_end(self) -> None:
        ids = list(range(1000))
        assert window(ids)[:191] == ids[:191]
        assert window(ids)[-65:] == ids[-65:]
        assert len(window(ids)) == MAX_TOKENS
        assert len(window(ids, 64)) == 64

    def test_long_texts_are_read_whole_in_windows_of_like_size(self) -> None:
        ids = list(range(700))
        rows = windows(ids)
        assert len(rows) == 3
        assert {ids[0], ids[-1]} <= set(rows[0]) & set(rows[1]) & set(rows[2])
        assert set().union(*rows) == set(ids)
        assert len({len(row) for row in rows}) == 1

    def test_texts_too_long_for_that_are_seen_from_beginning_to_end(self) -> None:
        rows = windows(list(range(3_000)))
        assert len(rows) == MOST_WINDOWS
        assert rows[0][:3] == [0, 1, 2]
        assert rows[-1][-3:] == [2997, 2998, 2999]


class TestJoinedModels:
    def test_say_the_mean_of_what_each_head_says_on_the_mean_of_their_encoders(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        weights = {name: value * np.float32(0.9) for name, value in read_back(MODELS / "encoder.onnx").items()}
        export_weights(weights, MODELS / "tokenizer.json", other)
        heads = load_heads(MODELS)
        turned = replace(heads.network, outer=heads.network.outer[:, ::-1].copy())
        save_heads(replace(heads, network=turned), other)

        joined_weights, network = join_models((MODELS, other))

        name = "encoder.layer.2.output.dense.weight"
        parts = [read_back(folder / "encoder.onnx")[name] for folder in (MODELS, other)]
        assert np.allclose(joined_weights[name], (parts[0] + parts[1]) / 2, atol=1e-6)
        seen = np.random.default_rng(3).normal(size=(4, len(network.inner))).astype(np.float32)
        means = (load_heads(MODELS).network(seen) + load_heads(other).network(seen)) / 2
        assert np.allclose(network(seen), means, atol=0.05)

    def test_heads_for_a_frozen_encoder_cannot_be_joined(self) -> None:
        network = load_heads(MODELS).network
        frozen = replace(network, inner=network.inner[384:])
        with pytest.raises(InvalidInput, match="frozen") as refused:
            side_by_side([network, frozen])
        assert refused.value.field == "join"

    def test_without_a_model_to_go_on_from_nothing_is_joined(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="join") as refused:
            train(tmp_path, tmp_path / "model", join=MODELS)
        assert "--from" in str(refused.value.fix)


class TestWithoutPyTorch:
    @pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed here")
    def test_the_way_without_it_is_named(self, tmp_path: Path) -> None:
        run = small_run(tmp_path)
        run["heads_only"] = False
        with pytest.raises(InvalidInput, match="PyTorch is missing") as refused:
            train(small_data(tmp_path), tmp_path / "model", **run)
        assert "--heads-only" in str(refused.value.fix)


@needs_torch
class TestWithPyTorch:
    def test_a_model_folder_learns_further_and_reads(self, tmp_path: Path) -> None:
        run = small_run(tmp_path)
        run["heads_only"] = False
        figures = train(small_data(tmp_path), tmp_path / "model", **run, start=MODELS, schedule=TINY)
        reader = build_understanding(tmp_path / "model", timeout=60.0)
        (reading,) = asyncio.run(reader.read([TextToRead(text="Where is my card?", at=AT)]))
        assert reading.source is ReadingSource.MODEL
        assert "fp32" in figures

    def test_two_model_folders_become_one_that_learns_further_and_reads(self, tmp_path: Path) -> None:
        run = small_run(tmp_path)
        run["heads_only"] = False
        train(small_data(tmp_path), tmp_path / "model", **run, start=MODELS, join=MODELS, schedule=TINY)
        alone, both = (load_heads(folder).network for folder in (MODELS, tmp_path / "model"))
        reader = build_understanding(tmp_path / "model", timeout=60.0)
        (reading,) = asyncio.run(reader.read([TextToRead(text="Where is my card?", at=AT)]))
        assert reading.primary.category is IntentCategory.INQUIRY
        assert both.inner.shape[1] == 2 * alone.inner.shape[1]

    def test_windows_are_joined_while_learning_as_they_are_in_service(self) -> None:
        import torch

        from switchboard.training.fine_tune import joined as learned
        from switchboard.training.fine_tune import over_windows

        draw = np.random.default_rng(5)
        scores, counts = (
            draw.normal(size=(5, OUTPUTS)).astype(np.float32),
            np.array([256, 200, 90, 256, 40], np.float32),
        )
        owner = np.array([0, 0, 1, 2, 2])
        empty = np.zeros((5, 0), np.float32)
        whole = Windows(encoded=Encoded(pooled=empty, middle=empty, embedding=empty), owner=owner, tokens=counts)
        shares = [torch.from_numpy(counts[owner == text]) for text in range(3)]

        found = over_windows(torch.from_numpy(scores), shares, learned).numpy()

        assert np.allclose(found, joined(scores, whole), atol=1e-4)
