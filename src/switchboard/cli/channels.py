"""Channel accounts: how they are doing, adding one, asking the provider, and comparing a day with it."""

from __future__ import annotations

import asyncio
import getpass
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import App, Parameter
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from switchboard.assembly.credentials import (
    StoredAccount,
    Value,
    checked,
    forget_account,
    section_of,
    store_account,
    stored_accounts,
)
from switchboard.cli.shared import DataDir, opened, settings_for
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput, SwitchboardError
from switchboard.flows.channel_status import ChannelStatus, ask_provider, channel_states, reconcile
from switchboard.ports.channel_check import Finding
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work

channels = App(name="channels", help="Channel accounts: list, add, test, reconcile.")
console = Console()
ACTOR = "command line"
ASKED: Mapping[ChannelType, tuple[str, ...]] = {
    ChannelType.WHATSAPP: ("app_secret", "verify_token", "access_token", "phone_number_id", "business_account_id"),
    ChannelType.FACEBOOK: ("app_secret", "verify_token", "access_token", "app_id"),
    ChannelType.INSTAGRAM: ("app_secret", "verify_token", "access_token", "app_id"),
    ChannelType.TWITTER: ("consumer_key", "consumer_secret", "access_token", "access_secret"),
    ChannelType.VOICE: ("account_sid", "auth_token", "number"),
    ChannelType.EMAIL: (
        "address", "smtp_host", "smtp_user", "smtp_password", "imap_host", "imap_user", "imap_password",
    ),
    ChannelType.WEB_CHAT: ("identity_secret",),
}  # fmt: skip
"""What somebody is asked for who names no option."""
Which = Annotated[ChannelType, Parameter(help="whatsapp, facebook, instagram, twitter, voice, email or web_chat.")]


@channels.command(name="list")
def list_(*, data_dir: DataDir = None) -> None:
    """Every channel: where its account comes from, what it last carried, and whether it needs somebody."""

    async def act() -> None:
        async with opened(data_dir) as system:
            table = Table("channel", "account", "state", "last in", "last out", "what to do")
            for one in await channel_states(system.app):
                table.add_row(*_row(one))
            console.print(table)

    asyncio.run(act())


def _row(one: ChannelStatus) -> tuple[str, ...]:
    colour = {"ok": "green", "needs_attention": "red", "not_configured": "dim"}[one.state.value]
    state = one.state.value.replace("_", " ")
    known = "; ".join((*one.reasons, *one.warnings))
    hint = known or (f"switchboard channels add {one.channel.value}" if not one.source else "")
    return (
        one.channel.value,
        one.source or "-",
        f"[{colour}]{state}[/]",
        _when(one.last_in),
        _when(one.last_out),
        hint,
    )


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at is not None else "never"


