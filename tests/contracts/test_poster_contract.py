"""Posting to other people's addresses: only https, never inside, never redirected, and one kind of failure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest

from switchboard.engines.poster import GuardedPoster
from switchboard.errors import InvalidInput, Unavailable


@dataclass(slots=True)
class Endpoint:
    """Somebody's server: answers as told and remembers what it was sent."""

    status: int = 200
    headers: str = ""
    silent: bool = False
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        self.heard.append(head + await reader.readexactly(length))
        if not self.silent:
            writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n{self.headers}\r\n".encode())
            await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@asynccontextmanager
async def running(endpoint: Endpoint) -> AsyncIterator[Endpoint]:
    server = await asyncio.start_server(endpoint.handle, "127.0.0.1", 0)
    endpoint.port = server.sockets[0].getsockname()[1]
    try:
        yield endpoint
    finally:
        server.close()


@asynccontextmanager
async def poster(*allowed: str) -> AsyncIterator[GuardedPoster]:
    async with httpx2.AsyncClient(timeout=5) as client:
        yield GuardedPoster(client, allowed)


class TestAnAddressThatIsAllowed:
    async def test_gets_body_and_headers_and_its_status_comes_back(self) -> None:
        async with running(Endpoint(status=202)) as endpoint, poster(f"127.0.0.1:{endpoint.port}") as posting:
            status = await posting.post(endpoint.url, {"x-signature": "abc"}, b'{"n": 1}')

        assert status == 202
        assert endpoint.heard[0].endswith(b'{"n": 1}')
        assert b"x-signature: abc" in endpoint.heard[0]

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_is_not_followed_elsewhere(self, status: int) -> None:
        async with running(Endpoint()) as elsewhere:
            moved = Endpoint(status=status, headers=f"Location: {elsewhere.url}\r\n")
            async with running(moved), poster(f"127.0.0.1:{moved.port}", f"127.0.0.1:{elsewhere.port}") as posting:
                assert await posting.post(moved.url, {}, b"{}") == status

        assert not elsewhere.heard

    async def test_that_is_another_port_is_not_allowed_with_it(self) -> None:
        async with running(Endpoint()) as endpoint, poster(f"127.0.0.1:{endpoint.port + 1}") as posting:
            with pytest.raises(InvalidInput):
                await posting.post(endpoint.url, {}, b"{}")

        assert not endpoint.heard

    async def test_that_hangs_up_is_unavailable(self) -> None:
        async with running(Endpoint(silent=True)) as endpoint, poster(f"127.0.0.1:{endpoint.port}") as posting:
            with pytest.raises(Unavailable):
                await posting.post(endpoint.url, {}, b"{}")

    async def test_that_nobody_serves_is_unavailable(self) -> None:
        async with poster("127.0.0.1:9") as posting:
            with pytest.raises(Unavailable):
                await posting.post("http://127.0.0.1:9/hook", {}, b"{}")


class TestAnAddressThatIsRefused:
    @pytest.mark.parametrize(
        "url",
        [
            "http://hooks.example.com/x",
            "ftp://hooks.example.com/x",
            "https:///x",
            "not an address",
            "",
            "https://user:secret@hooks.example.com/x",
            "https://hooks.example.com:99999/x",
            "https://[::1/x",
        ],
    )
    async def test_is_refused_when_it_is_set_up(self, url: str) -> None:
        async with poster() as posting:
            with pytest.raises(InvalidInput) as refused:
                posting.check(url)

        assert refused.value.field == "url"
        assert "secret" not in refused.value.detail

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "[::1]", "[fd00::1]",
         "[::ffff:127.0.0.1]", "100.64.0.1", "localhost", "2130706433"],
    )  # fmt: skip
    async def test_that_leads_inside_is_refused_before_anybody_is_called(self, host: str) -> None:
        async with poster() as posting:
            with pytest.raises(InvalidInput):
                await posting.post(f"https://{host}/hook", {}, b"{}")

    async def test_with_a_name_that_leads_outside_and_inside_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolve_to(monkeypatch, "93.184.215.14", "10.0.0.8")
        async with poster() as posting:
            with pytest.raises(InvalidInput):
                await posting.post("https://hooks.example.com/x", {}, b"{}")

    async def test_with_a_name_nobody_knows_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolve_to(monkeypatch)
        async with poster() as posting:
            with pytest.raises(Unavailable):
                await posting.post("https://hooks.example.com/x", {}, b"{}")


class TestANameThatLeadsOutside:
    @pytest.mark.parametrize("host", ["hooks.example.com", "HOOKS.Example.com"])
    async def test_is_looked_up_once_and_called_by_that_address(
        self, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        _resolve_to(monkeypatch, "93.184.215.14")
        calls: list[httpx2.Request] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            calls.append(request)
            return httpx2.Response(204)

        async with httpx2.AsyncClient(transport=httpx2.MockTransport(provider)) as client:
            status = await GuardedPoster(client).post(f"https://{host}/x?y={host}", {}, b"{}")

        assert status == 204
        assert calls[0].url.host == "93.184.215.14"
        assert calls[0].headers["host"] == host
        assert calls[0].extensions["sni_hostname"] == "hooks.example.com"
        assert (calls[0].url.path, calls[0].url.params["y"]) == ("/x", host)


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name server's answer."""

    def lookup(*_: object, **__: object) -> list[tuple[object, ...]]:
        if not addresses:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
