"""kill -9 at random moments while customers write, and proof afterwards that nothing was lost, doubled or reordered.

Run as ``python -m tests.crash.kill --kills 50 --messages 2000``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Line, message_request, post_request, put_request
from benchmarks.server import Server
from switchboard.assembly.keys import open_store
from switchboard.domain.conversation import Conversation
from switchboard.domain.ids import ConversationId
from switchboard.domain.message import Author, ConversationMessage, DeliveryState, Direction
from switchboard.engines.clock import SystemClock
from switchboard.ports.records import JobKind, Page, View
from switchboard.ports.store import Work
from switchboard.settings import Settings
from tests.crash.provider import RecordingProvider

WRITERS = 12
EACH = (1, 4)
"""Messages of every other customer: one question that automation answers, and one asked again and again."""
SETTLE_S = 180.0
LONG_LIFE_S = 6.0
"""Most lives are short; some last until the model is loaded and answers leave."""
ASKED = "How long does delivery take?"
KNOWN = {
    "title": "Delivery times",
    "content": "## How long does delivery take?\n\nStandard delivery takes 2 to 4 working days. Express delivery arrives "
    "on the next working day.\n",
    "url": "https://help.larkfield.example/delivery",
}
AUTOMATION = {"patterns": [{"name": "everything", "languages": []}]}
BRAND = {"business_name": "Larkfield Coffee", "link_hosts": ["help.larkfield.example"]}


@dataclass(slots=True)
class Toll:
    """What was counted, and everything that must be empty or zero."""

    acknowledged: int = 0
    kills: int = 0
    ready_after: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    answered_twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    dead: int = 0
    unknown: int = 0
    answered: int = 0
    integrity: str = ""

    @property
    def clean(self) -> bool:
        broken = (self.lost, self.doubled, self.answered_twice, self.out_of_order, self.undecided, self.dead)
        return not any(broken) and self.integrity == "ok"

    def told(self) -> str:
        slowest = max(self.ready_after, default=0.0)
        return json.dumps(
            {
                "kills": self.kills,
                "acknowledged": self.acknowledged,
                "lost": len(self.lost),
                "stored twice": len(self.doubled),
                "answered twice": len(self.answered_twice),
                "conversations out of order": len(self.out_of_order),
                "without decision": len(self.undecided),
                "dead letters": self.dead,
                "answers delivered": self.answered,
                "delivery unknown, left to people": self.unknown,
                "integrity": self.integrity,
                "ready after, s (median, slowest)": [
                    round(sorted(self.ready_after)[len(self.ready_after) // 2], 2) if self.ready_after else 0.0,
                    round(slowest, 2),
                ],
            },
            indent=2,
        )


@dataclass(slots=True, kw_only=True)
class Ordeal:
    """One run: writers that never give up, a killer, and the count afterwards."""

    server: Server
    provider: RecordingProvider
    kills: int
    messages: int
    chance: random.Random
    toll: Toll = field(default_factory=Toll)
    due: int = 0
    sent: int = 0

    async def run(self) -> Toll:
        customers = list(range(len(EACH) * self.messages // sum(EACH)))
        waiting = iter(customers)
        writers = [asyncio.create_task(self._write(waiting)) for _ in range(WRITERS)]
        share = self.messages / (self.kills + 1)
        for life in range(self.kills):
            self.due = int(share * (life + 1))
            await asyncio.sleep(self.chance.choice((0.2, 1.0, LONG_LIFE_S)) * self.chance.random())
            await asyncio.to_thread(self.server.kill)
            self.toll.kills += 1
            self.toll.ready_after.append(await asyncio.to_thread(self.server.start))
        self.due = self.messages
        await asyncio.gather(*writers)
        await self._settle()
        await asyncio.to_thread(self.server.stop)
        await self._count(customers)
        return self.toll

    async def _write(self, customers: object) -> None:
        """Takes customers one after another; each writes the next message when the last one was acknowledged."""
        line = Line(self.server.port)
        for customer in customers:  # type: ignore[attr-defined]  # one iterator shared by all writers
            for number in range(asked_by(customer)):
                while self.sent >= self.due:  # noqa: ASYNC110  # a gate that opens a little with every life
                    await asyncio.sleep(0.02)
                self.sent += 1
                await self._until_acknowledged(line, customer, number)
        line.close()

    async def _until_acknowledged(self, line: Line, customer: int, number: int) -> None:
        request = message_request(self.server, ASKED, customer, external_id(customer, number), "whatsapp")
        while True:
            try:
                status, _ = await asyncio.wait_for(line.ask(request), 10)
            except (OSError, EOFError, TimeoutError):
                line.close()
                await asyncio.sleep(0.05)
                continue
            if 200 <= status < 300:
                self.toll.acknowledged += 1
                return
            await asyncio.sleep(0.2)

    async def _settle(self) -> None:
        """Until nothing waits any more; what a dead worker held is free again when its lease ends."""
        deadline = time.monotonic() + SETTLE_S
        while self._waiting() and time.monotonic() < deadline:  # noqa: ASYNC110  # another process does the work
            await asyncio.sleep(0.2)

    def _waiting(self) -> int:
        with closing(sqlite3.connect(f"file:{self.server.database}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM jobs WHERE kind <> ?", (JobKind.WEBHOOK,)).fetchone()
            return int(count)

    async def _count(self, customers: Sequence[int]) -> None:
        with closing(sqlite3.connect(self.server.database)) as connection:
            self.toll.integrity = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        self.toll.answered_twice += [f"{key} left {n} times" for key, n in self.provider.sends.items() if n > 1]
        self.toll.answered = sum("working days" in text for text in self.provider.answers.values())
        store = open_store(Settings(data_dir=self.server.folder / "data"), SystemClock())
        try:
            found: Counter[str] = Counter()
            for conversation, messages in await store.read(all_conversations):
                self._judge(conversation, messages, found)
            self.toll.undecided += await store.read(undecided)
            self.toll.dead = await store.read(lambda work: work.jobs.count_dead())
        finally:
            await store.close()
        wanted = [external_id(customer, number) for customer in customers for number in range(asked_by(customer))]
        self.toll.lost += [each for each in wanted if not found[each]]
        self.toll.doubled += [each for each, n in found.items() if n > 1]

    def _judge(self, conversation: Conversation, messages: Sequence[ConversationMessage], found: Counter[str]) -> None:
        theirs = [m for m in messages if m.direction is Direction.INBOUND]
        given = [(m.external_id or "").rpartition(":")[2] for m in theirs]
        found.update(given)
        if given != sorted(given) or [m.sequence for m in messages] != list(range(1, len(messages) + 1)):
            self.toll.out_of_order.append(conversation.conversation_id)
        ours = [m for m in messages if m.author is Author.AUTOMATION]
        replies = Counter(m.reply_to for m in ours if "notice" not in m.metadata)
        self.toll.answered_twice += [f"{asked} has {n} answers" for asked, n in replies.items() if n > 1]
        self.toll.unknown += sum(m.delivery is DeliveryState.UNKNOWN for m in ours)


def asked_by(customer: int) -> int:
    return EACH[customer % len(EACH)]


def external_id(customer: int, number: int) -> str:
    return f"{customer:06d}-{number}"


def all_conversations(work: Work) -> list[tuple[Conversation, tuple[ConversationMessage, ...]]]:
    return [(conversation, work.messages.newest(conversation.conversation_id, 1000)) for conversation in _pages(work)]


def undecided(work: Work) -> list[str]:
    """Messages of customers without a decision who answers."""
    return [
        message.message_id
        for conversation in _pages(work)
        for message in work.messages.newest(ConversationId(conversation.conversation_id), 1000)
        if message.direction is Direction.INBOUND and work.decisions.of_message(message.message_id) is None
    ]


def _pages(work: Work) -> list[Conversation]:
    found: list[Conversation] = []
    cursor: str | None = None
    while True:
        rows = work.conversations.page(View.ALL, Page(limit=100, cursor=cursor))
        found += rows.items
        cursor = rows.next_cursor
        if cursor is None:
            return found


async def ordeal(folder: Path, *, kills: int, messages: int, seed: int) -> Toll:
    """Everything from an empty directory to the count."""
    provider = RecordingProvider()
    await provider.open()
    server = Server(folder=folder, environment=_environment(provider.port))
    await asyncio.to_thread(server.prepare)
    await asyncio.to_thread(server.start)
    try:
        await _set_up(server)
        run = Ordeal(server=server, provider=provider, kills=kills, messages=messages, chance=random.Random(seed))
        return await run.run()
    finally:
        await asyncio.to_thread(server.stop)
        await provider.close()


def _environment(port: int) -> dict[str, str]:
    """Short leases, so that what a killed worker held comes back while the test still watches."""
    return {
        "SWITCHBOARD_WHATSAPP__APP_SECRET": "s" * 32,
        "SWITCHBOARD_WHATSAPP__VERIFY_TOKEN": "v" * 32,
        "SWITCHBOARD_WHATSAPP__ACCESS_TOKEN": "a" * 32,
        "SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID": "1066",
        "SWITCHBOARD_WHATSAPP__BASE_URL": f"http://127.0.0.1:{port}",
        "SWITCHBOARD_WORK__LEASE_S": "4",
        "SWITCHBOARD_WORK__POLL_S": "0.2",
    }


async def _set_up(server: Server) -> None:
    line = Line(server.port)
    for request in (
        put_request("/v1/config/automation", server.key, AUTOMATION),
        put_request("/v1/config/brand", server.key, BRAND),
        post_request("/v1/knowledge/documents", server.key, KNOWN),
    ):
        status, body = await line.ask(request)
        if not 200 <= status < 300:
            raise RuntimeError(f"the server refused its settings: {status} {body[:500]!r}")
    line.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ready-within", type=float, default=5.0, help="seconds after a restart")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        toll = asyncio.run(ordeal(Path(folder), kills=asked.kills, messages=asked.messages, seed=asked.seed))
    print(toll.told())
    sys.exit(0 if toll.clean and max(toll.ready_after, default=0.0) <= asked.ready_within else 1)


if __name__ == "__main__":
    main()
