"""Taking everything along: complete, checkable, whole or not at all, and written in the audit trail."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from switchboard.domain.ids import CustomerId
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import InvalidInput, NotFound
from switchboard.exporting.sinks import ArchiveSink, FolderSink
from switchboard.flows.export import export_all, export_customer
from switchboard.flows.intake import receive_events
from switchboard.ports.channel import Parsed
from switchboard.ports.records import Page
from tests.kit import World, open_world, said

PICTURE = b"\x89PNG\r\n\x1a\n" + b"broken pot" * 20


async def write(world: World, text: str, address: str, files: Mapping[str, bytes] | None = None) -> None:
    event = said(text, ChannelType.EMAIL, address=address)
    attachments = tuple(Attachment(kind="image", name=f"{key}.png", provider_id=key) for key in files or {})
    event = replace(event, content=replace(event.content, attachments=attachments))
    await receive_events(world.app, ChannelType.EMAIL, Parsed(events=(event,)), b"raw", files=files)


async def shop(world: World) -> None:
    await write(world, "My pot arrived broken", "ana@customers.example", {"pot": PICTURE})
    await write(world, "Where is my parcel?", "bob@customers.example")


async def customer_of(world: World, address: str) -> CustomerId:
    found = await world.app.store.read(lambda work: work.customers.knows_address(address))
    assert found is not None
    return found


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    path = folder / f"{kind}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class TestEverything:
    async def test_is_there_and_the_manifest_fits(self, tmp_path: Path) -> None:
        out = tmp_path / "all"
        async with open_world() as world:
            await shop(world)
            with FolderSink(out) as sink:
                count = await export_all(world.app, sink, "tester", lambda done: None)
        manifest = json.loads((out / "manifest.json").read_text())

        assert count == len(lines(out, "customers")) == 2
        texts = {message["content"]["text"] for message in lines(out, "messages")}
        assert texts == {"Where is my parcel?", "My pot arrived broken"}
        assert lines(out, "events")
        assert [entry["action"] for entry in lines(out, "audit")] == ["everything_exported"]
        for name, told in manifest["files"].items():
            data = (out / name).read_bytes()
            assert told["sha256"] == hashlib.sha256(data).hexdigest()
            assert told.get("lines", data.count(b"\n")) == data.count(b"\n") or name.startswith("attachments/")
        assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} == {
            *manifest["files"],
            "manifest.json",
        }

    async def test_files_are_opened(self, tmp_path: Path) -> None:
        out = tmp_path / "all"
        async with open_world() as world:
            await shop(world)
            with FolderSink(out) as sink:
                await export_all(world.app, sink, "tester", lambda done: None)
        (attachment,) = lines(out, "attachments")

        assert (out / str(attachment["file"])).read_bytes() == PICTURE
        assert attachment["sha256"] == hashlib.sha256(PICTURE).hexdigest()


class TestOneCustomer:
    async def test_is_an_archive_without_the_others(self) -> None:
        target = io.BytesIO()
        async with open_world() as world:
            await shop(world)
            with ArchiveSink(target) as sink:
                await export_customer(world.app, await customer_of(world, "ana@customers.example"), sink, "tester")
            entries = await world.app.store.read(lambda work: work.audit.page(Page(limit=10)).items)
        with zipfile.ZipFile(target) as archive:
            everything = b"".join(archive.read(name) for name in archive.namelist())
            names = archive.namelist()

        assert b"arrived broken" in everything
        assert PICTURE in everything
        assert b"parcel" not in everything
        assert b"bob@" not in everything
        assert "events.jsonl" in names
        assert [entry.action for entry in entries] == ["customer_exported"]

    async def test_that_is_not_known_is_an_error_and_leaves_nothing(self, tmp_path: Path) -> None:
        async with open_world() as world:
            with pytest.raises(NotFound), FolderSink(tmp_path / "none") as sink:
                await export_customer(world.app, CustomerId("cus_none"), sink, "tester")

        assert names_in(tmp_path) == []


class TestAFolder:
    def test_that_exists_is_not_touched(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput):
            FolderSink(tmp_path)

    def test_what_an_interrupted_run_left_is_replaced(self, tmp_path: Path) -> None:
        left = tmp_path / "all.partial"
        left.mkdir()
        (left / "old.jsonl").write_text("{}\n")
        with FolderSink(tmp_path / "all") as sink:
            sink.finish({"customer_id": "all"})

        assert [p.name for p in (tmp_path / "all").iterdir()] == ["manifest.json"]
