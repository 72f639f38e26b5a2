"""Exports as their systems document them: pages, lines, tables and archives; and what is said of what cannot be read."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput
from switchboard.importing.files import find_files, mails_in, unpacked
from switchboard.importing.source import bare_tickets, events_in, survey

COMMENT = {"id": 61, "author_id": 700, "public": True, "body": "Is it safe?", "created_at": "2026-01-11T08:00:00Z"}
ANSWER = {**COMMENT, "id": 62, "author_id": 900, "body": "Yes.", "created_at": "2026-01-11T09:00:00Z"}
GITA = {"id": 700, "name": "Gita", "email": "gita@customers.example", "role": "end-user"}
MAYA = {"id": 900, "name": "Maya", "email": "maya@shop.example", "role": "agent"}
TICKET = {"id": 79, "subject": "Pot", "requester_id": 700, "via": {"channel": "web"}, "status": "closed"}
ARTICLE = {
    "id": 31, "ticket_id": 5, "from": "Cora Diaz", "to": "", "subject": "Invoice", "body": "Where is it?",
    "content_type": "text/plain", "internal": False, "created_at": "2026-01-07T09:00:00.000Z",
}  # fmt: skip
PAGE = "https://shop.zendesk.com/api/v2/"


def write(folder: Path, **files: object) -> Path:
    """Names are as in ``page_json``; texts and bytes are written as they are, lists of ``lines_…`` one a line."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", "-").replace("_json", ".json").replace("_csv", ".csv")
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif name.startswith("lines"):
            path.write_text("\n".join(json.dumps(one) for one in content))  # type: ignore[attr-defined]  # a list
        else:
            path.write_text(json.dumps(content))
    return folder


def read(place: Path) -> tuple[list[InboundEvent], list[str]]:
    files = find_files(place)
    directory = survey(files, lambda done: None)
    found = [one for file in files for one in events_in(file, directory, lambda done: None)]
    told = [one for one in found if isinstance(one, str)] + list(bare_tickets(directory))
    return [one for one in found if isinstance(one, InboundEvent)], told


def said(events: list[InboundEvent]) -> list[tuple[str, str, str]]:
    """(who, the customer's address, text), oldest first."""
    ordered = sorted(events, key=lambda e: (e.sent_at or datetime.min.replace(tzinfo=UTC), e.external_id))
    who = {True: "us", False: "customer"}
    return [
        ("note" if "internal" in e.metadata else who[e.kind is InboundKind.ECHO], e.senders[0].address, e.content.text)
        for e in ordered
    ]


TALK = [("customer", "gita@customers.example", "Is it safe?"), ("us", "gita@customers.example", "Yes.")]


class TestZendesk:
    @pytest.mark.parametrize(
        "files",
        [
            pytest.param(
                {"lines_tickets_json": [{**TICKET, "comments": [COMMENT, ANSWER]}, {**TICKET, "id": 80, "comments": []}],
                 "lines_users_json": [GITA, MAYA]},
                id="its JSON export: a ticket or a user a line",
            ),
            pytest.param(
                {"tickets_json": {"tickets": [TICKET], "count": 1, "end_of_stream": True, "next_page": None},
                 "users_json": {"users": [GITA, MAYA], "next_page": None},
                 "a_json": {"comments": [COMMENT], "next_page": PAGE + "tickets/79/comments.json?page=2"},
                 "b_json": {"comments": [ANSWER], "previous_page": PAGE + "tickets/79/comments.json?page=1"}},
                id="pages of the API, each in a file",
            ),
            pytest.param(
                {"ticket_json": {"ticket": TICKET}, "comments__79_json": {"comments": [COMMENT, ANSWER], "users": [GITA, MAYA]}},
                id="one ticket, and its comments in a file that names it",
            ),
            pytest.param(
                {"tickets_json": {"tickets": [TICKET], "users": [GITA, MAYA]},
                 "audits_json": {"audits": [
                     {"id": 1, "ticket_id": 79, "created_at": COMMENT["created_at"], "via": {"channel": "web"},
                      "events": [{"type": "Create", "value": "x"}, {**COMMENT, "type": "Comment"}]},
                     {"id": 2, "ticket_id": 79, "created_at": ANSWER["created_at"],
                      "events": [{"type": "Comment", "id": 62, "author_id": 900, "public": True, "body": "Yes."}]}]}},
                id="audits",
            ),
            pytest.param(
                {"tickets_json": {"tickets": [TICKET], "users": [GITA, MAYA]},
                 "events_json": {"ticket_events": [
                     {"id": 1, "ticket_id": 79, "event_type": "Audit", "child_events": [
                         {"event_type": "Change", "status": "open"}, {**COMMENT, "event_type": "Comment"},
                         {**ANSWER, "event_type": "Comment"}]}], "end_time": 1}},
                id="incremental ticket events",
            ),
        ],
    )  # fmt: skip
    def test_is_read_in_every_form_it_gives(self, tmp_path: Path, files: dict[str, object]) -> None:
        events, told = read(write(tmp_path / "zd", **files))

        assert said(events) == TALK
        assert {e.external_id for e in events} == {"zendesk:79:61", "zendesk:79:62"}
        assert not told

    def test_tickets_without_comments_are_told(self, tmp_path: Path) -> None:
        events, told = read(write(tmp_path / "zd", tickets_json={"tickets": [TICKET], "count": 1}))

        assert events == []
        assert told == [
            "tickets.json: zendesk 79: its messages are not in the export: save /api/v2/tickets/79/comments.json as well"
        ]

    def test_a_private_comment_is_a_note_with_its_writer(self, tmp_path: Path) -> None:
        private = {**ANSWER, "public": False}
        events, _ = read(
            write(tmp_path / "zd", a_json={"tickets": [{**TICKET, "comments": [private]}], "users": [MAYA]})
        )

        assert events[0].metadata["internal"] == "yes"
        assert events[0].metadata["written_by"] == "Maya"

    def test_its_table_of_tickets_is_refused_with_the_way_out(self, tmp_path: Path) -> None:
        table = b'"Id","Requester","Requester email","Subject","Status"\n"79","Gita","gita@customers.example","Pot","Closed"\n'
        events, (told,) = read(write(tmp_path / "zd", tickets_csv=table))

        assert events == []
        assert "this table holds no messages (its columns: Id, Requester" in told
        assert "JSON export" in told


