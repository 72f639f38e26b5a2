"""Brings a database's tables up to date, all steps in one transaction: a crash leaves the old state or the new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """The caller has begun a transaction and commits it."""
    if _revision(connection) == newest_revision():
        return  # the usual start: loading the migration tool would take longer than all the rest of opening
    from alembic import command

    command.upgrade(_config(connection), "head")


def newest_revision() -> str:
    """Files are named ``<revision>_<what>.py`` and revisions count up."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(connection: Connection) -> str | None:
    """What the database says about itself; None when it is new."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # Alembic expands percent signs in its options.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
