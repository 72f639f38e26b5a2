"""Labels made by reading: they are complete, in the guideline's terms, many enough, and never mixed with those that measure."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from switchboard.domain.reading import IntentCategory, Topic
from switchboard.training.agreement import SECOND
from switchboard.training.data import LABELS, MEASURED, NO_INTENT, PERMISSIVE, precedence
from tests.shared import SHARED

DATA = SHARED / "data"
MEASURE = LABELS.parent / "labels_measure"
FOLDERS = (LABELS, MEASURE, SECOND)
FIELDS = {"source", "row", "intent", "secondary", "topic", "score"}
FEWEST = 4_000
FEWEST_EACH = 150
"""Fewer of an intent or topic would leave the networks, and the figures on the kept fifth, to chance."""

Mark = dict[str, object]


@cache
def read_marks(folder: Path) -> list[tuple[str, Mark]]:
    """Every label with the name of its file."""
    return [
        (path.stem, json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


@cache
def rows_of(source: str) -> int:
    with gzip.open(DATA / source / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def key(mark: Mark) -> tuple[object, object]:
    return mark["source"], mark["row"]


def secondary(mark: Mark) -> list[str]:
    named = mark["secondary"]
    assert isinstance(named, list), key(mark)
    return named


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
class TestEveryLabel:
    def test_has_all_fields_and_lies_in_the_file_of_its_source(self, folder: Path) -> None:
        assert all(set(mark) == FIELDS for _, mark in read_marks(folder))
        assert all(mark["source"] == name for name, mark in read_marks(folder))

    def test_names_intents_and_topics_of_the_guideline(self, folder: Path) -> None:
        for _, mark in read_marks(folder):
            assert mark["intent"] in {*IntentCategory, NO_INTENT}, key(mark)
            assert mark["topic"] in ({""} if mark["intent"] == NO_INTENT else set(Topic)), key(mark)

    def test_names_other_intents_beside_the_main_one_in_order_of_precedence(self, folder: Path) -> None:
        for _, mark in read_marks(folder):
            others = secondary(mark)
            assert set(others) <= set(IntentCategory) - {mark["intent"]}, key(mark)
            assert others == sorted(set(others), key=precedence), key(mark)
            assert not (others and mark["intent"] == NO_INTENT), key(mark)

    def test_scores_the_tone_in_tenths(self, folder: Path) -> None:
        for _, mark in read_marks(folder):
            score = mark["score"]
            assert isinstance(score, float | int), key(mark)
            assert -1 <= score <= 1, key(mark)
            assert round(score, 1) == score, key(mark)

    def test_stands_once(self, folder: Path) -> None:
        repeated = [one for one, times in Counter(key(mark) for _, mark in read_marks(folder)).items() if times > 1]
        assert not repeated

    @pytest.mark.skipif(not DATA.exists(), reason="the public sets are not beside the repository")
    def test_belongs_to_a_message_that_exists(self, folder: Path) -> None:
        for name, mark in read_marks(folder):
            assert isinstance(mark["row"], int), key(mark)
            assert 0 <= mark["row"] < rows_of(name), key(mark)


class TestLabelsToLearnFrom:
    def test_are_at_least_four_thousand(self) -> None:
        assert len(read_marks(LABELS)) >= FEWEST

    @pytest.mark.parametrize("intent", IntentCategory)
    def test_name_every_intent_often_enough(self, intent: IntentCategory) -> None:
        assert sum(mark["intent"] == intent for _, mark in read_marks(LABELS)) >= FEWEST_EACH

    @pytest.mark.parametrize("topic", Topic)
    def test_name_every_topic_often_enough(self, topic: Topic) -> None:
        assert sum(mark["topic"] == topic for _, mark in read_marks(LABELS)) >= FEWEST_EACH


class TestLabelsThatOnlyMeasure:
    def test_come_from_sets_that_must_not_be_trained_on(self) -> None:
        assert {name for name, _ in read_marks(MEASURE)} <= set(MEASURED)
        assert {name for name, _ in read_marks(LABELS)} <= set(PERMISSIVE)

    def test_share_no_message_with_those_to_learn_from(self) -> None:
        assert not {key(mark) for _, mark in read_marks(MEASURE)} & {key(mark) for _, mark in read_marks(LABELS)}


class TestSecondReading:
    def test_is_of_messages_that_the_first_reader_labelled(self) -> None:
        assert {key(mark) for _, mark in read_marks(SECOND)} <= {key(mark) for _, mark in read_marks(LABELS)}
