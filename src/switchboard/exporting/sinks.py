"""Where an export goes: a folder that appears only when it is whole, or one archive to download."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

from switchboard.errors import InvalidInput
from switchboard.exporting.lines import MANIFEST, Tally, line_of, manifest_of


class FolderSink:
    """Fulfils ``flows.export.Sink``. Everything is written beside ``path`` and renamed at the end: whoever finds the
    folder finds all of it. What an interrupted run left is thrown away by the next."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise InvalidInput("this path exists already", field="out", fix="name another folder")
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._tallies: dict[str, Tally] = {}
        self._files: dict[str, IO[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> FolderSink:
        if self._partial.exists():
            shutil.rmtree(self._partial)
        self._partial.mkdir(parents=True, mode=0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is not None:
            shutil.rmtree(self._partial, ignore_errors=True)

    def line(self, kind: str, record: Mapping[str, object]) -> None:
        name = f"{kind}.jsonl"
        if name not in self._files:
            self._files[name] = self._open.enter_context((self._partial / name).open("wb"))
        tally, data = self._tallies.setdefault(name, Tally()), line_of(record)
        tally.lines = (tally.lines or 0) + 1
        tally.add(data)
        self._files[name].write(data)

    def file(self, name: str, data: bytes) -> None:
        path = self._partial / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_bytes(data)
        self._tallies[name] = _tally_of(data)

    def finish(self, about: Mapping[str, object]) -> None:
        """The manifest last, all of it on disk, then the name that people look for."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        self._open.close()
        (self._partial / MANIFEST).write_bytes(manifest_of(self._tallies, about))
        self._partial.replace(self._path)


class ArchiveSink:
    """Fulfils ``flows.export.Sink``: a ZIP. ``target`` is written from its beginning."""

    def __init__(self, target: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._lines: dict[str, list[bytes]] = {}
        self._tallies: dict[str, Tally] = {}

    def __enter__(self) -> ArchiveSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def line(self, kind: str, record: Mapping[str, object]) -> None:
        self._lines.setdefault(f"{kind}.jsonl", []).append(line_of(record))

    def file(self, name: str, data: bytes) -> None:
        self._archive.writestr(name, data)
        self._tallies[name] = _tally_of(data)

    def finish(self, about: Mapping[str, object]) -> None:
        for name, lines in self._lines.items():
            data = b"".join(lines)
            self._archive.writestr(name, data)
            self._tallies[name] = _tally_of(data)
            self._tallies[name].lines = len(lines)
        self._archive.writestr(MANIFEST, manifest_of(self._tallies, about))
        self._archive.close()


def _tally_of(data: bytes) -> Tally:
    return Tally(lines=None, size=len(data), digest=hashlib.sha256(data))
