"""Runs statements on either database: one SQL text with named parameters, prepared once, no object mapper in between.

SQLAlchemy makes the connections and knows the tables; the statements of a story go straight to the driver, because
building a result object around each of them cost five times more than the statement itself.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Any
"""A row as the driver gives it, with the columns as attributes; repositories turn it into our values at once."""

_PARAMETER = re.compile(r"(?<!:):([a-z_][a-z_0-9]*)")


class Cursor(Protocol):
    """What we need of a driver's cursor."""

    @property
    def rowcount(self) -> int: ...
    @property
    def description(self) -> Any: ...
    def execute(self, statement: Any, parameters: Any = ..., /) -> object: ...
    def executemany(self, statement: Any, parameters: Any, /) -> object: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> None: ...


class DriverConnection(Protocol):
    def cursor(self) -> Cursor: ...


@dataclass(frozen=True, slots=True)
class Statement:
    """The same question in both dialects' way to write parameters."""

    text: str
    postgres: str
    lists: tuple[str, ...] = ()


def sql(text: str, *lists: str) -> Statement:
    """``lists`` names the parameters that stand for several values (``IN :ids``)."""
    return Statement(text, _PARAMETER.sub(r"%(\1)s", text), lists)


def insert(table: str, columns: Sequence[str], *, or_ignore: Sequence[str] = (), returning: str = "") -> Statement:
    """With ``or_ignore`` (the key's columns) a row that exists already is left alone and the row count is 0."""
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
    if or_ignore:
        text += f" ON CONFLICT ({', '.join(or_ignore)}) DO NOTHING"
    return sql(text + (f" RETURNING {returning}" if returning else ""))


def upsert(table: str, key: Sequence[str], columns: Sequence[str]) -> Statement:
    """Inserts the row (``key`` + ``columns``) or replaces ``columns`` of the one with this key."""
    names = (*key, *columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return sql(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )


@dataclass(frozen=True, slots=True)
class Database:
    """One connection inside one transaction."""

    driver: DriverConnection
    postgres: bool

    def one(self, statement: Statement, **parameters: object) -> Row | None:
        rows = self.all(statement, **parameters)
        return rows[0] if rows else None

    def all(self, statement: Statement, **parameters: object) -> list[Row]:
        cursor = self._execute(statement, parameters)
        rows = cursor.fetchall()
        if not rows:
            return rows
        shape = _shape(tuple(column[0] for column in cursor.description))
        return list(map(shape._make, rows))

    def number(self, statement: Statement, **parameters: object) -> int:
        """The first column of the first row; 0 where there is none."""
        rows = self._execute(statement, parameters).fetchall()
        return int(rows[0][0] or 0) if rows else 0

    def run(self, statement: Statement, **parameters: object) -> int:
        """How many rows it changed."""
        return self._execute(statement, parameters).rowcount

    def put(self, statement: Statement, row: Mapping[str, object]) -> int:
        return self._execute(statement, row).rowcount

    def many(self, statement: Statement, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self.driver.cursor().executemany(statement.postgres if self.postgres else statement.text, rows)

    def lock(self, name: str) -> None:
        """Until the end of the transaction, rivals wait here. SQLite has one writer anyway."""
        if self.postgres:
            self._execute(_ADVISORY, {"name": name})

    def _execute(self, statement: Statement, parameters: Mapping[str, object]) -> Cursor:
        text = statement.postgres if self.postgres else statement.text
        if statement.lists:
            text, parameters = self._spread(text, statement.lists, parameters)
        cursor = self.driver.cursor()
        cursor.execute(text, parameters)
        return cursor

    def _spread(
        self, text: str, lists: tuple[str, ...], parameters: Mapping[str, object]
    ) -> tuple[str, Mapping[str, object]]:
        """Writes a list out as single parameters; filled up to a power of two, so that few texts need preparing."""
        spread = dict(parameters)
        for name in lists:
            values = spread.pop(name)
            assert isinstance(values, list)
            assert values, f"{name} is empty"
            padded = values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))
            spread |= {f"{name}_{n}": value for n, value in enumerate(padded)}
            mark = "%({})s" if self.postgres else ":{}"
            text = text.replace(
                mark.format(name), f"({', '.join(mark.format(f'{name}_{n}') for n in range(len(padded)))})"
            )
        return text, spread


_ADVISORY = sql("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@cache
def _shape(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)
