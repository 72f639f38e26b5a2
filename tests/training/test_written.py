"""Messages written for training: they are complete, in the guideline's terms, varied, and many enough of each kind."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache

import pytest

from switchboard.domain.reading import IntentCategory, Topic
from switchboard.training.data import LABELS, NO_INTENT, precedence

WRITTEN = LABELS.parent / "written"
FIELDS = {"id", "style", "text", "intent", "secondary", "topic", "score"}
FEWEST = 1_200
FEWEST_OF_STYLE = {
    "airline_tweet": 300,
    "tweet": 250,
    "app_review": 250,
    "store_review": 100,
    "chat": 120,
    "email": 80,
    "letter": 15,
    "spoken": 80,
}
FEWEST_OF_INTENT = {
    IntentCategory.ESCALATION: 220,
    IntentCategory.COMPLAINT: 350,
    IntentCategory.REQUEST: 200,
    IntentCategory.INQUIRY: 200,
    IntentCategory.FEEDBACK: 280,
    NO_INTENT: 60,
}
FEWEST_OF_TOPIC = 60
FEWEST_MENTIONS = 120
LONGEST = 2_000
"""Characters: the longest letter is about two hundred words."""

MENTIONS_A_PERSON = re.compile(
    r"\b(?:manager|supervisor|agent|human|person|somebody|someone|anyone|anybody|staff|rep|lawyer|solicitor|police"
    r"|ombudsman|chargeback|head office|phone number|small claims)\b",
    re.IGNORECASE,
)
"""Words of escalations, to count the messages that hold one and are none."""

Written = dict[str, object]


@cache
def read_written() -> tuple[Written, ...]:
    return tuple(
        json.loads(line) for path in sorted(WRITTEN.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    )


def count(field: str) -> Counter[object]:
    return Counter(one[field] for one in read_written())


def repeated(keys: list[object]) -> list[object]:
    return [key for key, times in Counter(keys).items() if times > 1]


class TestEveryWrittenMessage:
    def test_has_exactly_the_fields_that_training_reads(self) -> None:
        assert all(set(one) == FIELDS for one in read_written())

    def test_has_a_text_that_is_no_longer_than_a_letter(self) -> None:
        for one in read_written():
            text = one["text"]
            assert isinstance(text, str), one["id"]
            assert text == text.strip(), one["id"]
            assert 0 < len(text) <= LONGEST, one["id"]

    def test_names_a_style_an_intent_and_a_topic_that_exist(self) -> None:
        for one in read_written():
            assert one["style"] in FEWEST_OF_STYLE, one["id"]
            assert one["intent"] in FEWEST_OF_INTENT, one["id"]
            assert one["topic"] in ({""} if one["intent"] == NO_INTENT else set(Topic)), one["id"]

    def test_names_other_intents_beside_the_main_one_in_order_of_precedence(self) -> None:
        for one in read_written():
            others = one["secondary"]
            assert isinstance(others, list), one["id"]
            assert set(others) <= set(IntentCategory) - {one["intent"]}, one["id"]
            assert others == sorted(set(others), key=precedence), one["id"]
            assert not (others and one["intent"] == NO_INTENT), one["id"]

    def test_scores_the_tone_in_tenths(self) -> None:
        for one in read_written():
            score = one["score"]
            assert isinstance(score, float | int), one["id"]
            assert -1 <= score <= 1, one["id"]
            assert round(score, 1) == score, one["id"]

    def test_stands_once(self) -> None:
        assert not repeated([one["id"] for one in read_written()])
        assert not repeated([" ".join(str(one["text"]).casefold().split()) for one in read_written()])

    def test_holds_no_path_of_a_machine(self) -> None:
        assert not [one["id"] for one in read_written() if "/work/" in str(one["text"]) or "/tmp/" in str(one["text"])]


class TestTheWholeOfThem:
    def test_is_large_enough(self) -> None:
        assert len(read_written()) >= FEWEST

    @pytest.mark.parametrize(("style", "fewest"), FEWEST_OF_STYLE.items())
    def test_has_every_style_often_enough(self, style: str, fewest: int) -> None:
        assert count("style")[style] >= fewest

    @pytest.mark.parametrize(("intent", "fewest"), FEWEST_OF_INTENT.items())
    def test_has_every_intent_often_enough(self, intent: str, fewest: int) -> None:
        assert count("intent")[intent] >= fewest

    @pytest.mark.parametrize("topic", Topic)
    def test_has_every_topic_often_enough(self, topic: Topic) -> None:
        assert count("topic")[topic] >= FEWEST_OF_TOPIC

    @pytest.mark.parametrize("style", FEWEST_OF_STYLE)
    def test_has_escalations_in_every_style(self, style: str) -> None:
        assert [one for one in read_written() if one["style"] == style and one["intent"] == IntentCategory.ESCALATION]

    def test_has_messages_that_mention_a_person_or_an_office_and_are_no_escalation(self) -> None:
        mentions = [
            one
            for one in read_written()
            if one["intent"] != IntentCategory.ESCALATION and MENTIONS_A_PERSON.search(str(one["text"]))
        ]

        assert len(mentions) >= FEWEST_MENTIONS

    def test_spreads_over_the_whole_scale_of_tone(self) -> None:
        assert set(count("score")) >= {tenth / 10 for tenth in range(-9, 11)}

    def test_seldom_begins_in_the_same_way(self) -> None:
        openings = Counter(
            tuple(words[:4]) for one in read_written() if len(words := str(one["text"]).casefold().split()) > 4
        )

        assert openings.most_common(1)[0][1] <= len(read_written()) / 200
