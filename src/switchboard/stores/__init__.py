"""Where everything is kept: one SQL for SQLite (a file or memory) and PostgreSQL."""

from switchboard.stores.sqlite import open_sqlite

__all__ = ["open_sqlite"]
