"""A messaging provider that takes every message and remembers it, in the process of the test: it survives every kill."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class RecordingProvider:
    """Speaks enough of WhatsApp's Cloud API to be sent to. ``sends``: how often each of our messages arrived."""

    sends: Counter[str] = field(default_factory=Counter)
    answers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
                answer = json.dumps(self._take(await reader.readexactly(length))).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
                writer.write(b"content-length: %d\r\n\r\n%s" % (len(answer), answer))
                await writer.drain()
        except (EOFError, OSError):  # the server was killed while talking to us
            pass
        finally:
            writer.close()

    def _take(self, body: bytes) -> object:
        message = json.loads(body)
        key = str(message["biz_opaque_callback_data"])
        self.sends[key] += 1
        self.answers[key] = str(message["text"]["body"])
        return {"messages": [{"id": f"wamid.{sum(self.sends.values())}"}]}
