"""Records as lines of JSON, and the manifest that lets anybody check that nothing was lost on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

import orjson

MANIFEST = "manifest.json"
FORMAT, VERSION = "switchboard-export", 1


class Digest(Protocol):
    """A running SHA-256."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class Tally:
    """What went into one file so far. ``lines`` is None for a file that is no list."""

    lines: int | None = 0
    size: int = 0
    digest: Digest = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)

    def told(self) -> dict[str, object]:
        counted = {} if self.lines is None else {"lines": self.lines}
        return {**counted, "bytes": self.size, "sha256": self.digest.hexdigest()}


def line_of(record: Mapping[str, object]) -> bytes:
    return orjson.dumps(record, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)


def manifest_of(tallies: Mapping[str, Tally], about: Mapping[str, object]) -> bytes:
    """``about``: when, for whom and by whom it was made."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        **about,
        "files": {name: tally.told() for name, tally in sorted(tallies.items())},
    }
    return orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2)


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):  # as written: a JSON number would lose its last digits
        return str(value)
    if isinstance(value, str):  # a lone half of a sign, which JSON in UTF-8 cannot carry
        return value.encode("utf-8", "replace").decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
