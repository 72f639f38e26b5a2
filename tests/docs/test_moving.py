"""The page about moving in and out: its files are written, its commands run, and they say what the page shows."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shop, shop
from tests.docs.pages import DOCS, blocks
from tests.importing.test_shapes import GITA, TICKET, write

__all__ = ["shop"]
PAGE = DOCS / "moving.md"
ELSEWHERE = ("--desk", "--customer")
"""Commands that need another desk, or an id that nobody knows beforehand."""
MAIL = "From a@b Mon Jan  5 10:00:00 2026\nFrom: a@customers.example\nMessage-ID: <1@b>\n\nWhere is it?\n"


def prepare(folder: Path) -> None:
    """What the reader has: the files that the page shows, a mailbox, a folder and an archive."""
    for block in blocks(PAGE):
        if block.words:
            (folder / block.words).write_text(block.text)
    (folder / "archive.mbox").write_text(MAIL)
    comment = {"id": 9, "author_id": 700, "public": True, "body": "Hello?", "created_at": "2026-01-11T08:00:00Z"}
    write(folder / "zendesk", a_json={"tickets": [{**TICKET, "comments": [comment]}], "users": [GITA]})
    shutil.make_archive(str(folder / "export"), "zip", folder / "zendesk")


def told(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def steps() -> list[tuple[str, list[str]]]:
    """Each command with the lines that the page shows under it."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(PAGE):
        if block.language != "console":
            continue
        for line in block.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [(command, lines) for command, lines in found if not any(word in command for word in ELSEWHERE)]


class TestThePage:
    def test_its_commands_do_what_it_says(self, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        prepare(tmp_path)
        for command, lines in steps():
            words = shlex.split(command)
            assert words.pop(0) == "switchboard"
            place = shop
            if "--data-dir" in words:
                at = words.index("--data-dir")
                place = Shop(tmp_path / words[at + 1], shop.capture)
                del words[at : at + 2]
            said = place.run(*words)

            assert said.code == 0, f"{command}: {said.out} {said.err}"
            for line in lines:
                assert told(line) in told(said.out), f"{command}: {said.out}"
