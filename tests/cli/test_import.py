"""Bringing in mail archives, rows and documents: everything once, nothing sent, and a summary people can read."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
from pathlib import Path

import pytest

from switchboard.ports.records import JobKind, Page, View
from tests.api.test_upload import pdf
from tests.cli.conftest import Shop
from tests.shared import FIXTURES, SHARED

MAILS = FIXTURES / "channels" / "email"


def count(out: str, name: str) -> int:
    found = re.search(rf"\b{name}\b\W+(\d+)", out)
    return int(found.group(1)) if found else 0


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A few captured mails in a folder, and the same as an archive of many."""
    folder = tmp_path / "mails"
    folder.mkdir()
    for path in itertools.islice(sorted(MAILS.rglob("*.eml")), 6):
        shutil.copy(path, folder / path.name)
    return folder


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(row)
            for row in (
                {"id": "1", "text": "Where is my order?", "sender": "ana@customers.example", "channel": "email"},
                {"id": "2", "text": "Great coffee, thank you!", "sender": "+4915112345678", "channel": "whatsapp"},
                {"id": "3", "text": ""},
                {"id": "4", "text": "hello", "channel": "pigeon"},
            )
        )
        + "\nnot json\n"
    )
    return path


class TestAFolderOfMails:
    def test_is_stored_once_however_often_it_is_imported(self, shop: Shop, mails: Path) -> None:
        first = shop.run("import", str(mails))
        again = shop.run("import", str(mails))

        stored = count(first.out, "stored")
        assert (first.code, again.code) == (0, 0)
        assert stored >= 4
        assert count(again.out, "stored") == 0
        assert count(again.out, "duplicate") == stored + count(first.out, "duplicate")
        assert "Intents" in first.out
        assert "Would go to" in first.out

    def test_leaves_no_work_behind_and_nobody_waiting(self, shop: Shop, mails: Path) -> None:
        shop.run("import", str(mails))

        waiting, unsolved = shop.read(
            lambda work: (
                [work.jobs.backlog(kind).waiting for kind in JobKind],
                [c for c in work.conversations.page(View.ALL, Page(limit=50)).items if c.is_open],
            )
        )
        assert not any(waiting)
        assert not unsolved


class TestRows:
    def test_are_imported_and_those_at_fault_are_named(self, shop: Shop, rows: Path) -> None:
        said = shop.run("import", str(rows))

        assert count(said.out, "stored") == 2
        assert "rows.jsonl:3" in said.out
        assert "rows.jsonl:4" in said.out
        assert "rows.jsonl:5" in said.out
        assert "the channel is not known" in said.out

    def test_may_be_compressed(self, shop: Shop, tmp_path: Path) -> None:
        with gzip.open(SHARED / "data" / "banking77" / "banking77.jsonl.gz", "rb") as packed:
            few = b"".join(itertools.islice(packed, 40))
        path = tmp_path / "few.jsonl.gz"
        path.write_bytes(gzip.compress(few))
        said = shop.run("import", str(path))

        assert count(said.out, "stored") == 40
        assert count(shop.run("import", str(path)).out, "duplicate") == 40


class TestAPathThatIsNotThere:
    def test_is_told_in_one_sentence(self, shop: Shop, tmp_path: Path) -> None:
        said = shop.run("import", str(tmp_path / "nothing"))

        assert said.code == 1
        assert "does not exist" in said.err
        assert "Traceback" not in said.err


class TestDocuments:
    def test_of_every_kind_are_indexed(self, shop: Shop, tmp_path: Path) -> None:
        folder = tmp_path / "help"
        folder.mkdir()
        (folder / "returns.md").write_text("# Returns\n\nReturn it within 30 days.")
        (folder / "hours.txt").write_text("We are open every day.")
        (folder / "page.html").write_text("<h1>Delivery</h1><p>Two to four days.</p>")
        (folder / "terms.pdf").write_bytes(pdf("The warranty lasts two years."))
        (folder / "picture.png").write_bytes(b"\x89PNG")
        said = shop.run("kb", "add", str(folder))

        assert said.code == 0, said.err
        documents = shop.read(lambda work: work.knowledge.page(Page(limit=10)).items)
        assert sorted(d.title for d in documents) == ["Delivery", "Returns", "hours", "terms"]

    def test_that_cannot_be_read_are_told_in_one_sentence(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
        said = shop.run("kb", "add", str(tmp_path / "broken.pdf"))

        assert said.code == 1
        assert "cannot be read" in said.err