class TestZammad:
    def test_articles_by_ticket_with_tickets_and_users_in_other_files(self, tmp_path: Path) -> None:
        folder = write(
            tmp_path / "z",
            tickets_json=[{"id": 5, "number": "65005", "title": "Invoice", "group_id": 1, "customer_id": 9}],
            users_json=[{"id": 9, "firstname": "Cora", "lastname": "Diaz", "email": "cora@customers.example"}],
            articles_json=[
                {**ARTICLE, "type": "web", "sender": "Customer"},
                {**ARTICLE, "id": 32, "type": "note", "sender": "Agent", "internal": True, "body": "Paid."},
            ],
        )
        events, told = read(folder)

        assert said(events) == [
            ("customer", "cora@customers.example", "Where is it?"),
            ("note", "cora@customers.example", "Paid."),
        ]
        assert not told

    def test_numbers_stand_for_names_without_expand(self, tmp_path: Path) -> None:
        articles = [
            {**ARTICLE, "type_id": 1, "sender_id": 2, "from": "Cora Diaz <cora@customers.example>"},
            {**ARTICLE, "id": 32, "type_id": 1, "sender_id": 1, "body": "Here.", "to": "cora@customers.example"},
        ]
        events, _ = read(write(tmp_path / "z", a_json=articles))

        assert [who for who, _, _ in said(events)] == ["customer", "us"]

    def test_a_public_note_of_a_customer_is_their_message(self, tmp_path: Path) -> None:
        article = {**ARTICLE, "type": "note", "sender": "Customer", "created_by": "cora@customers.example"}
        events, _ = read(write(tmp_path / "z", a_json=[article]))

        assert said(events) == [("customer", "cora@customers.example", "Where is it?")]

    def test_tickets_without_articles_are_told(self, tmp_path: Path) -> None:
        ticket = {"id": 5, "number": "65005", "title": "Invoice", "group_id": 1, "customer_id": 9}
        _, (told,) = read(write(tmp_path / "z", tickets_json=[ticket]))

        assert "/api/v1/ticket_articles/by_ticket/5" in told


HELLO = {"id": 1, "content": "Hello?", "conversation_id": 12, "message_type": 0, "created_at": 1767603600}


class TestChatwoot:
    def test_contacts_in_a_table_give_the_address(self, tmp_path: Path) -> None:
        message = {**HELLO, "sender": {"id": 7, "name": "Ana", "type": "contact"}}
        folder = write(
            tmp_path / "cw",
            contacts_csv=b"id,name,email,phone_number\n7,Ana Lopez,ana@customers.example,+4930901820\n",
            messages_json={"meta": {"labels": []}, "payload": [message]},
        )
        events, told = read(folder)

        assert said(events) == [("customer", "ana@customers.example", "Hello?")]
        assert not told

    def test_lists_of_conversations_page_by_page(self, tmp_path: Path) -> None:
        def page(number: int) -> dict[str, object]:
            talk = {"id": number, "meta": {"sender": {"id": 7, "email": "ana@customers.example"}, "channel": "Channel::Email"},
                    "additional_attributes": {"mail_subject": "Lid"},
                    "messages": [{**HELLO, "id": number, "conversation_id": number}]}  # fmt: skip
            return {"data": {"meta": {"all_count": 2}, "payload": [talk]}}

        events, _ = read(write(tmp_path / "cw", page__1_json=page(1), page__2_json=page(2)))

        assert [e.external_id for e in events] == ["chatwoot:1:1", "chatwoot:2:2"]
        assert {e.content.subject for e in events} == {"Lid"}

    def test_words_and_written_times_as_its_hooks_send_them(self, tmp_path: Path) -> None:
        message = {**HELLO, "message_type": "outgoing", "created_at": "2026-01-05 09:00:00 UTC"}
        events, _ = read(write(tmp_path / "cw", lines_json=[message, {**message, "id": 2}]))

        assert [e.sent_at for e in events] == [datetime(2026, 1, 5, 9, tzinfo=UTC)] * 2
        assert {e.kind for e in events} == {InboundKind.ECHO}


