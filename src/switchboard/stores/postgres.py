"""The store in PostgreSQL: many writers, settled by unique constraints, row locks and versions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from switchboard.errors import Conflict, InvalidInput, SwitchboardError, Unavailable
from switchboard.ports.clock import Clock
from switchboard.ports.store import Work
from switchboard.stores.core import MOST_RUNS, Core, open_core
from switchboard.stores.database import Database, DriverConnection
from switchboard.stores.migrating import upgrade
from switchboard.trust.master_key import MasterKey

T = TypeVar("T")
Story = Callable[[Work], T]

THREADS = 8
_OPTIONS = "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=60s -c timezone=UTC"
_LOST_RACES = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.IntegrityError)


def postgres_engine(dsn: str, threads: int = THREADS) -> Engine:
    return create_engine(
        make_url(dsn).set(drivername="postgresql+psycopg"),
        pool_size=threads,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"options": _OPTIONS, "connect_timeout": 10},
        hide_parameters=True,
    )


class PostgresStore:
    """Fulfils ``ports.store.Store``. Made by ``open_postgres``."""

    def __init__(self, engine: Engine, core: Core, threads: int = THREADS) -> None:
        self._engine = engine
        self.core = core
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")

    async def write(self, story: Story[T], *, later: bool = False) -> T:
        """Raises ``Unavailable`` when the database is down, full or locked; ``Conflict`` after 5 lost races."""
        return await self._in_thread(self._write, story)

    async def read(self, story: Story[T]) -> T:
        return await self._in_thread(self._read, story)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    async def _in_thread(self, run: Callable[[Story[T]], T], story: Story[T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run, story)
        except RuntimeError as error:
            if "shutdown" in str(error):
                raise Unavailable("the store is closed") from error
            raise

    def _write(self, story: Story[T]) -> T:
        for run in range(1, MOST_RUNS + 1):
            try:
                return self._once(story)
            except (Conflict, *_LOST_RACES) as error:
                if run == MOST_RUNS:
                    raise postgres_error(error) from error
                time.sleep(random.uniform(0, 0.01 * run))  # so that rivals don't meet again at once
            except Exception as error:
                raise postgres_error(error) from error
        raise AssertionError("unreachable")

    def _once(self, story: Story[T]) -> T:
        connection = self._engine.raw_connection()
        try:
            work, sealer = self.core.work(cast(DriverConnection, connection.dbapi_connection))
            value = story(work)
            work.flush()
            connection.commit()
            sealer.publish()
        except BaseException as error:
            self._give_up(connection, error)
            raise
        finally:
            connection.close()
        return value

    def _read(self, story: Story[T]) -> T:
        try:
            connection = self._engine.raw_connection()
            try:
                driver = cast(DriverConnection, connection.dbapi_connection)
                driver.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                work, _ = self.core.work(driver)
                return story(work)
            finally:
                connection.close()  # the pool rolls back
        except Exception as error:
            raise postgres_error(error) from error

    def _give_up(self, connection: object, error: BaseException) -> None:
        # Keys seen inside the lost transaction may never have been stored: none may seal anything any more.
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            self.core.keyring.clear()


def postgres_error(error: BaseException) -> BaseException:
    """A complaint of the driver as one of our errors; anything else comes back as it is."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(original, SwitchboardError):
        return original
    if isinstance(original, _LOST_RACES):
        return Conflict("a rival stored it first, or it refers to something that is gone")
    if isinstance(original, psycopg.DataError):
        return InvalidInput("a value cannot be stored", fix="remove NUL characters and numbers out of range")
    if isinstance(original, psycopg.Error | DBAPIError) or type(original).__module__.startswith("sqlalchemy."):
        return Unavailable("the database cannot be written or read just now")
    return original


def open_postgres(dsn: str, master_key: MasterKey | bytes, clock: Clock, *, threads: int = THREADS) -> PostgresStore:
    """Connects and brings the tables up to date. ``dsn`` is ``postgresql://user:password@host/database``.

    Raises ``Tampered`` when the master key is not the one it was written with, ``Unavailable`` when it cannot be reached.
    """
    master = master_key if isinstance(master_key, MasterKey) else MasterKey(master_key)
    engine = postgres_engine(dsn, threads)
    try:
        migrate_postgres(engine)
        with engine.begin() as connection:
            driver = cast(DriverConnection, connection.connection.dbapi_connection)
            core = open_core(Database(driver, postgres=True), master, clock)
    except Exception as error:
        engine.dispose()
        raise postgres_error(error) from error
    return PostgresStore(engine, core, threads)


def migrate_postgres(engine: Engine) -> None:
    """Several replicas may start at once: the first migrates, the others wait for it."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('migrate', 0))"))
        upgrade(connection)


def migrate_url(dsn: str) -> None:
    engine = postgres_engine(dsn, 1)
    try:
        migrate_postgres(engine)
    except Exception as error:
        raise postgres_error(error) from error
    finally:
        engine.dispose()
