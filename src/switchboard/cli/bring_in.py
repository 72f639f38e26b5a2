"""Bring in what there is already: mail archives, exports, knowledge. Silent: nothing is ever sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from switchboard.channels.email.channel import raw_request_of
from switchboard.cli.shared import DataDir, opened
from switchboard.domain.inbound import Fate, InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.engines.document_reader import read_document
from switchboard.errors import InvalidInput, Rejected, SwitchboardError
from switchboard.flows.app import App as Running
from switchboard.flows.bring_in import (
    Bringing,
    Piece,
    Reconciliation,
    bring_in,
    conclude_import,
    reconcile_import,
)
from switchboard.flows.intake import unpack
from switchboard.flows.knowledge import NewDocument, add_document
from switchboard.importing.exports import is_export, messages_of
from switchboard.importing.files import ImportFile, document_in, find_files, mails_in, rows_in
from switchboard.importing.rows import event_of
from switchboard.ports.channel import Parsed

kb = App(name="kb", help="The knowledge base.")
console = Console()
AT_ONCE = 100
MOST_BYTES = 8 * 1024 * 1024


def import_(
    path: Annotated[
        Path,
        Parameter(
            help="mbox, Maildir, .eml, .box, JSONL or CSV, JSON of Chatwoot, Zammad or Zendesk, or a folder of these."
        ),
    ],
    *,
    report: Annotated[
        Path | None, Parameter(help="JSON file for the reconciliation and all that was not read.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import messages without sending anything; doing it again adds nothing twice."""
    files = find_files(path)
    if not files:
        raise InvalidInput(
            "there is nothing to import", field="path", fix="name an mbox, .eml or JSONL file, or a folder"
        )
    asyncio.run(_import(files, data_dir, report))


async def _import(files: list[ImportFile], data_dir: DataDir, report: Path | None) -> None:
    async with opened(data_dir) as system:
        app = system.app
        bringing = Bringing()
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Reading files", total=len(files))
            for file in files:
                bar.update(task, description=file.path.name[-40:], advance=1)
                await _bring_file(app, file, bringing)
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Understanding", total=bringing.fates.get(Fate.STORED, 0) or None)
            summary = await conclude_import(app, bringing, lambda done: bar.update(task, completed=done))
        for title, rows in summary.tables():
            table = Table("", "count", title=title, title_justify="left", show_header=False)
            for name, count in rows:
                table.add_row(name, str(count))
            console.print(table)
        for refused in bringing.refused[:10]:
            console.print(f"[yellow]not read:[/] {refused}")
        found = await reconcile_import(app, bringing)
        _tell(found)
        if report is not None:
            await asyncio.to_thread(report.write_bytes, _report(bringing, found))
        if not found.whole:
            raise SystemExit(1)


def _tell(found: Reconciliation) -> None:
    table = Table("", "messages", "SHA-256 over their ids", title="Reconciliation", title_justify="left")
    table.add_row("read", str(found.read), found.read_hash)
    table.add_row("held", str(found.held), found.held_hash)
    console.print(table)
    console.print(
        "Everything that was read is stored." if found.whole else "[red]Something that was read is missing.[/]"
    )


def _report(bringing: Bringing, found: Reconciliation) -> bytes:
    document = {
        **asdict(found),
        "whole": found.whole,
        "fates": {fate.value: count for fate, count in bringing.fates.items()},
        "not_read": bringing.refused,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


async def _bring_file(app: Running, file: ImportFile, bringing: Bringing) -> None:
    """Several at a time; a batch holds at most ``AT_ONCE`` messages and ``MOST_BYTES`` of mail."""
    waiting: list[Piece] = []
    size = 0
    async for piece, weight in _pieces(app, file, bringing):
        waiting.append(piece)
        size += weight
        if len(waiting) >= AT_ONCE or size >= MOST_BYTES:
            await bring_in(app, bringing, waiting)
            waiting, size = [], 0
    if waiting:
        await bring_in(app, bringing, waiting)


async def _pieces(app: Running, file: ImportFile, bringing: Bringing) -> AsyncIterator[tuple[Piece, int]]:
    """What is to be stored, with its size in bytes."""
    name = file.path.name
    if file.is_rows or file.is_document:
        for event in _events(file, bringing):
            yield Piece(source=name, parsed=Parsed(events=(event,))), len(event.content.text)
        return
    for raw in mails_in(file.path):
        request = raw_request_of(raw, (), app.clock.now(), "import")
        try:
            parsed, files = await unpack(app.channels[ChannelType.EMAIL], request)
        except Rejected as error:
            bringing.refuse(f"{name}: {error.detail}")
            continue
        yield Piece(source=name, parsed=parsed, files=files), len(raw)


def _events(file: ImportFile, bringing: Bringing) -> Iterator[InboundEvent]:
    """The messages of a file that is no mail; what is left out is noted."""
    if file.is_document:
        try:
            document = document_in(file.path)
        except SwitchboardError as error:
            bringing.refuse(f"{file.path.name}: {error.detail}")
            return
        yield from _of_export(file.path, document, file.path.name, bringing)
        return
    for number, row in rows_in(file.path):
        place = f"{file.path.name}:{number}"
        if is_export(row):
            yield from _of_export(file.path, row, place, bringing)
            continue
        try:
            yield event_of(file.path, number, row)
        except SwitchboardError as error:
            bringing.refuse(f"{place}: {error.detail}")


def _of_export(path: Path, document: object, place: str, bringing: Bringing) -> Iterator[InboundEvent]:
    for found in messages_of(path, document):
        if isinstance(found, InboundEvent):
            yield found
        else:
            bringing.refuse(f"{place}: {found.detail}")


@kb.command
def add(
    paths: Annotated[list[Path], Parameter(help="Markdown, text, HTML or PDF files, or folders.")],
    /,
    *,
    data_dir: DataDir = None,
) -> None:
    """Read documents, cut and index them."""
    files = sorted(_documents(paths))
    if not files:
        raise InvalidInput("there is no document", field="paths", limit=".md .txt .html .htm .pdf")
    asyncio.run(_add(files, data_dir))


def _documents(paths: Iterable[Path]) -> Iterable[Path]:
    kinds = {".md", ".markdown", ".txt", ".html", ".htm", ".pdf"}
    for path in paths:
        if not path.exists():
            raise InvalidInput("this path does not exist", field=str(path))
        yield from (f for f in path.rglob("*") if f.suffix.lower() in kinds) if path.is_dir() else (path,)


async def _add(files: list[Path], data_dir: DataDir) -> None:
    async with opened(data_dir) as system:
        for path in files:
            document = read_document(path.name, path.read_bytes())
            for warning in document.suspicious:
                console.print(f"[yellow]{path.name}: {warning}[/]")
            new = NewDocument(title=document.title, content=document.text, category=path.parent.name or "general")
            saved, count = await add_document(system.app, new, "command line")
            console.print(f"{saved.title}: {count} passages ({saved.document_id})")
