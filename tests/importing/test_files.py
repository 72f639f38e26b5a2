"""Files of imported messages: from beside the export or from the desk, each once, and a missing one is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from switchboard.domain.message import Attachment, FileState
from switchboard.engines.fetcher import GuardedFetcher
from switchboard.errors import InvalidInput
from switchboard.flows.bring_files import FilesBrought, bring_files
from switchboard.flows.bring_in import Bringing, Piece, bring_in
from switchboard.flows.files import open_file
from switchboard.flows.reconcile import reconcile
from switchboard.importing.attachments import Beside, DeskFiles, desk_at
from switchboard.importing.exports import messages_of
from switchboard.ports.channel import Parsed
from tests.kit import World, open_world

PDF = b"%PDF-1.4 the order"
FILE = {"id": 17, "file_name": "order.pdf", "size": len(PDF), "content_type": "application/pdf"}


@dataclass
class FakeDesk:
    """Another system on this machine, which gives files to whoever has the token."""

    address: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    wants: str = ""


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    fake = FakeDesk()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = self.headers.get("authorization") or self.headers.get("api_access_token") or ""
            fake.asked.append((self.path, said))
            status = 401 if fake.wants and said != fake.wants else 404 if "gone" in self.path else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(PDF if status == 200 else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


def zendesk(*urls: str) -> dict[str, object]:
    """A ticket with a comment for each file."""
    comments = [
        {"id": n, "author_id": 5, "body": f"file {n}", "public": True, "created_at": "2026-01-05T10:00:00Z",
         "attachments": [{**FILE, "id": 16 + n, "content_url": url}]}
        for n, url in enumerate(urls, 1)
    ]  # fmt: skip
    return {"id": 79, "requester": {"id": 5, "email": "ana@customers.example"}, "comments": comments}


async def bring(
    world: World, document: object, *, folder: Path | None = None, address: str = "", token: str = "t0k3n"
) -> tuple[Bringing, FilesBrought]:
    bringing = Bringing()
    events = list(messages_of(Path("export.json"), document))
    pieces = [
        Piece(source="export.json", parsed=Parsed(events=(e,))) for e in events if not isinstance(e, InvalidInput)
    ]
    await bring_in(world.app, bringing, pieces)
    async with httpx2.AsyncClient() as client:
        files = DeskFiles(
            beside=Beside([folder] if folder is not None else []),
            fetcher=GuardedFetcher(client),
            desk=desk_at(address, token, ()) if address else None,
        )
        return bringing, await bring_files(world.app, list(bringing.with_files), files, lambda done: None)


class TestTheDesk:
    async def test_gives_the_files_to_its_token(self, desk: FakeDesk) -> None:
        desk.wants = "Bearer t0k3n"
        async with open_world() as world:
            bringing, brought = await bring(world, zendesk(f"{desk.address}/a/1"), address=desk.address)
            opened = await open_file(world.app, next(iter(bringing.with_files)), 0)
            proof = await reconcile(world.app, bringing.read)

        assert (brought.stored, brought.missing) == (1, [])
        assert opened.data == PDF
        assert proof.whole
        assert proof.files == 1

    async def test_of_zammad_is_asked_by_ticket_article_and_file(self, desk: FakeDesk) -> None:
        article = {"id": 31, "ticket_id": 5, "sender": "Customer", "from": "Cora <cora@customers.example>", "body": "Hi",
                   "type": "email", "content_type": "text/plain",
                   "attachments": [{"id": 9, "filename": "order.pdf", "size": str(len(PDF))}]}  # fmt: skip
        async with open_world() as world:
            _, brought = await bring(world, [article], address=desk.address)

        assert brought.stored == 1
        assert desk.asked == [("/api/v1/ticket_attachment/5/31/9", "Token token=t0k3n")]

    async def test_that_refuses_the_token_is_not_asked_for_every_file(self, desk: FakeDesk) -> None:
        desk.wants = "Bearer another"
        async with open_world() as world:
            urls = [f"{desk.address}/a/{n}" for n in range(5)]
            bringing, brought = await bring(world, zendesk(*urls), address=desk.address)
            proof = await reconcile(world.app, bringing.read)

        assert len(desk.asked) == 1
        assert "check the token" in brought.stopped
        assert proof.whole

    async def test_loses_no_message_for_a_file_that_is_gone(self, desk: FakeDesk) -> None:
        async with open_world() as world:
            bringing, brought = await bring(
                world, zendesk(f"{desk.address}/gone", f"{desk.address}/a/2"), address=desk.address
            )
            first = await world.read(lambda work: work.messages.get(next(iter(bringing.with_files))))

        assert brought.stored == 1
        assert len(brought.missing) == 1
        assert brought.missing[0].startswith("zendesk:79:1: order.pdf: ")
        assert first is not None
        assert first.content.attachments[0].state is FileState.REFUSED
        assert first.content.text == "file 1"

    async def test_s_token_goes_to_no_other_address(self, desk: FakeDesk) -> None:
        outside = desk_at("https://acme.zendesk.com", "secret", ("files.example",))

        assert outside.headers("zendesk", "https://acme.zendesk.com/attachments/1")
        for url in ("https://p1.zdusercontent.com/1", "http://acme.zendesk.com/1", "https://files.example/1"):
            assert outside.headers("zendesk", url) == {}
        assert outside.headers("chatwoot", "https://acme.zendesk.com/x") == {"api_access_token": "secret"}
        assert "secret" not in repr(outside)

    async def test_is_not_asked_at_a_foreign_host(self, desk: FakeDesk) -> None:
        async with open_world() as world:
            _, brought = await bring(world, zendesk("https://evil.example/a"), address=desk.address)

        assert desk.asked == []
        assert "not the provider's" in brought.missing[0]

    def test_needs_an_address_that_can_be_one(self) -> None:
        with pytest.raises(InvalidInput, match="address cannot be read"):
            desk_at("acme", "", ())


class TestAFolderBesideTheExport:
    @pytest.mark.parametrize("name", ["17/order.pdf", "17-order.pdf", "17_order.pdf", "79/order.pdf", "17"])
    async def test_gives_files_by_number_or_name(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PDF)
        async with open_world() as world:
            _, brought = await bring(world, zendesk("https://acme.zendesk.com/a"), folder=tmp_path)

        assert brought.stored == 1

    def test_gives_no_file_of_another_size_or_of_two_the_wrong_one(self, tmp_path: Path) -> None:
        for folder, content in (("a", b"%PDF-1.4 another one"), ("b", PDF), ("c", PDF)):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "order.pdf").write_bytes(content)
        wanted = Attachment(kind="file", name="order.pdf", size=len(PDF), provider_id="zendesk:17")

        assert Beside([tmp_path]).find(wanted) is None
        (tmp_path / "c" / "order.pdf").unlink()
        assert Beside([tmp_path]).find(wanted) == tmp_path / "b" / "order.pdf"


class TestAnImportThatIsDoneAgain:
    async def test_fetches_only_what_is_missing(self, desk: FakeDesk) -> None:
        document = zendesk(f"{desk.address}/a/1", f"{desk.address}/a/2")
        async with open_world() as world:
            _, without = await bring(world, document)
            _, first = await bring(world, document, address=desk.address)
            _, again = await bring(world, document, address=desk.address)

        assert len(without.missing) == 2
        assert (first.stored, again.stored, again.there) == (2, 0, 2)
        assert len(desk.asked) == 2
