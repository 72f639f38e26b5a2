"""Marked entities and the tagger: marks are sound, parts never mix, figures are right, the shipped model reads names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from switchboard.domain.reading import Entity, EntityType
from switchboard.engines.tagger_model import FILE, load_tagger, save_tagger
from switchboard.errors import InvalidInput
from switchboard.training.card_tables import entity_table
from switchboard.training.data import MEASURED
from switchboard.training.entity_data import (
    Tagged,
    load_catalogue_marks,
    load_marks,
    load_tagged,
    load_written_marks,
    part_of_marks,
)
from switchboard.training.entity_scores import entity_scores
from switchboard.training.entity_sentences import sentences
from switchboard.training.tagger import NEEDED, chosen_threshold, fit, missing_sets, table_of
from switchboard.training.train import names_and_places
from switchboard.training.word_groups import grouped
from switchboard.understanding.entities import extract_entities
from switchboard.understanding.tagger import KINDS
from switchboard.understanding.tagger_features import ROWS, Features, Lists, shape_of, tokens_of, word_hash
from tests.shared import SHARED
from tests.understanding.samples import AWKWARD

DATA = SHARED / "data"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
TAGGER = load_tagger()
NO_LISTS = Lists(
    common=frozenset(),
    first_names=frozenset(),
    last_names=frozenset(),
    places=frozenset(),
    cities=frozenset(),
    airports=frozenset(),
)


def entity(kind: str, value: str, start: int) -> Entity:
    return Entity(type=EntityType(kind), value=value, confidence=0.9, start=start, end=start + len(value))


class TestMarks:
    @pytest.mark.parametrize("part", ["train", "measure"])
    def test_every_mark_lies_in_its_text_and_in_its_part(self, part: str) -> None:
        rows = load_marks(DATA, part)
        assert len(rows) > 700
        for row in rows:
            assert part_of_marks(str(row["source"]), int(str(row["row"]))) == part
            for one in row["entities"]:  # type: ignore[attr-defined]  # a list of marks
                assert str(row["text"])[one["start"] : one["end"]] == one["value"]
                assert EntityType(one["type"])

    def test_nothing_that_only_measures_is_learned_from(self) -> None:
        measured = {str(row["text"]) for row in load_marks(DATA, "measure") if len(str(row["text"])) > 40}
        assert not measured & {one.text for one in load_tagged(DATA) if one.by_hand}
        assert not {row["source"] for row in load_marks(DATA, "train")} & set(MEASURED)

    def test_written_messages_only_teach(self) -> None:
        rows = load_written_marks()
        assert len(rows) > 700
        for row in rows:
            for one in row["entities"]:  # type: ignore[attr-defined]  # a list of marks
                assert str(row["text"])[one["start"] : one["end"]] == one["value"]
        assert not {str(row["text"]) for row in rows} & {str(row["text"]) for row in load_marks(DATA, "measure")}

    def test_catalogue_messages_are_halved(self) -> None:
        train, measure = load_catalogue_marks("train"), load_catalogue_marks("measure")
        assert len(train) >= 40
        assert len(measure) >= 40
        assert not {str(row["text"]) for row in train} & {str(row["text"]) for row in measure}


class TestScores:
    ROWS = (
        {
            "text": "Ann paid $5 in Rome",
            "entities": [
                {"type": "person", "start": 0, "end": 3},
                {"type": "amount", "value": "$5"},
                {"type": "location", "start": 15, "end": 19},
            ],
        },
    )

    def test_count_exact_and_touching_spans(self) -> None:
        figures = entity_scores(
            self.ROWS, [[entity("person", "Ann paid", 0), entity("amount", "$5", 9), entity("date", "in", 12)]]
        )
        strict, overlap = figures["strict"], figures["overlap"]
        assert isinstance(strict, dict)
        assert isinstance(overlap, dict)
        assert strict["per_type"]["person"]["f1"] == 0.0
        assert overlap["per_type"]["person"]["f1"] == 1.0
        assert strict["per_type"]["amount"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
        assert strict["micro"]["precision"] == 0.3333

    @pytest.mark.parametrize(
        "entities",
        ["none", [{"type": "colour", "value": "red"}], [{"type": "date"}], [{"type": "date", "start": 2, "end": 99}]],
    )
    def test_refuse_marks_that_cannot_be_used(self, entities: object) -> None:
        with pytest.raises(InvalidInput) as told:
            entity_scores([{"text": "hello", "entities": entities}], [[]])
        assert "row 0" in told.value.detail


class TestShippedTagger:
    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ("my name is jonathan zhou, i want a loan", "person", "jonathan zhou"),
            ("book a table under kevin please", "person", "kevin"),
            ("Please transfer 200 euros to Rickelle Kawamoto", "person", "Rickelle Kawamoto"),
            ("what is due for my credit card? Mike Denver, pin 09222", "person", "Mike Denver"),
            ("Please ask J. Priestman about it", "person", "J. Priestman"),
            ("will my card work in thailand", "location", "thailand"),
            ("is a rental available out of lax on friday", "location", "lax"),
            ("the LAX-SFO flight is late", "location", "SFO"),
            ("my pixel is broken and Gmail too", "product", "Gmail"),
            ("my capital one card was declined", "product", "capital one card"),
            ("book a flight from tampa, fl to Chicago", "location", "tampa, fl"),
            ("my zip is 44273, I live in Seville in Ohio.", "location", "Seville in Ohio"),
            ("Where are your branches in St. Louis?", "location", "St. Louis"),
            ("I live at 25 Nicholson Street Edinburgh", "location", "25 Nicholson Street Edinburgh"),
            ("trains to chicago via omaha", "location", "chicago"),
            ("stuck at terminal 2 in JFK since noon", "location", "JFK"),
            ("can I return it to the Leeds store", "location", "Leeds"),
            (
                "I live at 4819 Woodey Boulevard, Pittsburgh, PA 49058",
                "location",
                "4819 Woodey Boulevard, Pittsburgh, PA 49058",
            ),
        ],
    )
    def test_finds_names_that_no_pattern_knows(self, text: str, kind: str, value: str) -> None:
        found = {(str(one.type), one.value) for one in extract_entities(text, at=AT, language="en", tagger=TAGGER)}
        assert (kind, value) in found

    def test_a_state_after_its_town_is_not_found_twice(self) -> None:
        found = extract_entities("fun things to do in washington, dc", at=AT, language="en", tagger=TAGGER)
        assert [one.value for one in found] == ["washington, dc"]

    @pytest.mark.parametrize(
        "text", ["WHERE IS MY ORDER", "Die Rechnung ist falsch", "can I mark it as paid", "XXXX XXXX called me"]
    )
    def test_invents_no_names(self, text: str) -> None:
        assert not list(TAGGER.find(text))

    @pytest.mark.parametrize("name", sorted(AWKWARD))
    def test_reads_awkward_texts(self, name: str) -> None:
        for one in extract_entities(AWKWARD[name], at=AT, tagger=TAGGER):
            assert AWKWARD[name][one.start : one.end] == one.value

    def test_is_small(self) -> None:
        assert (Path(__file__).parents[2] / "src/switchboard/engines/models" / FILE).stat().st_size < 2_000_000

    def test_survives_saving(self, tmp_path: Path) -> None:
        save_tagger(TAGGER, tmp_path)
        again = load_tagger(tmp_path)
        assert np.array_equal(again.table, TAGGER.table)
        assert again.lists == TAGGER.lists

    def test_a_model_without_groups_of_words_is_refused(self, tmp_path: Path) -> None:
        save_tagger(TAGGER, tmp_path)
        with np.load(tmp_path / FILE) as arrays:
            kept = {name: arrays[name] for name in arrays.files if name not in {"groups", "grouped"}}
        np.savez(tmp_path / FILE, **kept)
        with pytest.raises(ValueError, match="train again"):
            load_tagger(tmp_path)

    def test_a_model_of_another_shape_is_refused(self, tmp_path: Path) -> None:
        np.savez(tmp_path / FILE, table=np.zeros((2, 2), np.int8), meta=np.array('{"kinds": []}'))
        with pytest.raises(ValueError, match="other kinds"):
            load_tagger(tmp_path)


class TestTrainingWithTheModel:
    def test_leaves_the_shipped_tagger_where_its_sets_are_missing(self, tmp_path: Path) -> None:
        with Progress(disable=True) as progress:
            figures = names_and_places(tmp_path, tmp_path, 7, progress)
        assert figures == {"missing": list(NEEDED)}
        assert "shipped tagger" in entity_table({"entities": figures})
        assert not (tmp_path / FILE).exists()

    def test_tells_its_figures_in_the_card(self) -> None:
        measured = entity_scores(
            [{"text": "Ann", "entities": [{"type": "person", "value": "Ann"}]}], [[entity("person", "Ann", 0)]]
        )
        table = entity_table({"entities": {"measured": measured, "cross_validated": measured}})
        assert "| person | 1.0 | 1.0 | 1 | 1.0 |" in table

    def test_needs_only_sets_that_are_there(self) -> None:
        assert missing_sets(DATA) == []


class TestThresholds:
    def test_stay_at_the_even_chance_unless_another_finds_clearly_more(self) -> None:
        assert chosen_threshold(EntityType.PERSON, {0.4: 0.70, 0.5: 0.795, 0.6: 0.80}) == 0.5
        assert chosen_threshold(EntityType.PERSON, {0.4: 0.70, 0.5: 0.75, 0.6: 0.80}) == 0.6


class TestGroupsOfWords:
    def test_hold_words_that_are_used_alike(self) -> None:
        groups = TAGGER.lists.groups
        chicago, boston, sarah = (groups[word_hash(word)] for word in ("chicago", "boston", "sarah"))
        assert chicago == boston
        assert chicago != sarah

    def test_are_the_same_each_time(self) -> None:
        rows = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        assert np.array_equal(grouped(rows, 5), grouped(rows, 5))


class TestFit:
    def test_learns_from_sentences(self) -> None:
        examples = list(sentences(120, ["Kilby"]))
        table = table_of(examples, Features(NO_LISTS))
        weights = fit(table)
        assert weights.shape == (ROWS, len(KINDS))
        right = (weights[table.ids].sum(axis=1).argmax(axis=1) == table.wanted).mean()
        assert right > 0.97

    def test_hidden_spans_do_not_count(self) -> None:
        table = table_of([Tagged(text="Ask Acme now", spans=((4, 8, None),))], Features(NO_LISTS))
        assert table.weights.tolist() == [1, 0, 1]

    def test_tokens_keep_handles_links_and_names_whole(self) -> None:
        assert [one.text for one in tokens_of("@me see https://a.example/b O'Neal's 5.5, ok")] == [
            "@me", "see", "https://a.example/b", "O'Neal", "'", "s", "5.5", ",", "ok",
        ]  # fmt: skip
        assert [shape_of(word) for word in ("Ann", "ATL", "a", "B2B", "@me", "")] == ["Xx", "X", "x1", "X0X", "@", ""]