@channels.command
def add(
    channel: Which,
    /,
    *options: Annotated[str, Parameter(help="option=value. Secrets are better asked for or read from a file.")],
    file: Annotated[
        Path | None,
        Parameter(help="TOML or JSON with options; - reads it from standard input.", allow_leading_hyphen=True),
    ] = None,
    expires: Annotated[date | None, Parameter(help="Day on which the access ends, if you know it.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Store a channel's account, sealed, in the database. What the settings say wins over it. Nothing is printed back."""
    given = {**_from_file(file), **dict(map(_pair, options))} or _from_person(channel, data_dir)

    async def act() -> None:
        async with opened(data_dir) as system:
            kept = await system.app.store.write(
                lambda work: _store(work, channel, given, expires, system.app.clock.now(), data_dir)
            )
            console.print(f"Stored for {channel.value}: {', '.join(sorted(kept.options))}.")
            own = section_of(settings_for(data_dir), channel).model_fields_set & set(given)
            if own:
                console.print(f"[yellow]The settings set {', '.join(sorted(own))} too: they win.[/]")
            console.print(
                f"Check it with: switchboard channels test {channel.value}. A running server must be restarted."
            )

    asyncio.run(act())


def _store(
    work: Work,
    channel: ChannelType,
    given: Mapping[str, Value],
    expires: date | None,
    now: datetime,
    data_dir: Path | None,
) -> StoredAccount:
    before = stored_accounts(work).get(channel)
    options = {**(before.options if before else {}), **given}
    checked(channel, section_of(settings_for(data_dir), channel), options)
    ends = datetime(expires.year, expires.month, expires.day, tzinfo=UTC) if expires else None
    account = StoredAccount(options=options, added_at=now, expires_at=ends)
    store_account(work, channel, account)
    names = ",".join(sorted(given))
    work.audit.append(
        AuditEntry(at=now, actor=ACTOR, action="channel_added", target=channel.value, details={"options": names})
    )
    return account


def _pair(text: str) -> tuple[str, Value]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidInput("this is no option with a value", field="options", fix="write option=value")
    return name.strip(), value


def _from_file(path: Path | None) -> dict[str, Value]:
    if path is None:
        return {}
    data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        document = orjson.loads(data) if data.lstrip()[:1] == b"{" else tomllib.loads(data.decode())
    except (orjson.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InvalidInput("the file is neither TOML nor JSON", field="file") from None
    return {str(name): value for name, value in document.items()}


def _from_person(channel: ChannelType, data_dir: Path | None) -> dict[str, Value]:
    if not sys.stdin.isatty():
        raise InvalidInput("no option is given", field="options", fix="write option=value, or name a --file")
    section = section_of(settings_for(data_dir), channel)
    given: dict[str, Value] = {}
    for name in ASKED[channel]:
        secret = isinstance(getattr(section, name), SecretStr)
        answer = getpass.getpass(f"{name} (not shown; empty: leave out): ") if secret else input(f"{name}: ")
        if answer.strip():
            given[name] = answer.strip()
    if not given:
        raise InvalidInput("nothing was given", field="options")
    return given


@channels.command
def remove(channel: Which, /, *, data_dir: DataDir = None) -> None:
    """Forget the stored account; what the settings say stays."""

    async def act() -> None:
        async with opened(data_dir) as system:
            app = system.app

            def story(work: Work) -> None:
                forget_account(work, channel)
                now = app.clock.now()
                work.audit.append(AuditEntry(at=now, actor=ACTOR, action="channel_removed", target=channel.value))

            await app.store.write(story)
            console.print(f"The stored account of {channel.value} is gone.")

    asyncio.run(act())


@channels.command(name="test")
def ask(
    channel: Annotated[ChannelType | None, Parameter(help="Default: all.")] = None, /, *, data_dir: DataDir = None
) -> None:
    """Ask the provider whether our access holds and its notices reach us; says what is wrong and how to mend it."""
    if not asyncio.run(_test(channel, data_dir)):
        raise SystemExit(1)


def _mark(one: Finding) -> str:
    return "[red]no[/]" if not one.well else "[yellow]note[/]" if one.fix else "[green]ok[/]"


async def _test(channel: ChannelType | None, data_dir: Path | None) -> bool:
    async with opened(data_dir) as system:
        wanted = [channel] if channel else list(system.app.accounts.probes)
        table = Table("channel", "what", "", "found", "how to mend it")
        well = True
        for kind in wanted:
            found = await ask_provider(system.app, kind, ACTOR)
            well = well and found.well
            for one in found.findings:
                table.add_row(kind.value, one.what, _mark(one), one.detail, one.fix)
        console.print(table)
        return well


@channels.command(name="reconcile")
def reconcile_(
    channel: Annotated[ChannelType | None, Parameter(help="Default: all that are set up.")] = None,
    /,
    *,
    day: Annotated[date | None, Parameter(help="YYYY-MM-DD in UTC. Default: yesterday.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Compare what the provider says came in on a day with what is stored here."""
    if not asyncio.run(_reconcile(channel, day, data_dir)):
        raise SystemExit(1)


async def _reconcile(channel: ChannelType | None, day: date | None, data_dir: Path | None) -> bool:
    async with opened(data_dir) as system:
        app = system.app
        wanted = day or (app.clock.now() - timedelta(days=1)).date()
        start = datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC)
        table = Table("channel", "provider says", "we hold", "missing", title=f"{wanted}", title_justify="left")
        whole = True
        for kind in [channel] if channel else list(app.accounts.probes):
            try:
                found = await reconcile(app, kind, start, start + timedelta(days=1))
            except SwitchboardError as error:
                table.add_row(kind.value, f"[red]{error.detail}[/]", "", "")
                whole = False
                continue
            whole = whole and not found.missing
            said = found.silent or str(found.theirs)
            table.add_row(kind.value, said, "" if found.silent else str(found.ours), _some(found.missing))
        console.print(table)
        return whole


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(ids[:5]) + more
