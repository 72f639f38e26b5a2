"""Bring in what there is already: mail archives, exports, knowledge. Silent: nothing is ever sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import orjson
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TimeElapsedColumn
from rich.table import Column, Table

from switchboard.assembly import System
from switchboard.channels.email.channel import raw_request_of
from switchboard.cli.shared import DataDir, opened
from switchboard.conversations.identity import normalise_email
from switchboard.domain.message import ChannelType
from switchboard.engines.document_reader import read_document
from switchboard.engines.fetcher import GuardedFetcher
from switchboard.errors import InvalidInput, Rejected
from switchboard.flows.app import App as Running
from switchboard.flows.bring_files import FilesBrought, bring_files
from switchboard.flows.bring_in import Bringing, Piece, bring_in, conclude_import
from switchboard.flows.intake import unpack
from switchboard.flows.knowledge import NewDocument, add_document
from switchboard.flows.reconcile import Reconciliation, reconcile
from switchboard.flows.restore import reconcile_restored, restore
from switchboard.importing.attachments import Beside, DeskFiles, desk_at
from switchboard.importing.files import BESIDE, ImportFile, Step, find_files, mails_in, unpacked
from switchboard.importing.found import Directory
from switchboard.importing.mails import with_our_answers
from switchboard.importing.own import OwnExport, is_own
from switchboard.importing.source import bare_tickets, events_in, survey, told
from switchboard.ports.channel import Parsed

kb = App(name="kb", help="The knowledge base.")
console = Console()
AT_ONCE = 100
MOST_BYTES = 8 * 1024 * 1024
MOST_SHOWN = 10
LISTS = ("agents", "customers", "conversations", "messages", "notes", "decisions", "drafts", "calls")
"""Of our own export: what is stored record by record."""


def import_(
    path: Annotated[
        Path,
        Parameter(
            help="mbox, Maildir, .eml, .box, JSONL or CSV, JSON of Chatwoot, Zammad or Zendesk, a folder or a ZIP of these."
        ),
    ],
    *,
    from_: Annotated[
        Literal["auto", "switchboard"],
        Parameter(name="--from", help="Our own export is known by its manifest; 'switchboard' insists on one."),
    ] = "auto",
    files: Annotated[
        Path | None, Parameter(help="Folder with the files of the messages. Default: what lies beside the export.")
    ] = None,
    desk: Annotated[
        str | None, Parameter(help="Address of the desk, such as https://acme.zendesk.com, to fetch files from.")
    ] = None,
    token: Annotated[
        str | None, Parameter(help="Its token; better in the setting import_token, where nobody else reads it.")
    ] = None,
    file_host: Annotated[
        list[str] | None, Parameter(help="Another host that the desk keeps files at. May be given several times.")
    ] = None,
    ours: Annotated[
        list[str] | None,
        Parameter(help="An address of ours: mails from it are our answers. Default: the setting email.address."),
    ] = None,
    report: Annotated[
        Path | None, Parameter(help="JSON file for the reconciliation and all that was not read.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import messages without sending anything; doing it again adds nothing twice."""
    with unpacked(path) as place:
        if from_ == "switchboard" or (place.is_dir() and is_own(place)):
            asyncio.run(_restore(OwnExport(place), data_dir, report))
            return
        found = find_files(place)
        if not found:
            raise InvalidInput(
                "there is nothing to import", field="path", fix="name an mbox, .eml, JSON or CSV file, or a folder"
            )
        folders = [place if place.is_dir() else place.parent / BESIDE, *([files] if files is not None else [])]
        wanted = _Wanted(
            files=found, folders=folders, desk=desk, token=token, hosts=file_host or [], ours=ours or [], report=report
        )
        asyncio.run(_import(wanted, data_dir))


