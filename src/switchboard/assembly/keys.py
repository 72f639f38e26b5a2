"""Where the data lie and what opens them: the master key and the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Union

from switchboard.errors import InvalidInput
from switchboard.ports.clock import Clock
from switchboard.settings import Settings
from switchboard.stores import open_postgres, open_sqlite
from switchboard.stores.sqlite import SqliteStore
from switchboard.trust.master_key import MasterKey

if TYPE_CHECKING:
    from switchboard.stores.postgres import PostgresStore


def master_key_of(settings: Settings) -> MasterKey:
    """From the setting, or the file beside (never inside) the data directory; made on first use, readable by us alone."""
    given = settings.master_key.get_secret_value()
    if given:
        return MasterKey.parse(given)
    path = settings.master_key_file or settings.data_dir.with_name(settings.data_dir.name + ".key")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key(path, MasterKey.generate())
    elif path.stat().st_mode & 0o077 and settings.server.production:
        raise InvalidInput("others can read the master key", field="master_key_file", fix=f"chmod 600 {path.name}")
    return MasterKey.parse(path.read_text())


AnyStore = Union[SqliteStore, "PostgresStore"]


def write_key(path: Path, key: MasterKey) -> None:
    """A new file that only we may read, on disk when this returns. Never overwrites a key."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.text() + "\n")
        file.flush()
        os.fsync(file.fileno())


def open_store(settings: Settings, clock: Clock) -> AnyStore:
    """SQLite in the data directory, or the PostgreSQL that ``database_url`` names."""
    master = master_key_of(settings)
    if settings.database_url:
        return open_postgres(settings.database_url, master, clock)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return open_sqlite(settings.data_dir / "switchboard.db", master, clock)
