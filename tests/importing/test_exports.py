"""Exports of other support systems: who said what to whom, and what is left out by name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import ChannelType, Direction, MessageKind
from switchboard.errors import InvalidInput, SwitchboardError
from switchboard.flows.bring_in import Bringing, Piece, bring_in, conclude_import
from switchboard.flows.reconcile import reconcile
from switchboard.importing.exports import is_export, messages_of
from switchboard.importing.files import document_in, find_files, rows_in
from switchboard.importing.rows import event_of
from switchboard.ports.channel import Parsed
from switchboard.ports.records import JobKind, Page, View
from tests.kit import World, open_world

SAMPLES = Path(__file__).with_name("samples")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["payload", "messages", "meta", "comments", "tickets", "articles", "assets", "id", "data", "users"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


def read(name: str) -> tuple[list[InboundEvent], list[InvalidInput]]:
    path = SAMPLES / name
    documents = [document_in(path)] if name.endswith(".json") else [row for _, row in rows_in(path)]
    found = [one for document in documents for one in messages_of(path, document)]
    return [e for e in found if isinstance(e, InboundEvent)], [e for e in found if isinstance(e, InvalidInput)]


def _who(event: InboundEvent) -> str:
    if "internal" in event.metadata:
        return "note"
    return "us" if event.kind is InboundKind.ECHO else "customer"


def told(name: str) -> list[tuple[str, str, str]]:
    """(who, address, text) of each message."""
    return [(_who(e), e.senders[0].address, e.content.text) for e in read(name)[0]]


class TestChatwoot:
    def test_messages_of_a_conversation(self) -> None:
        assert told("chatwoot.json") == [
            ("customer", "ana@customers.example", "My grinder arrived without a lid."),
            ("note", "ana@customers.example", "Ask the warehouse first."),
            ("us", "ana@customers.example", "Sorry about that! A lid is on its way."),
            ("customer", "ana@customers.example", ""),
        ]

    def test_names_what_it_leaves_out(self) -> None:
        _, left = read("chatwoot.json")

        assert [error.field for error in left] == ["chatwoot:12:104"]

    def test_conversations_with_their_channel(self) -> None:
        (event,), _ = read("chatwoot_conversations.json")

        assert (event.channel, event.senders[0].address) == (ChannelType.WHATSAPP, "+4915112345678")


class TestZammad:
    def test_articles_of_a_ticket(self) -> None:
        assert told("zammad.json") == [
            ("customer", "cora@customers.example", "Hello,\nwhere is my invoice?"),
            ("note", "cora@customers.example", "She paid by card."),
            ("us", "cora@customers.example", "It is attached."),
        ]
        event = read("zammad.json")[0][0]
        assert event.sender_name == "Cora Diaz"
        assert event.sent_at == datetime(2026, 1, 7, 9, tzinfo=UTC)

    def test_an_answer_with_assets(self) -> None:
        assert told("zammad_assets.json") == [("customer", "dilan@customers.example", "The beans taste burnt.")]


class TestZendesk:
    def test_tickets_one_a_line(self) -> None:
        assert told("zendesk.jsonl") == [
            ("customer", "emil@customers.example", "I want my money back."),
            ("note", "emil@customers.example", "Third time this month."),
            ("us", "emil@customers.example", "It is refunded."),
            ("customer", "zendesk-501", "Are you open on Sunday?"),
        ]
        assert [error.field for error in read("zendesk.jsonl")[1]] == ["zendesk:78:5"]

    def test_comments_of_one_ticket(self) -> None:
        assert [who for who, _, _ in told("zendesk_comments_79.json")] == ["customer", "us"]


class TestATableOfTickets:
    def test_is_read_by_its_usual_columns(self) -> None:
        path = SAMPLES / "tickets.csv"
        (first, second) = rows_in(path)
        event = event_of(path, *first)

        assert event.senders[0].address == "hana@customers.example"
        assert event.content.text == "Where is my parcel,\nplease?"
        with pytest.raises(InvalidInput, match="no text"):
            event_of(path, *second)


class TestWhatNobodyKnows:
    def test_is_refused_in_one_sentence(self) -> None:
        (error,) = messages_of(Path("x.json"), {"anything": 1})

        assert isinstance(error, InvalidInput)

    @settings(max_examples=150, deadline=None)
    @given(document=JSON)
    def test_never_breaks_the_reader(self, document: object) -> None:
        if is_export(document):
            for found in messages_of(Path("x.json"), document):
                assert isinstance(found, InboundEvent | SwitchboardError)


class TestAMaildir:
    def test_is_found_by_its_folders(self, tmp_path: Path) -> None:
        for name in ("cur", "new", "tmp"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "1767603600.M1P2.host:2,S").write_bytes(b"From: a@b.example\n\nHi")

        assert sorted(file.path.parent.name for file in find_files(tmp_path)) == ["cur", "new"]


async def bring(world: World, names: tuple[str, ...]) -> Bringing:
    bringing = Bringing()
    for name in names:
        pieces = [Piece(source=name, parsed=Parsed(events=(event,))) for event in read(name)[0]]
        await bring_in(world.app, bringing, pieces)
    return bringing


ALL = ("chatwoot.json", "zammad.json", "zendesk.jsonl", "zendesk_comments_79.json")


class TestAnImportOfThem:
    async def test_is_silent_whole_and_adds_nothing_twice(self) -> None:
        async with open_world() as world:
            first = await bring(world, ALL)
            await conclude_import(world.app, first, lambda done: None)
            proof = await reconcile(world.app, first.read)
            again = await bring(world, ALL)
            second_proof = await reconcile(world.app, again.read)
            waiting = await world.read(lambda work: [work.jobs.backlog(kind).waiting for kind in JobKind])
            talks = await world.read(lambda work: work.conversations.page(View.ALL, Page(limit=50)).items)
            ours = await world.read(
                lambda work: [
                    m.content.text
                    for talk in talks
                    for m in work.messages.of_conversation(talk.conversation_id)
                    if m.direction is Direction.OUTBOUND and m.kind is not MessageKind.NOTE
                ]
            )

        assert not any(waiting)
        assert not any(talk.is_open for talk in talks)
        assert sorted(ours) == ["It is attached.", "It is refunded.", "Sorry about that! A lid is on its way.", "Yes."]
        assert proof.whole
        assert proof.read == proof.held == 13
        assert second_proof == proof
        assert again.stored == {}
        assert not any(channel.sent for channel in world.channels.values())

    async def test_that_was_interrupted_is_finished_by_the_next(self) -> None:
        async with open_world() as world:
            await bring(world, ALL)
            again = await bring(world, ALL)
            await conclude_import(world.app, again, lambda done: None)
            talks = await world.read(lambda work: work.conversations.page(View.ALL, Page(limit=50)).items)

        assert len(again.stored) == 6
        assert not any(talk.is_open for talk in talks)

    async def test_a_loss_is_seen(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ("zammad.json",))
            bringing.read[ChannelType.EMAIL, "import", "zammad:5:99"] = b"x" * 32
            proof = await reconcile(world.app, bringing.read)

        assert not proof.whole
        assert (proof.read, proof.held) == (4, 3)
