"""Our own export, read back: first checked against its manifest, then record by record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from switchboard.errors import InvalidInput

MANIFEST = "manifest.json"
FORMAT, VERSION = "switchboard-export", 1
_PIECE = 1024 * 1024


def is_own(path: Path) -> bool:
    """Whether a folder holds an export of Switchboard."""
    try:
        return _manifest(path).get("format") == FORMAT
    except InvalidInput:
        return False


class OwnExport:
    """A folder that ``switchboard export`` wrote. Raises ``InvalidInput`` if one byte of it is not as its manifest says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        manifest = _manifest(folder)
        if manifest.get("format") != FORMAT:
            raise InvalidInput(
                "this folder is no export of Switchboard", field="path", fix="name the folder with manifest.json"
            )
        if manifest.get("version") != VERSION:
            raise InvalidInput("the export is of another version", field="version", limit=str(VERSION))
        files = manifest.get("files")
        self._files: Mapping[str, object] = files if isinstance(files, dict) else {}
        self._check()

    @property
    def files(self) -> int:
        return len(self._files)

    def records(self, kind: str) -> Iterator[tuple[str, Mapping[str, object]]]:
        """(place, record) of one list; a line that is no record comes empty."""
        name = f"{kind}.jsonl"
        if name not in self._files:
            return
        with (self._folder / name).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                yield f"{name}:{number}", _record(line)

    def count(self, kind: str) -> int:
        told = self._files.get(f"{kind}.jsonl")
        lines = told.get("lines") if isinstance(told, dict) else 0
        return lines if isinstance(lines, int) else 0

    def file(self, name: str) -> bytes | None:
        """The bytes of an attachment; None if the manifest does not name it."""
        return (self._folder / name).read_bytes() if name in self._files else None

    def _check(self) -> None:
        root = self._folder.resolve()
        for name, told in self._files.items():
            path = (self._folder / name).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                raise InvalidInput("a file of the export is missing", field=name[:200], fix="export again")
            if not isinstance(told, dict) or _sha256(path) != told.get("sha256"):
                raise InvalidInput(
                    "this file is not as the manifest says: it was changed or damaged after the export",
                    field=name[:200],
                    fix="take the export as it was made",
                )


def _manifest(folder: Path) -> Mapping[str, object]:
    path = folder / MANIFEST
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise InvalidInput("there is no manifest that can be read", field=MANIFEST) from None
    return found if isinstance(found, dict) else {}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _record(line: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
