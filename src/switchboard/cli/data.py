"""Care of the data: migrate, check, erase, rotate keys."""

from __future__ import annotations

import asyncio
import os

from cyclopts import App
from rich.console import Console
from rich.table import Table

from switchboard.assembly.keys import open_store, write_key
from switchboard.cli.shared import DataDir, opened, settings_for
from switchboard.cli.unknown_settings import unknown_variables
from switchboard.domain.ids import CustomerId
from switchboard.engines.clock import SystemClock
from switchboard.flows.customers import erase_customer
from switchboard.flows.retention import apply_retention
from switchboard.settings import Settings
from switchboard.stores import migrate as migrate_url
from switchboard.stores.rotating import rotate_master_key
from switchboard.trust.master_key import MasterKey

retention = App(name="retention", help="What is kept for how long.")
console = Console()


def migrate(*, data_dir: DataDir = None) -> None:
    """Bring the database's tables up to date (``up`` does it by itself)."""
    settings = settings_for(data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_url(database_url(settings))
    console.print("The database is up to date.")


def database_url(settings: Settings) -> str:
    return settings.database_url or f"sqlite:///{settings.data_dir / 'switchboard.db'}"


def doctor(*, data_dir: DataDir = None) -> None:
    """Check that everything is in place; says what is not and how to mend it."""
    found = asyncio.run(_examine(data_dir))
    table = Table("what", "", "found")
    for what, well, detail in found:
        table.add_row(what, MARKS[well], detail)
    console.print(table)
    if any(well is False for _, well, _ in found):
        raise SystemExit(1)


MARKS = {True: "[green]ok[/]", False: "[red]no[/]", None: "[yellow]warning[/]"}


async def _examine(data_dir: DataDir) -> list[tuple[str, bool | None, str]]:
    async with opened(data_dir) as system:
        app = system.app
        broken = await app.store.read(lambda work: work.audit.verify())
        dead = await app.store.read(lambda work: work.jobs.count_dead())
        (vector,) = await app.embedder.embed(["Where is my order?"])
        users = await app.store.read(lambda work: work.access.users())
        channels = ", ".join(sorted(channel.value for channel in app.channels))
        return [
            *(("settings", None, told) for told in unknown_variables(os.environ)),
            ("store", True, database_url(system.settings).rpartition("@")[2]),
            ("audit trail", broken is None, "whole" if broken is None else f"does not fit from entry {broken} on"),
            ("model", len(vector) > 0, f"reads and embeds ({len(vector)} numbers a text)"),
            ("channels", True, channels),
            ("dead letters", dead == 0, f"{dead} wait: switchboard dlq list" if dead else "none"),
            ("people", bool(users), f"{len(users)} accounts" if users else "nobody can sign in: use the setup address"),
        ]


def erase(customer_id: str, *, data_dir: DataDir = None) -> None:
    """Erase a customer's personal data, at once and for good."""

    async def act() -> None:
        async with opened(data_dir) as system:
            removed = await erase_customer(system.app, CustomerId(customer_id), "command line")
            for table, count in sorted(removed.items()):
                console.print(f"{table}: {count} removed")
            console.print("Erased. The key to this customer's data is gone.")

    asyncio.run(act())


@retention.command
def run(*, dry_run: bool = False, data_dir: DataDir = None) -> None:
    """Delete or anonymise what is older than the setting "retention" says (``up`` does it every hour by itself)."""

    async def act() -> None:
        async with opened(data_dir) as system:
            done = await apply_retention(system.app, actor="command line", dry_run=dry_run)
            if done.days is None:
                console.print("No retention period is set: everything is kept.")
                return
            what = "would be" if dry_run else "were"
            past = {"delete": "deleted", "anonymise": "anonymised"}[done.action]
            console.print(f"{done.count} conversations older than {done.days} days {what} {past}.")

    asyncio.run(act())


def rotate_keys(*, data_dir: DataDir = None) -> None:
    """Make a new master key and wrap every data key with it anew; the old key file is kept with the ending .old. A key
    that comes from the setting is not ours to replace: the new one then waits in a file with the ending .new."""
    settings = settings_for(data_dir)
    path = settings.master_key_file or settings.data_dir.with_name(settings.data_dir.name + ".key")
    fresh = path.with_name(path.name + ".new")
    if fresh.exists():  # an interrupted run: some data keys are wrapped with it already, so it must not be lost
        new = MasterKey.parse(fresh.read_text())
    else:
        new = MasterKey.generate()
        write_key(fresh, new)
    count = asyncio.run(_rotate(settings, new))
    console.print(f"{count} data keys are wrapped with the new master key.")
    if settings.master_key.get_secret_value():
        console.print(f"Put the key of {fresh.name} into the setting master_key before the next start.")
        return
    path.replace(path.with_name(path.name + ".old"))
    fresh.replace(path)


async def _rotate(settings: Settings, new: MasterKey) -> int:
    store = open_store(settings, SystemClock())
    try:
        return await rotate_master_key(store, store.core, new)
    finally:
        await store.close()
