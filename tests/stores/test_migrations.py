"""The tables that migrations make are the tables that the code expects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text

from switchboard.errors import InvalidInput
from switchboard.stores import migrate, migrating
from switchboard.stores.migrating import upgrade
from switchboard.stores.schema import metadata
from switchboard.stores.sqlite import sqlite_engine
from tests.stores.opening import new_database


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


class TestMigrations:
    def test_agree_with_the_code_on_sqlite(self, tmp_path: Path) -> None:
        migrate(f"sqlite:///{tmp_path}/new.db")
        migrated, direct = sqlite_engine(tmp_path / "new.db"), create_engine("sqlite://")
        metadata.create_all(direct)
        assert differences(migrated) == []
        assert declared(migrated) == declared(direct)

    def test_agree_with_the_code_on_postgresql(self) -> None:
        engine = create_engine(new_database().replace("postgresql://", "postgresql+psycopg://"))
        try:
            assert differences(engine) == []
        finally:
            engine.dispose()

    def test_run_again_change_nothing(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/new.db"
        migrate(url)
        before = declared(sqlite_engine(tmp_path / "new.db"))
        migrate(url)
        assert declared(sqlite_engine(tmp_path / "new.db")) == before

    def test_cut_off_in_the_middle_leave_nothing_behind(self, tmp_path: Path) -> None:
        engine = sqlite_engine(tmp_path / "new.db")
        connection = engine.connect()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection)
        connection.close()  # what a killed process does: no commit
        assert declared(engine) == {}
        migrate(f"sqlite:///{tmp_path}/new.db")
        assert "messages" in declared(engine)

    def test_refuse_databases_they_do_not_know(self) -> None:
        with pytest.raises(InvalidInput):
            migrate("mysql://somewhere/else")


def declared(engine: Engine) -> dict[str, list[str]]:
    """Every table with its columns, constraints and options, in a spelling that does not depend on order or line breaks."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    tables = {row.name: row.sql for row in rows if not row.name.startswith(("alembic", "sqlite"))}
    return {
        name: sorted(said for part in re.split(r",\s|\n", sql.replace("\t", "")) if (said := part.strip(" ,)")))
        for name, sql in tables.items()
    }


class TestTheNewestRevision:
    def test_is_known_without_loading_the_migration_tool(self) -> None:
        folder = migrating.MIGRATIONS
        script = ScriptDirectory(str(folder))

        assert migrating.newest_revision() == script.get_current_head()