async def _restore(export: OwnExport, data_dir: Path | None, report: Path | None) -> None:
    async with opened(data_dir) as system:
        with _bar() as bar:
            task = bar.add_task("Storing", total=sum(export.count(kind) for kind in LISTS))
            restored = await restore(system.app, export, lambda done: bar.update(task, completed=done), "command line")
        with _bar() as bar:
            bar.add_task("Comparing", total=None)
            found = await reconcile_restored(system.app, restored)
        console.print(_table("Stored", sorted(restored.stored.items())))
        if +restored.known:
            console.print(_table("There already", sorted((+restored.known).items())))
        _list("not read", restored.refused)
        _tell_proof(found, "customers and messages")
        if report is not None:
            document = {
                **asdict(found),
                "whole": found.whole,
                "stored": restored.stored,
                "there_already": restored.known,
                "not_read": restored.refused,
            }
            await asyncio.to_thread(report.write_bytes, orjson.dumps(document, option=orjson.OPT_INDENT_2))
        if not found.whole or restored.refused:
            raise SystemExit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be imported, and from where its files come."""

    files: list[ImportFile]
    folders: list[Path]
    desk: str | None
    token: str | None
    hosts: list[str]
    ours: list[str]
    report: Path | None

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def our_addresses(self, system: System) -> frozenset[str]:
        return frozenset(normalise_email(one) for one in (*self.ours, system.settings.email.address) if one)

    def source(self, system: System) -> DeskFiles:
        token = self.token or system.settings.import_token.get_secret_value()
        desk = desk_at(self.desk, token, self.hosts) if self.desk else None
        return DeskFiles(beside=Beside(self.folders), fetcher=GuardedFetcher(system.client), desk=desk)


async def _import(wanted: _Wanted, data_dir: Path | None) -> None:
    async with opened(data_dir) as system:
        app, bringing = system.app, Bringing()
        source = wanted.source(system)
        await _store(app, wanted, bringing, wanted.our_addresses(system))
        with _bar() as bar:
            task = bar.add_task("Fetching files", total=len(bringing.with_files) or None)
            brought = await bring_files(
                app, list(bringing.with_files), source, lambda done: bar.update(task, completed=done)
            )
        with _bar() as bar:
            task = bar.add_task("Understanding", total=len(bringing.stored) or None)
            summary = await conclude_import(app, bringing, lambda done: bar.update(task, completed=done))
        with _bar() as bar:
            bar.add_task("Comparing", total=None)
            found = await reconcile(app, bringing.read)
        for title, rows in summary.tables():
            console.print(_table(title, rows))
        _tell(bringing, brought, found)
        if wanted.report is not None:
            await asyncio.to_thread(wanted.report.write_bytes, _report(bringing, brought, found))
        if not found.whole:
            raise SystemExit(1)


async def _store(app: Running, wanted: _Wanted, bringing: Bringing, ours: frozenset[str]) -> None:
    """Reads every file, and stores what is in it a batch at a time."""
    with _bar() as bar:
        looking = bar.add_task("Looking", total=wanted.size or None)
        directory = await asyncio.to_thread(survey, wanted.files, lambda done: bar.update(looking, completed=done))
        bar.remove_task(looking)
        task, before = bar.add_task("Reading", total=wanted.size or None), 0
        for file in wanted.files:
            bar.update(task, description=f"Reading {file.path.name[-40:]}", completed=before)
            await _bring_file(
                app,
                file,
                directory,
                bringing,
                ours,
                lambda done, before=before: bar.update(task, completed=before + done),  # type: ignore[misc]  # bound now
            )
            before += file.size
    for ticket in bare_tickets(directory):
        bringing.refuse(ticket)


def _bar() -> Progress:
    return Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console, transient=True)


def _table(title: str, rows: Iterable[tuple[str, int]]) -> Table:
    table = Table("", "count", title=title, title_justify="left", show_header=False)
    for name, count in rows:
        table.add_row(name, str(count))
    return table


def _tell(bringing: Bringing, brought: FilesBrought, found: Reconciliation) -> None:
    if bringing.with_files:
        rows = (("fetched", brought.stored), ("there already", brought.there), ("missing", len(brought.missing)))
        console.print(_table("Files", rows))
    if brought.stopped:
        console.print(f"[yellow]the rest of the files was not tried:[/] {escape(brought.stopped)}")
    _list("not read", bringing.refused)
    _list("left out", bringing.left_out)
    _list("file missing", brought.missing)
    _tell_proof(found, "messages")


def _tell_proof(found: Reconciliation, what: str) -> None:
    table = Table("", what, Column("SHA-256 over them", overflow="fold"), title="Reconciliation", title_justify="left")
    table.add_row("read", str(found.read), found.read_hash)
    table.add_row("held", str(found.held), found.held_hash)
    console.print(table)
    for word, names in (("missing", found.missing), ("not as it was read", found.changed), ("damaged", found.broken)):
        _list(word, names)
    console.print(
        "Everything that was read is stored, word for word."
        if found.whole
        else "[red]What is stored is not what was read.[/]"
    )


def _list(word: str, lines: Sequence[str]) -> None:
    for line in lines[:MOST_SHOWN]:
        console.print(f"[yellow]{word}:[/] {escape(line)}")
    if len(lines) > MOST_SHOWN:
        console.print(f"[yellow]{word}:[/] and {len(lines) - MOST_SHOWN} more; --report FILE names all")


def _report(bringing: Bringing, brought: FilesBrought, found: Reconciliation) -> bytes:
    document = {
        **asdict(found),
        "whole": found.whole,
        "fates": {fate.value: count for fate, count in bringing.fates.items()},
        "not_read": bringing.refused,
        "left_out": bringing.left_out,
        "files_fetched": {"stored": brought.stored, "bytes": brought.size, "there_already": brought.there},
        "files_missing": brought.missing,
        "files_not_tried": brought.stopped,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


async def _bring_file(
    app: Running, file: ImportFile, directory: Directory, bringing: Bringing, ours: frozenset[str], step: Step
) -> None:
    """Several at a time; a batch holds at most ``AT_ONCE`` messages and ``MOST_BYTES`` of mail."""
    waiting: list[Piece] = []
    size = 0
    async for piece, weight in _pieces(app, file, directory, bringing, ours, step):
        waiting.append(piece)
        size += weight
        if len(waiting) >= AT_ONCE or size >= MOST_BYTES:
            await bring_in(app, bringing, waiting)
            waiting, size = [], 0
    if waiting:
        await bring_in(app, bringing, waiting)


async def _pieces(
    app: Running, file: ImportFile, directory: Directory, bringing: Bringing, ours: frozenset[str], step: Step
) -> AsyncIterator[tuple[Piece, int]]:
    """What is to be stored, with its size in bytes."""
    name = file.path.name
    if file.is_rows or file.is_document:
        for found in events_in(file, directory, step):
            if isinstance(found, str):
                bringing.refuse(found)
            else:
                yield Piece(source=name, parsed=Parsed(events=(found,))), len(found.content.text)
        return
    for number, raw in enumerate(mails_in(file.path, step), 1):
        request = raw_request_of(raw, (), app.clock.now(), "import")
        try:
            parsed, files = await unpack(app.channels[ChannelType.EMAIL], request)
        except Rejected as error:
            bringing.refuse(f"{name}, mail {number}: {told(error)}")
            continue
        events = tuple(with_our_answers(event, ours) for event in parsed.events)
        yield Piece(source=name, parsed=replace(parsed, events=events), files=files), len(raw)


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
