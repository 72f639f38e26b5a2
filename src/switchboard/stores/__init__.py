"""Where everything is kept: one SQL for SQLite (a file or memory) and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from switchboard.errors import InvalidInput
from switchboard.ports.clock import Clock
from switchboard.stores.rotating import rotate_master_key
from switchboard.stores.sqlite import SqliteStore, migrate_sqlite, open_sqlite
from switchboard.trust.master_key import MasterKey

if TYPE_CHECKING:
    from switchboard.stores.postgres import PostgresStore

__all__ = ["SqliteStore", "migrate", "open_postgres", "open_sqlite", "rotate_master_key"]


def open_postgres(dsn: str, master_key: MasterKey | bytes, clock: Clock) -> PostgresStore:
    """As ``stores.postgres.open_postgres``; needs the extra ``postgres``."""
    from switchboard.stores import postgres  # the driver is installed only with the extra

    return postgres.open_postgres(dsn, master_key, clock)


def migrate(url: str) -> None:
    """Brings the tables of ``sqlite:///file`` or ``postgresql://…`` up to date. Safe to run again."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database:
        migrate_sqlite(Path(parsed.database))
    elif backend == "postgresql":
        from switchboard.stores import postgres  # the driver is installed only with the extra

        postgres.migrate_url(url)
    else:
        raise InvalidInput("unknown database", field="url", limit="sqlite or postgresql", fix="sqlite:///file.db")
