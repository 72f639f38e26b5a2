"""What mails of 25 MB, one after the other over SMTP, do to the customers who write meanwhile; on a whole server.

``python -m benchmarks.big_mails`` measures this alone.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import socket
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.load import Sent, message_requests, send_closed, send_open
from benchmarks.server import Server, free_port
from benchmarks.texts import customer_messages

PER_SECOND = 40.0
ROUND_S = 8.0
PAUSE_S = 1.0
PHOTO_BYTES = 17 * 2**20
"""In a mail it takes a third more, and line breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The customers' messages in turns without (``quiet``) and with (``loud``) ``mails`` of 25 MB beside them."""

    quiet: tuple[Sent, ...]
    loud: tuple[Sent, ...]
    mails: int

    @property
    def ratios(self) -> list[float]:
        """p99 of each loud round over that of the quiet one before it, ascending."""
        return sorted(b.quantile(0.99) / a.quantile(0.99) for a, b in zip(self.quiet, self.loud, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the rounds: whatever else this machine does for a few seconds, it does to few of them."""
        return median(self.ratios)

    def told(self) -> str:
        lowest, highest = self.ratios[0], self.ratios[-1]
        loud, quiet = _together(self.loud), _together(self.quiet)
        noise = [sent.quantile(0.99) * 1000 for sent in self.quiet]
        return (
            f"{len(self.ratios)} rounds of {lowest:.2f} to {highest:.2f}; {self.mails} big mails; all rounds "
            f"{_figures(loud)} against {_figures(quiet)}; quiet rounds from {min(noise):.0f} to {max(noise):.0f} ms"
        )


def _together(rounds: Sequence[Sent]) -> Sent:
    seconds = tuple(taken for one in rounds for taken in one.seconds)
    return Sent(seconds=seconds, failed=sum(one.failed for one in rounds), took=0.0)


def _figures(sent: Sent) -> str:
    failed = f", {sent.failed} failed" if sent.failed else ""
    return f"{sent.quantile(0.99) * 1000:.0f} ms (median {sent.quantile(0.5) * 1000:.0f}{failed})"


def neighbours_of_big_mails(rounds: int) -> Neighbours:
    """Quiet and loud rounds take turns, so that whatever else this machine does falls on both."""
    return asyncio.run(_measured(rounds))


async def _measured(rounds: int) -> Neighbours:
    smtp = free_port()
    settings = {"SWITCHBOARD_EMAIL__ADDRESS": "help@shop.example", "SWITCHBOARD_EMAIL__LISTEN_PORT": str(smtp)}
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1) as sender:
        server = Server(folder=Path(folder), environment=settings)
        await asyncio.to_thread(server.prepare)
        await asyncio.to_thread(server.start)
        try:
            return await _rounds(server, smtp, sender, rounds)
        finally:
            await asyncio.to_thread(server.stop)


async def _rounds(server: Server, smtp: int, sender: ProcessPoolExecutor, rounds: int) -> Neighbours:
    each = int(ROUND_S * PER_SECOND)
    texts = customer_messages(2 * rounds * each + 100)
    requests = message_requests(server, texts, len(texts), "big")
    loop = asyncio.get_running_loop()
    await send_closed(server.port, requests[:100], 4)
    await loop.run_in_executor(sender, send_big_mails, smtp, 0.0, 0)  # mail readers are started
    quiet, loud, mails = list[Sent](), list[Sent](), 0
    for number in range(rounds):
        mine = requests[100 + 2 * number * each : 100 + 2 * (number + 1) * each]
        quiet.append(await send_open(server.port, mine[:each], PER_SECOND))
        others = loop.run_in_executor(sender, send_big_mails, smtp, ROUND_S - 2.0, number + 1)
        loud.append(await send_open(server.port, mine[each:], PER_SECOND))
        mails += await others
        await asyncio.sleep(1.0)
    return Neighbours(quiet=tuple(quiet), loud=tuple(loud), mails=mails)


def send_big_mails(port: int, seconds: float, number: int) -> int:
    """One after the other with a second in between; how many were taken. The sender stands for another machine: it only
    takes what this one has left of its processors, and its photo is made once."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    photo = _photo()
    began, taken = time.monotonic(), 0
    while not taken or time.monotonic() - began < seconds:
        taken += _send(port, photo, f"{number}.{taken}")
        time.sleep(PAUSE_S)
    return taken


@cache
def _photo() -> bytes:
    return base64.encodebytes(random.Random(1).randbytes(PHOTO_BYTES)).replace(b"\n", b"\r\n")


def _send(port: int, photo: bytes, name: str) -> int:
    head = (
        f"From: big{name}@customers.example\r\nTo: help@shop.example\r\nSubject: A photo\r\n"
        f"Message-ID: <{name}@customers.example>\r\nMIME-Version: 1.0\r\nContent-Type: image/jpeg; name=pot.jpg\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=pot.jpg\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line, line.makefile("rb") as answers:
        answers.readline()
        for command in (
            "HELO there",
            f"MAIL FROM:<big{name}@customers.example>",
            "RCPT TO:<help@shop.example>",
            "DATA",
        ):
            line.sendall(command.encode() + b"\r\n")
            answers.readline()
        line.sendall(head.encode() + photo + b".\r\n")
        answer = answers.readline()
    if not answer.startswith(b"250"):
        raise RuntimeError(f"the mail was not taken: {answer!r}")
    return 1


def main() -> None:
    measured = neighbours_of_big_mails(8)
    print(f"p99 {measured.ratio:.2f} times, the median of {measured.told()}")


if __name__ == "__main__":
    main()
