"""A huge mail is on the disk before its transaction begins, opens as it came, and goes when it must."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from switchboard.domain.ids import CustomerId, MessageId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import Attachment, ChannelType
from switchboard.engines.blobs import FolderBlobs
from switchboard.errors import InvalidInput, Unavailable
from switchboard.flows.aside import BIG, body_of
from switchboard.flows.customers import erase_customer
from switchboard.flows.files import open_file
from switchboard.flows.intake import Taken, keep_unreadable, receive_events
from switchboard.flows.replay import replay_payload
from switchboard.flows.sweep import clear_files, sweep_files
from switchboard.ports.channel import Parsed, RawRequest
from switchboard.ports.records import Page, PayloadRecord
from switchboard.worker.timers import clear_expired
from tests.kit import World, open_world, said

PHOTO = b"\x89PNG\r\n\x1a\n" + os.urandom(900_000)
MAIL = b"Subject: My pot\r\n\r\n" + os.urandom(1_300_000)


async def big_mail(world: World, external_id: str = "mail-1", address: str = "ana@customers.example") -> Taken:
    event = said("My pot is broken", ChannelType.EMAIL, address=address, external_id=external_id)
    attachments = (Attachment(kind="image", name="pot.png", provider_id="pot"),)
    event = replace(event, content=replace(event.content, attachments=attachments))
    parsed = Parsed(events=(event,))
    return await receive_events(world.app, ChannelType.EMAIL, parsed, MAIL, "message/rfc822", {"pot": PHOTO})


async def payload(world: World, payload_id: PayloadId) -> PayloadRecord:
    found = await world.read(lambda work: work.payloads.get(payload_id))
    assert found is not None
    return found


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class WatchedDisk(FolderBlobs):
    """Remembers who wrote, and whether a transaction was open meanwhile."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.threads: list[str] = []

    def put_pieces(self, blob_id: str, pieces: Iterable[bytes]) -> None:
        self.threads.append(threading.current_thread().name)
        super().put_pieces(blob_id, pieces)


class DyingStore:
    """The machine dies when the transaction should begin."""

    def __init__(self, world: World) -> None:
        self._store = world.app.store
        self.read = self._store.read
        self.close = self._store.close

    async def write(self, story: object, *, later: bool = False) -> object:
        raise Unavailable("gone")


class TestAHugeMail:
    async def test_opens_as_it_came_and_is_no_row(self, tmp_path: Path) -> None:
        async with open_world() as world:
            disk = world.app.blobs = WatchedDisk(tmp_path)
            taken = await big_mail(world)
            record = await payload(world, taken.payload_id)
            opened = await open_file(world.app, MessageId(taken.accepted[0].message_id or ""), 0)
            body = await body_of(world.app, record.body, record.body_file)

        assert (record.body, record.size, body == MAIL, opened.data == PHOTO) == (b"", len(MAIL), True, True)
        assert all(name != threading.current_thread().name and "store" not in name for name in disk.threads)
        raw = b"".join(path.read_bytes() for path in on_disk(tmp_path))
        assert len(raw) > len(MAIL) + len(PHOTO)
        assert MAIL[:20] not in raw
        assert PHOTO[:20] not in raw

    async def test_that_fits_a_row_stays_one(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            parsed = Parsed(events=(said("Hello", ChannelType.EMAIL, address="ana@customers.example"),))
            taken = await receive_events(world.app, ChannelType.EMAIL, parsed, b"x" * BIG)
            record = await payload(world, taken.payload_id)

        assert (len(record.body), record.body_file, on_disk(tmp_path)) == (BIG, None, [])

    async def test_that_comes_twice_leaves_the_files_of_its_second_payload_only(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await big_mail(world)
            again = await big_mail(world)

        assert again.fate is Fate.DUPLICATE
        assert len(on_disk(tmp_path)) == 3  # each payload as it came, and the photo once

    async def test_of_somebody_erased_is_unreadable_at_once_and_its_files_go(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            taken = await big_mail(world)
            await erase_customer(world.app, CustomerId(taken.accepted[0].customer_id or ""), "tester")
            late = await big_mail(world)
            gone = await world.read(lambda work: work.payloads.get(taken.payload_id))
            record = await payload(world, late.payload_id)

        assert (gone, record.body, record.body_file, on_disk(tmp_path)) == (None, b"", None, [])

    async def test_goes_from_the_disk_when_payloads_have_expired(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await big_mail(world)
            world.clock.move(days=8)
            await clear_expired(world.app)
            await clear_files(world.app)

        assert len(on_disk(tmp_path)) == 1  # the photo belongs to the message


class TestAMachineThatDiesBetweenFileAndTransaction:
    async def test_leaves_files_that_are_swept_after_a_day(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await sweep_files(world.app)
            alive = world.app.store
            world.app.store = DyingStore(world)  # type: ignore[assignment]  # it stores nothing
            with pytest.raises(Unavailable):
                await big_mail(world)
            world.app.store = alive
            left = on_disk(tmp_path)
            for path in left:
                written = (world.clock.now() + timedelta(minutes=1)).timestamp()
                os.utime(path, (written, written))
            world.clock.move(hours=23)
            early = await sweep_files(world.app)
            world.clock.move(hours=2)
            late = await sweep_files(world.app)

        assert (len(left), early, late, on_disk(tmp_path)) == (2, 0, 2, [])

    async def test_does_not_cost_a_payload_its_file(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await sweep_files(world.app)
            taken = await big_mail(world)
            for path in on_disk(tmp_path):
                written = (world.clock.now() + timedelta(minutes=1)).timestamp()
                os.utime(path, (written, written))
            world.clock.move(days=3)
            swept = await sweep_files(world.app)
            record = await payload(world, taken.payload_id)
            body = await body_of(world.app, record.body, record.body_file)

        assert (swept, body == MAIL) == (0, True)


class TestAHugeMailThatCouldNotBeRead:
    async def test_is_read_again_after_a_fix_and_its_first_file_goes(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            kind = ChannelType.WHATSAPP
            headers = {"content-type": "application/json"}
            request = RawRequest(
                method="POST", url="", headers=headers, query={}, body=MAIL, received_at=world.clock.now()
            )
            await keep_unreadable(world.app, kind, request, InvalidInput("not JSON"))
            (letter,) = (await world.read(lambda work: work.payloads.page(Page()))).items
            before = on_disk(tmp_path)
            taken = await replay_payload(world.app, letter.payload_id, "tester")
            await clear_files(world.app)
            record = await payload(world, taken.payload_id)
            body = await body_of(world.app, record.body, record.body_file)

        assert (taken.fate, len(before), body == MAIL) == (Fate.STORED, 1, True)
        assert len(on_disk(tmp_path)) == 1
        assert on_disk(tmp_path) != before
