"""Which files hold messages, and the raw mails or rows in each."""

from __future__ import annotations

import csv
import gzip
import mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from switchboard.errors import InvalidInput

MAIL_ENDINGS = (".eml", ".box", ".mail")
ROW_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".csv")
DOCUMENT_ENDINGS = (".json", ".json.gz")
MAILDIR = ("cur", "new")
"""Folders in which a Maildir keeps its mails, under names of any kind."""
MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """``is_rows``: one JSON object or row of a table a line; ``is_document``: one JSON document; otherwise a mail or an
    mbox of mails."""

    path: Path
    is_rows: bool = False
    is_document: bool = False


def find_files(path: Path) -> list[ImportFile]:
    """The importable files at or below a path, in order of name. Raises ``InvalidInput`` for a missing path."""
    if not path.exists():
        raise InvalidInput("this path does not exist", field="path")
    candidates = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    named = [_kind(candidate, certain=not path.is_dir()) for candidate in candidates]
    return [file for file in named if file is not None]


def _kind(path: Path, *, certain: bool) -> ImportFile | None:
    name = path.name.lower()
    if name.endswith(ROW_ENDINGS):
        return ImportFile(path=path, is_rows=True)
    if name.endswith(DOCUMENT_ENDINGS):
        return ImportFile(path=path, is_document=True)
    if name.endswith(MAIL_ENDINGS) or name.endswith(".mbox") or path.parent.name in MAILDIR or certain:
        return ImportFile(path=path)
    return None


def mails_in(path: Path) -> Iterator[bytes]:
    """Every raw mail of a file: an mbox has many, anything else is one."""
    with path.open("rb") as file:
        start = file.read(5)
    if path.suffix.lower() == ".mbox" and start == b"From ":
        box = mailbox.mbox(str(path), create=False)
        try:
            for key in box.iterkeys():
                yield box.get_bytes(key)
        finally:
            box.close()
        return
    yield path.read_bytes()


def rows_in(path: Path) -> Iterator[tuple[int, object]]:
    """(line number, parsed line); a line that is no JSON comes as None. A CSV's first line names its columns."""
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as table:
            reader = csv.DictReader(table)
            yield from ((reader.line_num, row) for row in reader)
        return
    with gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _parsed(line)


def document_in(path: Path) -> object:
    """The one JSON document of a file. Raises ``InvalidInput``."""
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput("the file is too large", field=path.name, limit=f"{MOST_BYTES} bytes", fix="split it")
    packed = path.read_bytes()
    try:
        return orjson.loads(gzip.decompress(packed) if path.name.endswith(".gz") else packed)
    except (orjson.JSONDecodeError, OSError, EOFError):
        raise InvalidInput("the file is no JSON", field=path.name) from None


def _parsed(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
