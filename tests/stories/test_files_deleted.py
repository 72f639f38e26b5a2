"""Files of people who were erased, and of conversations that went, are really deleted: whatever happens in between."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from switchboard.domain.ids import CustomerId, MessageId
from switchboard.domain.message import Attachment, ChannelType
from switchboard.engines.blobs import FolderBlobs
from switchboard.errors import Unavailable
from switchboard.flows.archive import archive_quiet
from switchboard.flows.customers import erase_customer
from switchboard.flows.files import clear_unsent, hand_in, open_file
from switchboard.flows.intake import receive_events
from switchboard.flows.retention import apply_retention
from switchboard.flows.sweep import clear_files, sweep_files
from switchboard.ports.channel import Parsed
from tests.kit import World, open_world, said

PICTURE = b"\x89PNG\r\n\x1a\n" + b"broken pot" * 20


async def send_picture(world: World, address: str = "ana@customers.example") -> CustomerId:
    """A mail with one picture; returns who wrote it."""
    event = said("My pot is broken", ChannelType.EMAIL, address=address)
    attachments = (Attachment(kind="image", name="pot.png", provider_id="pot"),)
    event = replace(event, content=replace(event.content, attachments=attachments))
    taken = await receive_events(world.app, ChannelType.EMAIL, Parsed(events=(event,)), b"raw", files={"pot": PICTURE})
    customer_id = taken.accepted[0].customer_id
    assert customer_id is not None
    return customer_id


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class BrokenDisk(FolderBlobs):
    """The process dies, or the disk does, before the file is deleted."""

    def delete(self, blob_id: str) -> None:
        raise Unavailable("the file store cannot be written")


class TestAnErasedCustomer:
    async def test_leaves_no_file_behind_and_others_keep_theirs(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            ana = await send_picture(world)
            await send_picture(world, "bob@customers.example")
            before = len(on_disk(tmp_path))
            await erase_customer(world.app, ana, "tester")

        assert (before, len(on_disk(tmp_path))) == (2, 1)

    async def test_whose_file_could_not_be_deleted_then_loses_it_at_the_next_start(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = BrokenDisk(tmp_path)
            ana = await send_picture(world)
            with pytest.raises(Unavailable):
                await erase_customer(world.app, ana, "tester")
            left = len(on_disk(tmp_path))
            world.app.blobs = FolderBlobs(tmp_path)
            cleared = await clear_files(world.app)
            profile = await world.read(lambda work: work.customers.get(ana))

        assert profile is not None
        assert profile.erased_at is not None
        assert (left, cleared, on_disk(tmp_path)) == (1, 1, [])

    async def test_loses_a_file_that_was_handed_in_and_not_sent(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            message = await world.say("Where is it?")
            await hand_in(world.app, message.conversation_id, PICTURE, "label.png", "image/png")
            await erase_customer(world.app, message.customer_id, "tester")

        assert on_disk(tmp_path) == []


class TestAConversationThatIsOldEnough:
    @pytest.mark.parametrize("action", ["delete", "anonymise"])
    async def test_takes_its_files_along(self, tmp_path: Path, action: str) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await world.configure("retention", {"days": 5, "action": action})
            await send_picture(world)
            await world.drain()
            world.clock.move(days=2)
            await archive_quiet(world.app)
            kept = len(on_disk(tmp_path))
            world.clock.move(days=5)
            await apply_retention(world.app)

        assert (kept, on_disk(tmp_path)) == (1, [])


class TestAFileThatNoRowPointsTo:
    async def test_goes_after_a_day_and_not_before(self, tmp_path: Path) -> None:
        async with open_world() as world:
            blobs = FolderBlobs(tmp_path)
            world.app.blobs = blobs
            await sweep_files(world.app)
            blobs.put("left by a crash", b"sealed")
            (path,) = on_disk(tmp_path)
            written = world.clock.now() + timedelta(minutes=1)
            os.utime(path, (written.timestamp(), written.timestamp()))
            world.clock.move(hours=23)
            early = await sweep_files(world.app)
            world.clock.move(hours=2)
            late = await sweep_files(world.app)

        assert (early, late, on_disk(tmp_path)) == (0, 1, [])

    async def test_is_not_one_that_a_message_or_an_unsent_reply_needs(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await sweep_files(world.app)
            await send_picture(world)
            message = await world.say("Where is it?")
            await hand_in(world.app, message.conversation_id, PICTURE, "label.png", "image/png")
            for path in on_disk(tmp_path):
                old = (world.clock.now() + timedelta(minutes=1)).timestamp()
                os.utime(path, (old, old))
            world.clock.move(days=3)
            swept = await sweep_files(world.app)
            unsent = await clear_unsent(world.app)
            opened = await open_file(world.app, (await picture_of(world)), 0)

        assert (swept, unsent, len(on_disk(tmp_path))) == (0, 1, 1)
        assert opened.data == PICTURE

    async def test_from_before_rows_pointed_to_files_is_left_alone(self, tmp_path: Path) -> None:
        async with open_world() as world:
            blobs = FolderBlobs(tmp_path)
            world.app.blobs = blobs
            blobs.put("old", b"sealed")
            (path,) = on_disk(tmp_path)
            old = (world.clock.now() - timedelta(days=30)).timestamp()
            os.utime(path, (old, old))
            world.clock.move(days=3)

            assert await sweep_files(world.app) == 0

        assert on_disk(tmp_path) == [path]

    async def test_half_written_goes_too(self, tmp_path: Path) -> None:
        (tmp_path / "ab").mkdir()
        part = tmp_path / "ab" / "cdef.0123.part"
        part.write_bytes(b"half")
        os.utime(part, (0, 0))
        async with open_world() as world:
            world.app.blobs = FolderBlobs(tmp_path)
            await sweep_files(world.app)

        assert not part.exists()


async def picture_of(world: World) -> MessageId:
    customer_id = await world.read(lambda work: work.customers.knows_address("ana@customers.example"))
    assert customer_id is not None
    messages = await world.read(lambda work: work.messages.of_customer(customer_id))
    return next(message.message_id for message in messages if message.content.attachments)
