"""The store in one SQLite file: a single writer that flushes before it answers, and readers beside it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as sqlite_dialect
from sqlalchemy.pool import NullPool, StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from switchboard.errors import Conflict, Unavailable
from switchboard.ports.clock import Clock
from switchboard.ports.store import Work
from switchboard.stores.core import MOST_RUNS, Core, open_core, translated
from switchboard.stores.database import Database
from switchboard.stores.migrating import upgrade
from switchboard.stores.schema import metadata
from switchboard.stores.sealing import Sealer
from switchboard.trust.master_key import MasterKey

T = TypeVar("T")
Story = Callable[[Work], T]

READERS = 4
BATCH = 64
"""Stories that share one flush to the disk when many wait: a flush costs more than most stories."""
PATIENCE_S = 0.006
"""How long a flush lets in stories that can wait, unless somebody who cannot comes; at least one of them goes with it."""
MOST_WAITING = 20_000
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",
)


@dataclass(slots=True)
class _Task:
    story: Story[Any]
    future: Future[Any]
    reads: bool = False


@dataclass(slots=True)
class _Outcome:
    task: _Task
    sealer: Sealer | None = None
    value: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.error is not None:
            self.task.future.set_exception(self.error)
        else:
            self.task.future.set_result(self.value)


class _TransactionLost(Exception):
    """The database itself gave up the whole transaction (a full disk does that)."""


def sqlite_engine(path: Path | None) -> Engine:
    """An engine whose connections never begin or end a transaction by themselves."""
    engine = create_engine(
        "sqlite://" if path is None else f"sqlite:///{path}",
        poolclass=StaticPool if path is None else NullPool,
        connect_args={"check_same_thread": False, "timeout": 10.0, "cached_statements": 512},
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


class SqliteStore:
    """Fulfils ``ports.store.Store``. Made by ``open_sqlite``."""

    def __init__(self, engine: Engine, core: Core, connection: Connection, *, in_memory: bool) -> None:
        self._engine = engine
        self.core = core
        self._writer = connection
        self._in_memory = in_memory
        self._soon: deque[_Task] = deque()
        self._later: deque[_Task] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()  # rung once for each story, and once for the end
        self._closed = False
        self._local = threading.local()
        self._open_readers: list[Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, story: Story[T], *, later: bool = False) -> T:
        """Raises ``Unavailable`` when the database is down, full or locked; ``Conflict`` after 5 lost races."""
        return await self._submit(story, reads=False, later=later)

    async def read(self, story: Story[T]) -> T:
        if self._in_memory:
            return await self._submit(story, reads=True)
        if self._closed:
            raise Unavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, story)

    async def close(self) -> None:
        """Finishes what was handed in, then lets go of the file."""
        if self._closed:
            return
        self._closed = True
        self._bell.put(None)
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._thread.join()
        self._readers.shutdown(wait=True)
        for connection in self._open_readers:
            connection.close()
        self._writer.close()
        self._engine.dispose()

    async def _submit(self, story: Story[T], *, reads: bool, later: bool = False) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        if len(self._soon) + len(self._later) > MOST_WAITING:
            raise Unavailable("too much waits to be stored")
        future: Future[T] = Future()
        (self._later if later else self._soon).append(_Task(story, future, reads))
        self._bell.put(None)
        return await asyncio.wrap_future(future)

    # --- the writer's thread

    def _serve(self) -> None:
        while True:
            self._bell.get()
            batch = self._gather()
            if batch:
                self._commit(batch)
            elif self._closed:
                return

    def _gather(self) -> list[_Task]:
        """Those that cannot wait, and one of those that can: they always get on."""
        batch = [self._soon.popleft() for _ in range(min(len(self._soon), BATCH))]
        if self._later:
            batch.append(self._later.popleft())
        return batch

    def _patient(self) -> Iterator[_Task]:
        """More of those that can wait, until it has taken a moment or somebody is at the door."""
        until = time.monotonic() + PATIENCE_S
        while self._later and not self._soon and time.monotonic() < until:
            task = self._later.popleft()
            if task.future.set_running_or_notify_cancel():
                yield task

    def _commit(self, batch: list[_Task]) -> None:
        """All stories in one transaction, each on its own savepoint; told of success only after the flush."""
        running = [task for task in batch if task.future.set_running_or_notify_cancel()]
        outcomes: list[_Outcome] = []
        try:
            self._execute("BEGIN IMMEDIATE")
            outcomes.extend(self._attempt(task) for task in running)
            for task in self._patient():
                running.append(task)
                outcomes.append(self._attempt(task))
            self._execute("COMMIT")
        except BaseException as error:
            self._abandon()
            reason = translated(error.__cause__ if isinstance(error, _TransactionLost) and error.__cause__ else error)
            outcomes = [_Outcome(task, error=reason) for task in running]
        else:
            for outcome in outcomes:
                if outcome.sealer is not None:
                    outcome.sealer.publish()
        for outcome in outcomes:
            outcome.tell()

    def _attempt(self, task: _Task) -> _Outcome:
        lost: BaseException | None = None
        for _ in range(MOST_RUNS):
            work, sealer = self.core.work(self._raw)
            self._execute("SAVEPOINT story")
            try:
                value = self._reading(task.story, work) if task.reads else task.story(work)
                work.flush()
            except (Conflict, sqlite3.IntegrityError) as error:
                self._undo(error)
                lost = error
            except BaseException as error:
                self._undo(error)
                return _Outcome(task, error=translated(error))
            else:
                self._execute("RELEASE story")
                return _Outcome(task, sealer, value)
        return _Outcome(task, error=translated(lost) if lost else None)

    def _reading(self, story: Story[T], work: Work) -> T:
        self._execute("PRAGMA query_only = ON")
        try:
            return story(work)
        finally:
            self._execute("PRAGMA query_only = OFF")

    def _undo(self, error: BaseException) -> None:
        if not self._raw.in_transaction:
            raise _TransactionLost from error
        self._execute("ROLLBACK TO story")
        self._execute("RELEASE story")

    def _abandon(self) -> None:
        # Keys seen inside the lost transaction may never have been stored: none may seal anything any more.
        self.core.keyring.clear()
        if self._raw.in_transaction:
            try:
                self._execute("ROLLBACK")
            except sqlite3.Error:
                self._raw.rollback()

    @property
    def _raw(self) -> sqlite3.Connection:
        return _driver(self._writer)

    def _execute(self, statement: str) -> None:
        self._raw.execute(statement)

    # --- the readers' threads

    def _read(self, story: Story[T]) -> T:
        try:
            connection = _driver(self._reader())
            connection.execute("BEGIN")
            try:
                work, _ = self.core.work(connection)
                return story(work)
            finally:
                connection.execute("ROLLBACK")
        except Exception as error:
            raise translated(error) from error

    def _reader(self) -> Connection:
        known: Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = self._engine.connect()
            known.exec_driver_sql("PRAGMA query_only = ON")
            self._local.connection = known
            self._open_readers.append(known)
        return known


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def open_sqlite(path: Path | None, master_key: MasterKey | bytes, clock: Clock) -> SqliteStore:
    """Opens (or creates) the file and brings its tables up to date; ``None`` = in memory, gone when closed.

    Raises ``Tampered`` when the master key is not the one it was written with, ``Unavailable`` when it cannot be opened.
    """
    master = master_key if isinstance(master_key, MasterKey) else MasterKey(master_key)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(path)
    try:
        connection = engine.connect()
        try:
            _make_tables(connection, in_memory=path is None)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            core = open_core(Database(_driver(connection), postgres=False), master, clock)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.close()  # with the transaction that may still be open, or nobody else could write
            raise
    except Exception as error:
        engine.dispose()
        raise translated(error) from error
    return SqliteStore(engine, core, connection, in_memory=path is None)


def migrate_sqlite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(path)
    try:
        with engine.connect() as connection:
            _make_tables(connection, in_memory=False)
    except Exception as error:
        raise translated(error) from error
    finally:
        engine.dispose()


def _make_tables(connection: Connection, *, in_memory: bool) -> None:
    if in_memory:
        _driver(connection).executescript(_tables())  # nothing older to bring along, and much faster
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    upgrade(connection)
    connection.exec_driver_sql("COMMIT")


@cache
def _tables() -> str:
    """What makes all tables and indexes, compiled once: tests open thousands of stores."""
    dialect = sqlite_dialect()
    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made.extend(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    return ";\n".join(made)
