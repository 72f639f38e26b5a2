"""A small server of our own that speaks both language model protocols: well, slowly, wrongly or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class ModelStub:
    """``mode``: good, slow, rubbish, not_json, refused, limited, overloaded, broken, cut, empty or injected. ``requests``
    holds (path, headers, body) of every call."""

    mode: str = "good"
    answer: str = '{"statements": [{"text": "You can return it within 30 days.", "section": 1}], "confidence": 0.9}'
    requests: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)
    port: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path, headers, body = await _request(reader)
            self.requests.append((path, headers, json.loads(body)))
            await self._answer(path, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if self.mode == "slow":
            await asyncio.sleep(5)
        status = {"limited": 429, "overloaded": 529, "broken": 500, "refused": 401}.get(self.mode, 200)
        body = self._body(path) if status == 200 else json.dumps({"error": {"message": "no", "type": "x"}})
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
        sent = f"{head}Connection: close\r\n\r\n{body}".encode()
        writer.write(sent[: len(sent) // 2] if self.mode == "cut" else sent)
        await writer.drain()

    def _body(self, path: str) -> str:
        if self.mode == "not_json":
            return "<html>Bad gateway</html>"
        if self.mode == "empty":
            return "{}"
        text = "Sure! Here you go:" if self.mode == "rubbish" else self.answer
        return json.dumps(_anthropic(text) if path.endswith("/messages") else _openai(text))


@asynccontextmanager
async def running(stub: ModelStub) -> AsyncIterator[ModelStub]:
    server = await asyncio.start_server(stub.handle, "127.0.0.1", 0)
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        server.close()


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return head[0].split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", "0")))


def _anthropic(text: str) -> dict[str, object]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "stub",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def _openai(text: str) -> dict[str, object]:
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