class TestATable:
    @pytest.mark.parametrize(
        ("encoding", "sign"), [("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ",")]
    )
    def test_is_read_as_spreadsheets_write_it(self, tmp_path: Path, encoding: str, sign: str) -> None:
        rows = ["Ticket ID|Requester email|Subject|Description", '7|zoë@customers.example|Größe|"Passt sie?\nDanke"']
        path = tmp_path / "t.csv"
        path.write_bytes("\r\n".join(rows).replace("|", sign).encode(encoding))
        (event,), told = read(path)

        assert (event.content.subject, event.content.text) == ("Größe", "Passt sie?\nDanke")
        assert not told

    def test_with_a_bad_row_keeps_the_others(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_text(
            "id,text,sent_at\n1,Hello,2026-01-05\n2,Late,yesterday\n3,,2026-01-05\n4,Bye,2026-01-06T10:00:00Z\n"
        )
        events, told = read(path)

        assert [e.content.text for e in events] == ["Hello", "Bye"]
        assert [line.split(": ", 1)[0] for line in told] == ["t.csv:3", "t.csv:4"]
        assert "field: sent_at; limit: ISO 8601" in told[0]


class TestWhatIsDamaged:
    def test_in_one_line_leaves_the_others(self, tmp_path: Path) -> None:
        good = json.dumps({**TICKET, "requester": GITA, "comments": [COMMENT]})
        path = tmp_path / "tickets.json"
        path.write_text(f'{good}\n{{"id": 80, "requester_id"\n{good.replace("61", "63")}\n')
        events, (told,) = read(path)

        assert len(events) == 2
        assert told.startswith("tickets.json:2: the line is not a JSON object")

    def test_in_one_comment_leaves_the_others(self, tmp_path: Path) -> None:
        bad = [{"author_id": 700, "body": "no id"}, {"id": 64, "author_id": 700, "body": ""}, "nonsense", None]
        events, told = read(write(tmp_path / "zd", a_json={"tickets": [{**TICKET, "comments": [*bad, COMMENT]}]}))

        assert [e.content.text for e in events] == ["Is it safe?"]
        assert [line.split(" (field")[0] for line in told] == [
            "a.json: zendesk 79, message (without an id): it has no id",
            "a.json: zendesk 79, message 64: it has no text",
        ]

    def test_document_is_named_with_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('{"tickets": [\n}')
        _, (told,) = read(tmp_path)

        assert told.startswith("a.json: the file is no JSON (line 2, column 1)")

    def test_shape_is_named_by_its_members(self, tmp_path: Path) -> None:
        _, (told,) = read(write(tmp_path / "x", a_json={"rows": [], "total": 3}))

        assert "this is no export that we know (it has: rows, total)" in told

    def test_archive_is_an_error_in_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 nothing")
        with pytest.raises(InvalidInput, match="damaged"), unpacked(tmp_path / "a.zip"):
            pass


class TestPackedFiles:
    def test_an_archive_of_pages(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
            archive.writestr("export/tickets.json", json.dumps({"tickets": [TICKET], "users": [GITA]}))
            archive.writestr("export/79/comments.json", json.dumps({"comments": [COMMENT, ANSWER]}))
            archive.writestr("export/attachments/17/order.json", "{}")
            archive.writestr("../../outside.json", "{}")
        with unpacked(tmp_path / "export.zip") as folder:
            events, _ = read(folder)
            inside = all(path.resolve().is_relative_to(folder.resolve()) for path in folder.rglob("*"))

        assert said(events) == TALK
        assert inside
        assert not (tmp_path.parent / "outside.json").exists()

    def test_compressed_lines(self, tmp_path: Path) -> None:
        lines = "\n".join(json.dumps({**TICKET, "id": n, "requester": GITA, "comments": [COMMENT]}) for n in (1, 2))
        (tmp_path / "tickets.json.gz").write_bytes(gzip.compress(lines.encode()))
        events, _ = read(tmp_path)

        assert len(events) == 2

    def test_an_mbox_by_any_name(self, tmp_path: Path) -> None:
        path = tmp_path / "Inbox"
        path.write_bytes(b"From a Mon\nFrom: a@b.example\n\nOne\n\nFrom a Mon\nFrom: a@b.example\n\nTwo\n")

        assert len(list(mails_in(path))) == 2


class TestTheChannel:
    def test_is_the_ticket_s_own(self, tmp_path: Path) -> None:
        comment = {**COMMENT, "via": {"channel": "whatsapp"}}
        gita = {**GITA, "phone": "+4915112345678"}
        events, _ = read(
            write(tmp_path / "zd", a_json={"tickets": [{**TICKET, "comments": [comment]}], "users": [gita]})
        )

        assert (events[0].channel, events[0].senders[0].address) == (ChannelType.WHATSAPP, "+4915112345678")
