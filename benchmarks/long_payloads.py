"""What one payload of 1,000 messages does to the customers who write while it is stored; on a whole server.

``python -m benchmarks.long_payloads`` measures this alone.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Line, Sent, message_requests, send_open
from benchmarks.server import Server
from benchmarks.texts import customer_messages
from switchboard.channels.signing import sha256_hex

PER_SECOND = 40.0
MESSAGES = 1_000
QUIET_S = 4.0
REST_S = 12.0
"""The models read what came: that is not what is measured."""
SECRET = "benchmark"
SETTINGS = {
    "SWITCHBOARD_WHATSAPP__APP_SECRET": SECRET,
    "SWITCHBOARD_WHATSAPP__ACCESS_TOKEN": SECRET,
    "SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID": "1",
    "SWITCHBOARD_WHATSAPP__BASE_URL": "http://127.0.0.1:9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Seconds: of each message without and beside the payload, and of the payloads themselves."""

    quiet: Sent
    loud: Sent
    payloads: tuple[float, ...]

    def told(self) -> str:
        loud, quiet = (f"{1000 * sent.quantile(0.99):.0f} ms" for sent in (self.loud, self.quiet))
        median = sorted(self.payloads)[len(self.payloads) // 2]
        return f"{loud} against {quiet}; the payload {median:.1f} s, {self.loud.failed} failed"


async def neighbours_of_long_payloads(rounds: int) -> Beside:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder=Path(folder), environment=SETTINGS)
        await asyncio.to_thread(server.prepare)
        await asyncio.to_thread(server.start)
        try:
            return await _rounds(server, rounds)
        finally:
            await asyncio.to_thread(server.stop)


async def _rounds(server: Server, rounds: int) -> Beside:
    texts = customer_messages(MESSAGES)
    quiet: list[float] = []
    loud: list[float] = []
    payloads: list[float] = []
    failed = 0
    for number in range(rounds):
        requests = message_requests(server, texts, MESSAGES, f"{number}")
        await asyncio.sleep(1.0)
        quiet += (await send_open(server.port, requests[: int(QUIET_S * PER_SECOND)], PER_SECOND)).seconds
        payload = asyncio.create_task(_post(server, _payload(texts, number)))
        for start in range(int(QUIET_S * PER_SECOND), MESSAGES, 10):
            sent = await send_open(server.port, requests[start : start + 10], PER_SECOND)
            loud += sent.seconds
            failed += sent.failed
            if payload.done():
                break
        payloads.append(await payload)
        await asyncio.sleep(REST_S)
    return Beside(
        quiet=Sent(seconds=tuple(quiet), failed=0, took=0.0),
        loud=Sent(seconds=tuple(loud), failed=failed, took=0.0),
        payloads=tuple(payloads),
    )


def _payload(texts: list[str], number: int) -> bytes:
    messages = [
        {
            "from": f"4477{number:02d}{each:06d}",
            "id": f"wamid.{number}.{each}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": text},
        }
        for each, text in enumerate(texts)
    ]
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": messages}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


async def _post(server: Server, body: bytes) -> float:
    head = (
        f"POST /channels/whatsapp HTTP/1.1\r\nHost: localhost\r\nX-Hub-Signature-256: {sha256_hex(SECRET, body)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line, began = Line(server.port), time.perf_counter()
    status, answer = await line.ask(head.encode() + body)
    line.close()
    if status != 200:
        raise RuntimeError(f"the payload was not taken: {status} {answer[:200]!r}")
    return time.perf_counter() - began


def main() -> None:
    beside = asyncio.run(neighbours_of_long_payloads(4))
    print(f"p99 {beside.loud.quantile(0.99) / beside.quiet.quantile(0.99):.2f} times: {beside.told()}")


if __name__ == "__main__":
    main()
