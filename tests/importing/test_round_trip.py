"""What Switchboard exports comes back whole into an empty Switchboard, once, and a changed byte is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from switchboard.domain.agent import Agent
from switchboard.domain.customer import Evidence, Purchase
from switchboard.domain.ids import AgentId, MessageId
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import InvalidInput
from switchboard.exporting.sinks import FolderSink
from switchboard.flows.agent_actions import note
from switchboard.flows.customers import ProfileChange, change_profile, link_identity
from switchboard.flows.export import export_all
from switchboard.flows.files import open_file
from switchboard.flows.intake import receive_events
from switchboard.flows.knowledge import NewDocument, add_document
from switchboard.flows.restore import Restored, reconcile_restored, restore
from switchboard.importing.own import OwnExport
from switchboard.ports.channel import Parsed
from switchboard.ports.records import JobKind, Page
from tests.kit import World, open_world, said

PICTURE = b"\x89PNG\r\n\x1a\n" + b"broken pot" * 20
SAME = ("customers", "identities", "purchases", "messages", "notes", "decisions", "drafts", "attachments", "knowledge")
"""Lists that are the same after a round trip, line by line."""


async def a_shop(world: World) -> None:
    """Two people, a picture, a note, answers by automation, a purchase, wishes about contact, a colleague, a document."""
    await add_document(world.app, NewDocument(title="Delivery", content="Parcels take two days."), "tester")
    await world.write(lambda work: work.agents.save(Agent(agent_id=AgentId("agt_1"), name="Maya")))
    event = said("My pot arrived broken", ChannelType.EMAIL, address="ana@customers.example")
    files = (Attachment(kind="image", name="pot.png", provider_id="pot"),)
    event = replace(event, content=replace(event.content, attachments=files))
    await receive_events(world.app, ChannelType.EMAIL, Parsed(events=(event,)), b"raw", files={"pot": PICTURE})
    bob = await world.say("Where is my parcel?", ChannelType.WHATSAPP, address="+4915112345678", name="Bob")
    await world.drain()
    await note(world.app, bob.conversation_id, "He calls every day.", agent_id=None)
    purchase = Purchase(
        purchase_id="pur_1",
        product="Grinder",
        amount=Decimal("49.90"),
        currency="EUR",
        purchased_at=world.clock.now() - timedelta(days=3),
        order_number="LC-1",
    )
    await world.write(lambda work: work.customers.add_purchase(bob.customer_id, purchase))
    wishes = ProfileChange(name="Bob Miller", preferences={"newsletter": "no", "contact": "mail only"})
    await change_profile(world.app, bob.customer_id, wishes, "tester")
    await link_identity(
        world.app, bob.customer_id, ChannelType.EMAIL, "bob@customers.example",
        account="", evidence=Evidence.LINKED_BY_AGENT, actor="tester",
    )  # fmt: skip


async def export_to(world: World, folder: Path) -> Path:
    with FolderSink(folder) as sink:
        await export_all(world.app, sink, "tester", lambda done: None)
    return folder


async def bring_back(world: World, folder: Path) -> Restored:
    return await restore(world.app, OwnExport(folder), lambda done: None, "tester")


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    path = folder / f"{kind}.jsonl"
    found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


@pytest.fixture
async def exported(tmp_path: Path) -> Path:
    async with open_world() as world:
        await a_shop(world)
        return await export_to(world, tmp_path / "first")


class TestAnExport:
    async def test_holds_everything_that_there_is(self, exported: Path) -> None:
        texts = {row["content"]["text"] for row in lines(exported, "messages")}
        people = {row["name"]: row for row in lines(exported, "customers")}

        assert {"My pot arrived broken", "Where is my parcel?"} <= texts
        assert [row["content"]["text"] for row in lines(exported, "notes")] == ["He calls every day."]
        assert people["Bob Miller"]["preferences"] == {"newsletter": "no", "contact": "mail only"}
        assert {row["address"] for row in lines(exported, "identities")} >= {"+4915112345678", "bob@customers.example"}
        assert [row["product"] for row in lines(exported, "purchases")] == ["Grinder"]
        assert [row["title"] for row in lines(exported, "knowledge")] == ["Delivery"]
        assert [row["name"] for row in lines(exported, "agents")] == ["Maya"]
        assert len(lines(exported, "attachments")) == 1
        assert {row["type"] for row in lines(exported, "events")} >= {"message_received", "note_added"}


class TestAMessageThatWasEdited:
    async def test_is_exported_with_what_it_said_before(self, tmp_path: Path) -> None:
        async with open_world() as world:
            message = await world.say("My card is 1234")
            await world.write(lambda work: _reword(work, message.message_id, world))
            out = await export_to(world, tmp_path / "out")

        assert [row["content"]["text"] for row in lines(out, "messages")][:1] == ["something else"]
        assert [(row["message_id"], row["content"]["text"]) for row in lines(out, "versions")] == [
            (message.message_id, "My card is 1234")
        ]


class TestARoundTrip:
    async def test_gives_the_same_again(self, exported: Path, tmp_path: Path) -> None:
        async with open_world() as world:
            restored = await bring_back(world, exported)
            proof = await reconcile_restored(world.app, restored)
            second = await export_to(world, tmp_path / "second")

        assert proof.whole
        assert proof.files == 1
        assert restored.refused == []
        for kind in SAME:
            assert lines(second, kind) == lines(exported, kind), kind
        for before, after in zip(lines(exported, "conversations"), lines(second, "conversations"), strict=True):
            for name in ("conversation_id", "customer_id", "created_at", "last_activity_at", "subject", "intent"):
                assert after[name] == before[name]

    async def test_opens_the_files(self, exported: Path) -> None:
        (told,) = lines(exported, "attachments")
        async with open_world() as world:
            await bring_back(world, exported)
            opened = await open_file(world.app, MessageId(told["message_id"]), told["place"])

        assert opened.data == PICTURE

    async def test_adds_nothing_twice_and_tells_nobody(self, exported: Path) -> None:
        async with open_world() as world:
            await bring_back(world, exported)
            again = await bring_back(world, exported)
            proof = await reconcile_restored(world.app, again)
            waiting = await world.read(lambda work: [work.jobs.backlog(kind).waiting for kind in JobKind])
            people = await world.read(lambda work: work.customers.page(Page(limit=50)).items)

        assert +again.stored == {}
        assert proof.whole
        assert not any(waiting)
        assert not world.sent
        assert len(people) == 2

    async def test_that_was_interrupted_goes_on(self, exported: Path) -> None:
        class Cut(Exception):
            """The process was killed."""

        def stop(done: int) -> None:
            if done > 3:
                raise Cut

        async with open_world() as world:
            with pytest.raises(Cut):
                await restore(world.app, OwnExport(exported), stop, "tester")
            restored = await bring_back(world, exported)
            proof = await reconcile_restored(world.app, restored)

        assert proof.whole
        assert restored.refused == []


class TestAnExportThatWasChanged:
    async def test_is_refused_by_the_name_of_the_file(self, exported: Path) -> None:
        path = exported / "messages.jsonl"
        path.write_bytes(path.read_bytes().replace(b"arrived broken", b"arrived intact"))

        with pytest.raises(InvalidInput) as refused:
            OwnExport(exported)

        assert refused.value.field == "messages.jsonl"

    async def test_in_the_store_is_told_by_the_proof(self, exported: Path) -> None:
        async with open_world() as world:
            restored = await bring_back(world, exported)
            target = sorted(restored.messages)[0]
            await world.write(lambda work: _reword(work, MessageId(target), world))
            proof = await reconcile_restored(world.app, restored)

        assert not proof.whole
        assert proof.changed == (target,)
        assert proof.read_hash != proof.held_hash


def _reword(work: Any, message_id: MessageId, world: World) -> None:
    message = work.messages.get(message_id)
    work.messages.replace_content(message_id, replace(message.content, text="something else"), world.clock.now())
