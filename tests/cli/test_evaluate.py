"""Measuring on labelled messages: figures, a report that needs nothing else, and faults named by line and field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from switchboard.cli.main import main

ROWS: list[dict[str, object]] = [
    {"text": "Where is my order?", "intent": "inquiry", "topic": "delivery_fulfilment", "source": "mail"},
    {"text": "Please cancel my secretplan", "intent": "request", "source": "chat"},
    {"text": "Let me speak to a human", "intent": "inquiry", "also": ["escalation"], "source": "chat"},
    {"text": "Hello", "intent": "none", "source": "chat"},
]


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return str(path)


class TestFigures:
    def test_of_the_rules_come_with_groups_and_a_lenient_count(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        typed("evaluate", "intent", "--data", write(tmp_path / "a.jsonl", ROWS), "--engine", "rules")
        figures = json.loads(capsys.readouterr().out)
        assert figures["source"] == ["rules"]
        assert (figures["n"], figures["without_intent"]["n"]) == (4, 1)
        assert figures["accuracy_lenient"] > figures["accuracy"]
        assert set(figures["per_source"]) == {"chat", "mail"}
        assert figures["calibration"]["at_0.70"]["n"] == 0
        assert figures["topic"]["n"] == 1

    def test_of_our_own_written_messages_are_reproducible(self, capsys: pytest.CaptureFixture[str]) -> None:
        typed("evaluate", "language", "--own-labels", "languages", "--engine", "rules")
        figures = json.loads(capsys.readouterr().out)
        assert figures["accuracy"] >= 0.88
        assert figures["wrong_when_named"] <= 0.02
        assert figures["wants_human"]["recall"] == 1.0

    def test_of_sentiment_have_three_classes_and_the_distance(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows: list[dict[str, object]] = [{"text": "I love it", "score": 0.8}, {"text": "worst ever", "score": -0.8}]
        typed("evaluate", "sentiment", "--data", write(tmp_path / "s.jsonl", rows), "--engine", "rules")
        figures = json.loads(capsys.readouterr().out)
        assert figures["polarity"]["accuracy"] == 1.0
        assert figures["score"]["mae"] < 0.6


class TestTheReport:
    def test_loads_nothing_and_shows_no_message_unless_asked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        data, page = write(tmp_path / "a.jsonl", ROWS), tmp_path / "r.html"
        typed("evaluate", "intent", "--data", data, "--engine", "rules", "--html", str(page))
        silent = page.read_text("utf-8")
        typed("evaluate", "intent", "--data", data, "--engine", "rules", "--html", str(page), "--show-texts")
        assert "secretplan" not in silent
        assert "<svg" in silent
        assert "<script" not in silent
        assert "http" not in silent
        assert "Worst sure errors" in page.read_text("utf-8")


class TestFaultsOfAFile:
    @pytest.mark.parametrize(
        ("task", "row", "field", "allowed"),
        [
            ("intent", {"text": "a", "intent": "rant"}, "intent", "escalation, complaint"),
            ("intent", {"text": 3, "intent": "inquiry"}, "text", "a text"),
            ("intent", {"text": "a", "intent": "inquiry", "also": ["x"]}, "also", "feedback"),
            ("intent", {"text": "a", "intent": "inquiry", "topic": "x"}, "topic", "general"),
            ("sentiment", {"text": "a", "score": 3}, "score", "-1 to 1"),
            ("sentiment", {"text": "a", "label": "sad"}, "label", "very_negative"),
            ("entities", {"text": "a", "entities": [{"type": "x", "value": "a"}]}, "entities", "order_number"),
            ("language", {"text": "a", "language": "english"}, "language", "ISO 639-1"),
        ],
    )
    def test_are_named_by_line_field_and_what_is_allowed(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        task: str,
        row: dict[str, object],
        field: str,
        allowed: str,
    ) -> None:
        good: dict[str, object] = {"text": "b", "intent": "inquiry", "score": 0, "entities": [], "language": "en"}
        data = write(tmp_path / "few.jsonl", [good, row])
        assert typed("evaluate", task, "--data", data, "--engine", "rules") == 1
        said = " ".join(capsys.readouterr().err.split())
        assert f"few.jsonl:2 {field}" in said
        assert allowed in said
        assert "fix:" in said

    def test_of_choice_are_told_in_one_sentence(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert typed("evaluate", "mood", "--own-labels", "languages") == 1
        assert typed("evaluate", "intent") == 1
        assert typed("evaluate", "intent", "--own-labels", "secret") == 1
        assert typed("evaluate", "intent", "--own-labels", "test") == 1
        assert typed("evaluate", "language", "--own-labels", "test", "--data", str(tmp_path)) == 1
        assert "Traceback" not in capsys.readouterr().err
