"""The language of short texts by script, words and letters, and the honesty to say that it cannot be told."""

from __future__ import annotations

import pytest

from switchboard.understanding.language import READ, language_by_rules, opinion
from tests.understanding.written import text_of, written


class TestTextsOfNoLanguage:
    @pytest.mark.parametrize(
        "row", [row for row in (*written("tune"), *written("measure")) if row["source"] == "und"], ids=text_of
    )
    def test_names_numbers_and_emoji_are_unknown(self, row: dict[str, object]) -> None:
        assert language_by_rules(text_of(row)).code == "und"

    @pytest.mark.parametrize("text", ["ok", "super", "no", "hi", "Chat"])
    def test_words_that_are_written_everywhere_are_unknown(self, text: str) -> None:
        assert language_by_rules(text).code == "und"


class TestShortTexts:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("where is my parcel", "en"),
            ("danke, hat geklappt", "de"),
            ("j'adore !", "fr"),
            ("me encanta", "es"),
            ("va bene", "it"),
            ("não recebi nada", "pt"),
            ("kan ik iemand spreken aub", "nl"),
            ("gdzie jest moja paczka", "pl"),
            ("siparişim gelmedi", "tr"),
            ("jag vill avboka", "sv"),
            ("WO IST MEIN PAKET", "de"),
        ],
    )
    def test_are_told_by_their_small_words(self, text: str, code: str) -> None:
        assert language_by_rules(text).code == code

    def test_plain_english_needs_no_second_opinion(self) -> None:
        certain, _ = opinion("Where is my order, please?")
        assert certain is not None
        assert certain.code == "en"

    def test_written_messages_are_rarely_told_wrong(self) -> None:
        rows = [row for row in written("measure") if row["source"] != "mixed"]
        told = [(row["language"], language_by_rules(text_of(row)).code) for row in rows]
        named = [(one, two) for one, two in told if two != "und"]
        assert sum(one == two for one, two in told) / len(told) >= 0.9
        assert sum(one != two for one, two in named) / len(named) <= 0.02


class TestBoundedWork:
    def test_only_the_beginning_of_a_long_text_is_looked_at(self) -> None:
        text = "Wo ist meine Bestellung? " * 20
        assert language_by_rules(text + "where is my order " * 10_000) == language_by_rules(text[:READ])
