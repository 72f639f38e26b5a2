"""Moving house by command: killed half-way and started again, there and back, and a proof that can fail."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

from switchboard.domain.ids import CustomerId
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work
from switchboard.stores.database import sql
from tests.cli.conftest import Shop

TICKET = {
    "id": 77,
    "subject": "Refund",
    "requester": {"id": 500, "name": "Emil", "email": "emil@customers.example"},
    "comments": [
        {"id": 1, "author_id": 500, "public": True, "body": "Money back!", "created_at": "2026-01-09T08:00:00Z",
         "attachments": [{"id": 17, "file_name": "bill.pdf", "size": 13, "content_url": "https://acme.zendesk.com/1"}]},
        {"id": 2, "author_id": 900, "public": False, "body": "He is right.", "created_at": "2026-01-09T09:00:00Z"},
    ],
}  # fmt: skip


def export_of_zendesk(folder: Path, *, with_file: bool = True) -> Path:
    (folder / "zd" / "attachments" / "17").mkdir(parents=True)
    (folder / "zd" / "tickets.json").write_text(json.dumps({"tickets": [TICKET]}))
    if with_file:
        (folder / "zd" / "attachments" / "17" / "bill.pdf").write_bytes(b"%PDF-1.4 bill")
    return folder / "zd"


def stored(database: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM messages").fetchone()[0])
    except sqlite3.Error:
        return 0


class TestAnImport:
    def test_that_was_killed_goes_on_and_nothing_is_lost_or_there_twice(self, shop: Shop, tmp_path: Path) -> None:
        path = tmp_path / "rows.jsonl"
        row = '{{"id": "{0}", "text": "Where is order {0}?", "sender": "c{0}@customers.example"}}'
        path.write_text("\n".join(row.format(number) for number in range(600)))
        command = [sys.executable, "-m", "switchboard", "import", str(path), "--data-dir", str(shop.folder)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            while stored(shop.folder / "switchboard.db") < 100 and running.poll() is None:
                time.sleep(0.02)
            os.kill(running.pid, signal.SIGKILL)
        left = stored(shop.folder / "switchboard.db")
        said = shop.run("import", str(path), "--report", str(tmp_path / "report.json"))
        report = json.loads((tmp_path / "report.json").read_text())

        assert 100 <= left <= 600
        assert said.code == 0
        assert report["whole"]
        assert report["read"] == report["held"] == stored(shop.folder / "switchboard.db") == 600
        assert report["fates"] == {k: v for k, v in (("stored", 600 - left), ("duplicate", left)) if v}
        assert not shop.read(_unread)

    def test_takes_the_files_that_lie_in_the_export(self, shop: Shop, tmp_path: Path) -> None:
        said = shop.run("import", str(export_of_zendesk(tmp_path)), "--report", str(tmp_path / "r.json"))
        report = json.loads((tmp_path / "r.json").read_text())

        assert said.code == 0
        assert report["files_fetched"]["stored"] == 1
        assert report["files_missing"] == []

    def test_names_the_file_that_is_missing_and_keeps_the_message(self, shop: Shop, tmp_path: Path) -> None:
        said = shop.run("import", str(export_of_zendesk(tmp_path, with_file=False)))

        assert said.code == 0
        assert "file missing: zendesk:77:1: bill.pdf: it does not lie beside the export" in said.out

    def test_ends_with_1_when_a_word_was_changed(self, shop: Shop, tmp_path: Path) -> None:
        export = export_of_zendesk(tmp_path)
        shop.run("import", str(export))
        shop.write(_tamper)
        said = shop.run("import", str(export))

        assert said.code == 1
        assert "not as it was read: zendesk:77:1" in said.out
        assert "What is stored is not what was read." in said.out

    def test_ends_with_1_when_a_file_no_longer_opens(self, shop: Shop, tmp_path: Path) -> None:
        export = export_of_zendesk(tmp_path)
        shop.run("import", str(export))
        (blob,) = (path for path in (shop.folder / "blobs").rglob("*") if path.is_file())
        blob.write_bytes(blob.read_bytes()[:-1] + b"x")
        said = shop.run("import", str(export))

        assert said.code == 1
        assert "damaged: zendesk:77:1: bill.pdf" in said.out


class TestAMailbox:
    MAILS = (
        b"From x Mon\nFrom: Ana <ana@customers.example>\nTo: help@shop.example\nMessage-ID: <1@c>\n"
        b"Date: Mon, 05 Jan 2026 10:00:00 +0000\nSubject: Pot\n\nIs it safe?\n\n"
        b"From x Mon\nFrom: Maya <Help@Shop.example>\nTo: Ana <ana@customers.example>\nMessage-ID: <2@s>\n"
        b"In-Reply-To: <1@c>\nDate: Mon, 05 Jan 2026 11:00:00 +0000\nSubject: Re: Pot\n\nYes.\n\n"
        b"From x Mon\nFrom: help@shop.example\nTo: help@shop.example\nMessage-ID: <3@s>\n"
        b"Date: Mon, 05 Jan 2026 12:00:00 +0000\nSubject: to do\n\nCall the plumber.\n"
    )

    def test_with_our_own_answers_is_one_conversation(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "all.mbox").write_bytes(self.MAILS)
        said = shop.run("import", str(tmp_path / "all.mbox"), "--ours", "help@shop.example")
        (talk,) = shop.read(lambda work: work.conversations.page(View.ALL, Page(limit=5)).items)
        messages = shop.read(lambda work: work.messages.of_conversation(talk.conversation_id))
        people = shop.read(lambda work: work.customers.page(Page(limit=5)).items)

        assert said.code == 0
        assert [(m.direction.value, m.content.words.strip()) for m in messages] == [
            ("inbound", "Is it safe?"),
            ("outbound", "Yes."),
        ]
        assert [person.email for person in people] == ["ana@customers.example"]


class TestThereAndBack:
    def test_everything_is_there_again(self, shop: Shop, tmp_path: Path) -> None:
        shop.run("import", str(export_of_zendesk(tmp_path)))
        shop.run("export", "--out", str(tmp_path / "out"))
        another = Shop(tmp_path / "another", shop.capture)
        first = another.run("import", str(tmp_path / "out"))
        again = another.run("import", str(tmp_path / "out"), "--from", "switchboard")
        another.run("export", "--out", str(tmp_path / "back"))

        assert (first.code, again.code) == (0, 0)
        assert "word for word" in again.out
        for name in ("customers", "identities", "messages", "notes", "attachments"):
            assert (tmp_path / "out" / f"{name}.jsonl").read_bytes() == (
                tmp_path / "back" / f"{name}.jsonl"
            ).read_bytes()

    def test_one_customer_comes_back_from_an_archive(self, shop: Shop, tmp_path: Path) -> None:
        shop.run("import", str(export_of_zendesk(tmp_path)))
        (customer,) = shop.read(lambda work: work.customers.page(Page(limit=5)).items)
        shop.run("export", "--out", str(tmp_path / "emil"), "--customer", customer.customer_id)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in (tmp_path / "emil").rglob("*"):
                archive.write(path, path.relative_to(tmp_path / "emil"))
        (tmp_path / "emil.zip").write_bytes(packed.getvalue())
        another = Shop(tmp_path / "another", shop.capture)
        said = another.run("import", str(tmp_path / "emil.zip"))
        back = another.read(lambda work: work.customers.get(CustomerId(customer.customer_id)))

        assert said.code == 0
        assert back is not None
        assert (back.name, back.email) == ("Emil", "emil@customers.example")

    def test_what_was_changed_on_the_way_is_refused(self, shop: Shop, tmp_path: Path) -> None:
        shop.run("import", str(export_of_zendesk(tmp_path)))
        shop.run("export", "--out", str(tmp_path / "out"))
        path = tmp_path / "out" / "messages.jsonl"
        path.write_bytes(path.read_bytes().replace(b"Money back!", b"Money gone!"))
        another = Shop(tmp_path / "another", shop.capture)
        said = another.run("import", str(tmp_path / "out"))

        assert said.code == 1
        assert "messages.jsonl" in said.err
        assert another.read(lambda work: work.conversations.page(View.ALL, Page(limit=5)).items) == ()

    def test_a_folder_that_is_no_export_is_told(self, shop: Shop, tmp_path: Path) -> None:
        said = shop.run("import", str(export_of_zendesk(tmp_path)), "--from", "switchboard")

        assert said.code == 1
        assert "no manifest" in said.err


def _unread(work: Work) -> int:
    row = work.session.one(sql("SELECT count(*) AS number FROM messages WHERE processing = 'received'"))  # type: ignore[attr-defined]  # the SQL store's own
    return int(row.number)


def _tamper(work: Work) -> None:
    """Somebody changes one byte in the database."""
    session = work.session  # type: ignore[attr-defined]  # the SQL store's own
    row = session.one(sql("SELECT sealed FROM messages WHERE sequence = 1"))
    changed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    session.run(sql("UPDATE messages SET sealed = :sealed WHERE sequence = 1"), sealed=changed)
