"""Look at what the machine understands, at the dead letters and at the day."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from switchboard.api.analytics import report_of, understanding_of
from switchboard.api.shapes import ReadingShape, clean
from switchboard.cli.shared import DataDir, opened, settings_for
from switchboard.engines.clock import SystemClock
from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.flows.bury import discard_dead_letter, replay_dead_letter
from switchboard.flows.export_labels import export_labels as labels_of
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import Page

dlq = App(name="dlq", help="Dead letters: work that gave up.")
report = App(name="report", help="Reports.")
console = Console()


def analyze(text: str) -> None:
    """What the machine understands of a text, as JSON. Stores nothing."""
    settings = settings_for(None)
    understanding = build_understanding(settings.understanding.model_dir)
    wanted = TextToRead(text=clean(text), at=SystemClock().now())
    (reading,) = asyncio.run(understanding.read([wanted]))
    print(json.dumps(ReadingShape.of(reading).model_dump(), indent=2, ensure_ascii=False))


@dlq.command(name="list")
def list_(*, data_dir: DataDir = None) -> None:
    """What waits, newest first."""

    async def act() -> None:
        async with opened(data_dir) as system:
            rows = await system.app.store.read(lambda work: work.jobs.dead_letters(Page(limit=100)))
            table = Table()
            table.add_column("id", no_wrap=True, min_width=36)  # whole on any terminal: it is what one copies
            for title in ("kind", "since", "state", "reason"):
                table.add_column(title)
            for d in rows.items:
                table.add_row(d.dead_letter_id, d.kind.value, f"{d.created_at:%Y-%m-%d %H:%M}", d.state, d.reason)
            console.print(table if rows.items else "No dead letters.")

    asyncio.run(act())


@dlq.command
def show(dead_letter_id: str, *, data_dir: DataDir = None) -> None:
    """One dead letter with its attempts."""

    async def act() -> None:
        async with opened(data_dir) as system:
            letter = await system.app.store.read(lambda work: work.jobs.dead_letter(dead_letter_id))
            if letter is None:
                raise InvalidInput("there is no such dead letter", field="dead_letter_id")
            console.print(f"{letter.kind.value}, {letter.state}: {letter.reason}")
            console.print(f"message {letter.message_id}, conversation {letter.conversation_id}")
            for at, error in letter.attempts:
                console.print(f"  {at:%Y-%m-%d %H:%M:%S}  {error}")

    asyncio.run(act())


@dlq.command
def replay(dead_letter_id: str, *, data_dir: DataDir = None) -> None:
    """Put it back into the queue. Doing it twice has one effect."""

    async def act() -> None:
        async with opened(data_dir) as system:
            done = await replay_dead_letter(system.app, dead_letter_id, "command line")
            console.print("It is back in the queue." if done else "It was replayed or discarded before.")

    asyncio.run(act())


@dlq.command
def discard(dead_letter_id: str, *, data_dir: DataDir = None) -> None:
    """Put it aside for good."""

    async def act() -> None:
        async with opened(data_dir) as system:
            done = await discard_dead_letter(system.app, dead_letter_id, "command line")
            console.print("Discarded." if done else "It was replayed or discarded before.")

    asyncio.run(act())


@report.command
def daily(
    day: Annotated[str, Parameter(help="YYYY-MM-DD, in the business's time zone")], *, data_dir: DataDir = None
) -> None:
    """Volume, mood and people of one day, as JSON."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise InvalidInput("the date cannot be read", field="day", limit="YYYY-MM-DD") from None

    async def act() -> None:
        async with opened(data_dir) as system:
            figures = await report_of(system.app, wanted, await system.app.business())
            json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
            print()

    asyncio.run(act())


@report.command
def understanding(
    *,
    days: Annotated[int, Parameter(help="Length of the window, and of the one before it.")] = 7,
    data_dir: DataDir = None,
) -> None:
    """How sure the model is, whether the messages changed, what people corrected: as JSON."""
    if not 1 <= days <= 92:
        raise InvalidInput("the window is out of range", field="days", limit="1 to 92")

    async def act() -> None:
        async with opened(data_dir) as system:
            json.dump(await understanding_of(system.app, days), sys.stdout, indent=2, ensure_ascii=False)
            print()

    asyncio.run(act())


def export_labels(
    *,
    out: Annotated[Path, Parameter(help="JSONL file to write; it must not exist yet.")],
    personal: Annotated[bool, Parameter(help="Keep addresses, phone, card and account numbers in the texts.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write what people corrected as labelled messages, for evaluate and train. Personal data is masked."""
    if out.exists():
        raise InvalidInput("this file exists already", field="out", fix="name another one")

    async def act() -> None:
        async with opened(data_dir) as system:
            labels = await labels_of(system.app, "command line", redacted=not personal)
            out.write_bytes(b"".join(orjson.dumps(asdict(label)) + b"\n" for label in labels))
            console.print(f"{len(labels)} labelled messages are in {out.name}.")

    asyncio.run(act())
