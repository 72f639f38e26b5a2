"""One transaction as the repositories see it: run a statement, seal a value, turn a page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson

from switchboard.errors import InvalidInput
from switchboard.ports.clock import Clock
from switchboard.ports.records import Page
from switchboard.stores.database import Database
from switchboard.stores.sealing import Sealer
from switchboard.trust.blind_index import BlindIndex

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Session(Database):
    """The transaction together with what seals and finds."""

    sealer: Sealer
    index: BlindIndex
    clock: Clock
    fresh: set[str] = field(default_factory=set)
    """Customers and conversations made in this very transaction: nothing refers to them yet, so nothing is looked up."""


def page_limit(page: Page) -> int:
    if not 1 <= page.limit <= MOST_ROWS:
        raise InvalidInput(
            "the page size is out of range", field="limit", limit=f"1 to {MOST_ROWS}", fix="ask for less"
        )
    return page.limit


def cursor_of(*values: float | str) -> str:
    """Where the next page begins, as an opaque word."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def number_cursor(page: Page) -> int | None:
    values = _values(page.cursor, 1)
    if values is None:
        return None
    if not isinstance(values[0], int):
        raise _bad_cursor()
    return values[0]


def pair_cursor(page: Page) -> tuple[float, str] | None:
    values = _values(page.cursor, 2)
    if values is None:
        return None
    first, second = values
    if isinstance(first, bool) or not isinstance(first, int | float) or not isinstance(second, str):
        raise _bad_cursor()
    return first, second


def _values(cursor: str | None, count: int) -> list[Any] | None:
    if cursor is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list) or len(values) != count:
        raise _bad_cursor()
    return values


def _bad_cursor() -> InvalidInput:
    return InvalidInput("the cursor is not one of ours", field="cursor", fix="start again without a cursor")
