"""What the rules hear in other languages than English: the wish for a person, hurry, moods, and what is wanted."""

from __future__ import annotations

import pytest

from switchboard.domain.reading import REVIEW_BELOW
from switchboard.understanding.foreign import LANGUAGES
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.rules import intents_by_rules, read_by_rules
from switchboard.understanding.signals import time_sensitive, wants_human
from switchboard.understanding.tone import sentiment_by_rules
from tests.understanding.written import text_of, written

ROWS = [row for part in ("tune", "measure") for row in written(part)]


class TestTheWishForAPerson:
    @pytest.mark.parametrize("row", [row for row in ROWS if row["wants_human"]], ids=text_of)
    def test_is_heard_in_ten_languages(self, row: dict[str, object]) -> None:
        assert wants_human(text_of(row))

    def test_is_not_heard_where_there_is_none(self) -> None:
        assert [text_of(row) for row in ROWS if not row["wants_human"] and wants_human(text_of(row))] == []

    @pytest.mark.parametrize(
        "text", ["je m'appelle Jean Dupont", "me llamo Ana", "mi chiamo Marco e vorrei un rimborso"]
    )
    def test_is_no_name(self, text: str) -> None:
        assert not wants_human(text)


class TestHurry:
    def test_is_heard_and_denials_are_understood(self) -> None:
        heard = [bool(time_sensitive(text_of(row))) for row in ROWS]
        wrong = [text_of(row) for row, found in zip(ROWS, heard, strict=True) if found and not row["hurry"]]
        assert wrong == []
        assert sum(heard) >= 0.9 * sum(bool(row["hurry"]) for row in ROWS)

    @pytest.mark.parametrize(
        "text", ["kein Notfall", "eilt nicht", "pas urgent", "no es urgente", "non è urgente", "geen spoed"]
    )
    def test_is_not_heard_where_it_is_denied(self, text: str) -> None:
        assert time_sensitive(text) == ()


class TestMoodAndIntent:
    @pytest.mark.parametrize(
        ("language", "text", "label"),
        [
            ("de", "Ich bin nicht zufrieden", "negative"),
            ("de", "gar nicht schlecht", "positive"),
            ("fr", "Je suis très déçue", "negative"),
            ("es", "me encanta", "positive"),
            ("it", "Siete dei ladri, vergogna", "negative"),
            ("pt", "excelente atendimento, adorei", "positive"),
            ("nl", "alweer kapot, waardeloos", "negative"),
            ("pt", "bom dia", "neutral"),
        ],
    )
    def test_moods_are_read_with_their_negations(self, language: str, text: str, label: str) -> None:
        assert sentiment_by_rules(text, language).label.removeprefix("very_") == label

    @pytest.mark.parametrize(
        ("language", "text", "intent"),
        [
            ("de", "Wo bleibt mein Paket?", "inquiry"),
            ("fr", "Pourriez-vous annuler ma commande ?", "request"),
            ("es", "Otra vez ha llegado roto", "complaint"),
            ("it", "Grazie mille, gentilissimi", "feedback"),
            ("pt", "Vou ao Procon", "escalation"),
            ("nl", "Ik wil met een medewerker spreken", "escalation"),
        ],
    )
    def test_intents_are_told_and_left_to_a_person(self, language: str, text: str, intent: str) -> None:
        found = intents_by_rules(text, language)
        assert found.primary_intent.category == intent
        assert found.requires_human_review

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_fresh_messages_are_read_better_than_by_chance(self, language: str) -> None:
        rows = [row for row in written("measure") if row["source"] == language]
        readings = [read_by_rules(text_of(row), language=language_by_rules(text_of(row))) for row in rows]
        same = [
            str(row["label"]).removeprefix("very_") == reading.sentiment.label.removeprefix("very_")
            for row, reading in zip(rows, readings, strict=True)
        ]
        assert sum(same) / len(same) >= 0.55
        assert all(reading.intent.confidence < REVIEW_BELOW for reading in readings)


class TestDisguise:
    @pytest.mark.parametrize(
        "text",
        [
            "let me speak to a hu\u200bman",
            "let me speak to a hu\u00adman",
            "let me speak to a \u202enamuh\u202c",
            "let me ｓｐｅａｋ to a ｈｕｍａｎ",
            "let me speak to a hum\u0430n",
        ],
    )
    def test_of_a_wish_is_seen_through(self, text: str) -> None:
        assert wants_human(text)
