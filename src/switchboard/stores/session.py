"""One transaction as the repositories see it: run a statement, seal a value, turn a page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, TextClause, text
from sqlalchemy.sql import bindparam

from switchboard.errors import InvalidInput
from switchboard.ports.clock import Clock
from switchboard.ports.records import Page
from switchboard.stores.sealing import Sealer
from switchboard.trust.blind_index import BlindIndex

MOST_ROWS = 100


def sql(statement: str, *lists: str) -> TextClause:
    """A prepared statement; ``lists`` names the parameters that stand for several values (``IN :ids``)."""
    clause = text(statement)
    return clause.bindparams(*(bindparam(name, expanding=True) for name in lists)) if lists else clause


def insert(table: str, columns: Sequence[str], *, or_ignore: Sequence[str] = (), returning: str = "") -> TextClause:
    """With ``or_ignore`` (the key's columns) a row that exists already is left alone and the row count is 0."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
    if or_ignore:
        statement += f" ON CONFLICT ({', '.join(or_ignore)}) DO NOTHING"
    return text(statement + (f" RETURNING {returning}" if returning else ""))


def upsert(table: str, key: Sequence[str], columns: Sequence[str]) -> TextClause:
    """Inserts the row (``key`` + ``columns``) or replaces ``columns`` of the one with this key."""
    names = (*key, *columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return text(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )


@dataclass(frozen=True, slots=True)
class Session:
    connection: Connection
    sealer: Sealer
    index: BlindIndex
    clock: Clock
    postgres: bool

    def one(self, statement: TextClause, **parameters: object) -> Row[Any] | None:
        return self.connection.execute(statement, parameters).first()

    def all(self, statement: TextClause, **parameters: object) -> Sequence[Row[Any]]:
        return self.connection.execute(statement, parameters).fetchall()

    def number(self, statement: TextClause, **parameters: object) -> int:
        """The first column of the first row; 0 where there is none."""
        return int(self.connection.execute(statement, parameters).scalar() or 0)

    def run(self, statement: TextClause, **parameters: object) -> int:
        """How many rows it changed."""
        return self.connection.execute(statement, parameters).rowcount

    def put(self, statement: TextClause, row: Mapping[str, object]) -> int:
        return self.connection.execute(statement, row).rowcount

    def many(self, statement: TextClause, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self.connection.execute(statement, rows)

    def lock(self, name: str) -> None:
        """Until the end of the transaction, rivals wait here. SQLite has one writer anyway."""
        if self.postgres:
            self.connection.execute(_ADVISORY, {"name": name})


_ADVISORY = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


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
