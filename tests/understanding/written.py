"""The messages that were written in ten languages: those that the rules were tuned on, and those that only measure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from switchboard.training.label_files import WRITTEN, read_labelled

Row = Mapping[str, object]


@cache
def written(part: str) -> tuple[Row, ...]:
    """``tune`` or ``measure``."""
    return tuple(read_labelled(WRITTEN / f"{part}.jsonl", "language"))


def text_of(row: Row) -> str:
    return str(row["text"])
