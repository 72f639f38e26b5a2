"""Which files hold messages, and the raw mails, rows or documents in each."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import mailbox
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import orjson

from switchboard.errors import InvalidInput

MAIL_ENDINGS = (".eml", ".box", ".mail")
ROW_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".csv")
DOCUMENT_ENDINGS = (".json", ".json.gz")
MAILDIR = ("cur", "new")
"""Folders in which a Maildir keeps its mails, under names of any kind."""
BESIDE = "attachments"
"""A folder of this name in an export holds the files of its messages, no messages."""
MOST_BYTES = 512 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024 * 1024
LONGEST_CELL = 4 * 1024 * 1024
_MARK = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


Step = Callable[[int], None]
SOME = 50


def _nobody(done: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """``is_rows``: one JSON object or row of a table a line; ``is_document``: one JSON document; otherwise a mail or an
    mbox of mails."""

    path: Path
    is_rows: bool = False
    is_document: bool = False

    @property
    def is_table(self) -> bool:
        return self.path.suffix.lower() == ".csv"

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The path itself; of a ZIP, a folder with what is in it, gone at the end. Raises ``InvalidInput``."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        yield path
        return
    with TemporaryDirectory(prefix="switchboard-import-") as folder:
        _unzip(path, Path(folder))
        yield Path(folder)


def _unzip(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise InvalidInput("the archive holds too much", field=path.name, fix="unpack it and import the folder")
            archive.extractall(folder)  # names that point outside are kept inside
    except (zipfile.BadZipFile, EOFError):
        raise InvalidInput("the archive is damaged", field=path.name) from None
    except RuntimeError:  # it asks for a password, or is packed in a rare way
        raise InvalidInput(
            "the archive is locked or packed in a way that we do not know",
            field=path.name,
            fix="unpack it and import the folder",
        ) from None


def find_files(path: Path) -> list[ImportFile]:
    """The importable files at or below a path, in order of name. Raises ``InvalidInput`` for a missing path."""
    if not path.exists():
        raise InvalidInput("this path does not exist", field="path")
    candidates = sorted(_below(path)) if path.is_dir() else [path]
    named = [_kind(candidate, certain=not path.is_dir()) for candidate in candidates]
    return [file for file in named if file is not None]


def _below(path: Path) -> Iterable[Path]:
    for candidate in path.rglob("*"):
        inside = candidate.relative_to(path).parts[:-1]
        if candidate.is_file() and BESIDE not in inside and "__MACOSX" not in inside:
            yield candidate


def _kind(path: Path, *, certain: bool) -> ImportFile | None:
    name = path.name.lower()
    if name.endswith(ROW_ENDINGS):
        return ImportFile(path=path, is_rows=True)
    if name.endswith(DOCUMENT_ENDINGS):
        lines = _has_lines(path)
        return ImportFile(path=path, is_rows=lines, is_document=not lines)
    if name.endswith(MAIL_ENDINGS) or name.endswith(".mbox") or path.parent.name in MAILDIR or certain:
        return ImportFile(path=path)
    return None


def _has_lines(path: Path) -> bool:
    """Whether a file called JSON holds an object on each line, as Zendesk's export does."""
    try:
        with path.open("rb") as raw, _opened(path, raw) as file:
            first = file.readline(16 * 1024 * 1024)
            return isinstance(_parsed(first), dict) and bool(file.readline(1024).strip())
    except (OSError, EOFError):
        return False


def _opened(path: Path, raw: IO[bytes]) -> IO[bytes]:
    return gzip.open(raw, "rb") if path.name.lower().endswith(".gz") else raw  # type: ignore[return-value]  # both give bytes


def mails_in(path: Path, step: Step = _nobody) -> Iterator[bytes]:
    """Every raw mail of a file: an mbox has many, anything else is one. ``step`` hears how many bytes are read."""
    with path.open("rb") as file:
        start = file.read(5)
    if start == b"From ":
        box = mailbox.mbox(str(path), create=False)
        try:
            done = 0
            for key in box.iterkeys():
                raw = box.get_bytes(key)
                done += len(raw)
                yield raw
                step(done)
        finally:
            box.close()
        return
    yield path.read_bytes()


def rows_in(path: Path, step: Step = _nobody) -> Iterator[tuple[int, object]]:
    """(line number, parsed line); a line that is no JSON comes as None. A CSV's first line names its columns. ``step``
    hears how many bytes of the file are read."""
    if path.suffix.lower() == ".csv":
        yield from _cells_in(path, step)
        return
    with path.open("rb") as raw, _opened(path, raw) as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _parsed(line)
                if number % SOME == 0:
                    step(raw.tell())
        except (OSError, EOFError):  # a compressed file that is cut off or damaged
            yield 0, None


def _cells_in(path: Path, step: Step) -> Iterator[tuple[int, object]]:
    """Rows of a table, whatever stands between its cells and in whichever of the usual codes it is written."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open("rb") as raw, io.TextIOWrapper(raw, _encoding(path), errors="replace", newline="") as table:
        first = table.readline().lstrip("\ufeff")
        table.seek(0)
        reader = csv.reader(_without_mark(table), delimiter=max(",;\t|", key=first.count))
        names: list[str] | None = None
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                yield reader.line_num, None
                continue
            if row is None:
                return
            if names is None:
                names = row
            elif any(row):
                yield reader.line_num, dict(zip(names, row, strict=False))
                step(raw.tell())


def _without_mark(table: IO[str]) -> Iterator[str]:
    for number, line in enumerate(table):
        yield line.lstrip("\ufeff") if number == 0 else line


def _encoding(path: Path) -> str:
    """As its mark says; else UTF-8 if it can be, else what spreadsheets of the West write."""
    with path.open("rb") as file:
        start = file.read(1024 * 1024)
    for mark, name in _MARK.items():
        if start.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def document_in(path: Path) -> object:
    """The one JSON document of a file. Raises ``InvalidInput``."""
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput("the file is too large", field=path.name, limit=f"{MOST_BYTES} bytes", fix="split it")
    try:
        with path.open("rb") as raw, _opened(path, raw) as file:
            whole = io.BytesIO()
            shutil.copyfileobj(file, whole)
        return orjson.loads(whole.getvalue().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"the file is no JSON ({where})", field=path.name) from None
    except (OSError, EOFError):
        raise InvalidInput("the file cannot be unpacked", field=path.name) from None


def _parsed(line: bytes) -> object:
    try:
        return orjson.loads(line.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        return None
