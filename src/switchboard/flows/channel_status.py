"""How each channel is doing: what set it up, what it last carried, what stops it, and what the provider has of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from switchboard.domain.message import ChannelType, Direction
from switchboard.errors import Conflict, NotFound
from switchboard.flows import attention, pauses
from switchboard.flows.app import App
from switchboard.ports.channel_check import Checked, Finding, ListsItems, ProviderItem
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work

NAME = "channel-checks"
WARN_BEFORE = timedelta(days=14)
SILENT = {
    ChannelType.WHATSAPP: "WhatsApp cannot be asked what came in: its notices are all there is.",
    ChannelType.FACEBOOK: "Messenger cannot be asked what came in on a day: its notices are all there is.",
    ChannelType.INSTAGRAM: "Instagram cannot be asked what came in on a day: its notices are all there is.",
    ChannelType.WEB_CHAT: "Web chat has no provider: what was acknowledged is stored.",
}


class ChannelState(StrEnum):
    OK = "ok"
    NEEDS_ATTENTION = "needs_attention"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """``source``: settings, stored, both or built in; empty: not set up. ``reasons`` say why it needs attention;
    ``warnings`` what will, soon. ``breaker``: closed, open or half_open; None: never used here."""

    channel: ChannelType
    state: ChannelState
    source: str = ""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    last_in: datetime | None = None
    last_out: datetime | None = None
    expires_at: datetime | None = None
    checked_at: datetime | None = None
    breaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the last test found."""

    at: datetime
    expires_at: datetime | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """``theirs``: what the provider says came in; ``ours``: how many of those we hold; ``missing``: ids of the rest.
    ``silent``: why the provider cannot be asked."""

    channel: ChannelType
    theirs: int = 0
    ours: int = 0
    missing: tuple[str, ...] = ()
    silent: str = ""


async def channel_states(app: App) -> tuple[ChannelStatus, ...]:
    """Every channel there is, set up or not."""
    breakers = app.accounts.breakers()
    return await app.store.read(lambda work: tuple(_state(work, app, kind, breakers) for kind in ChannelType))


def _state(work: Work, app: App, channel: ChannelType, breakers: Mapping[str, str]) -> ChannelStatus:
    source = app.accounts.sources.get(
        channel, "built in" if channel in app.channels and not app.accounts.sources else ""
    )
    last_in = work.messages.last_at(channel, Direction.INBOUND)
    last_out = work.messages.last_at(channel, Direction.OUTBOUND)
    if not source:
        return ChannelStatus(channel=channel, state=ChannelState.NOT_CONFIGURED, last_in=last_in, last_out=last_out)
    kept = _kept(work).get(channel)
    elsewhere = pauses.OPEN if channel in pauses.read(work, app.clock.now()) else None
    breaker = elsewhere or breakers.get(channel.value)
    expires_at = (kept.expires_at if kept else None) or app.accounts.expiries.get(channel)
    reasons = _reasons(work, app, channel, kept, last_out, breaker, expires_at)
    soon = expires_at is not None and app.clock.now() < expires_at <= app.clock.now() + WARN_BEFORE
    return ChannelStatus(
        channel=channel,
        state=ChannelState.NEEDS_ATTENTION if reasons else ChannelState.OK,
        source=source,
        reasons=reasons,
        warnings=(f"our access ends on {expires_at:%Y-%m-%d}: renew it before",) if soon and expires_at else (),
        last_in=last_in,
        last_out=last_out,
        expires_at=expires_at,
        checked_at=kept.at if kept else None,
        breaker=breaker,
    )


def _reasons(
    work: Work,
    app: App,
    channel: ChannelType,
    kept: _Kept | None,
    last_out: datetime | None,
    breaker: str | None,
    expires_at: datetime | None,
) -> tuple[str, ...]:
    """What a later message that got through has disproved is left out."""
    found: list[str] = []
    refused = attention.read(work).get(channel)
    if refused is not None:
        found.append(f"{refused.detail} (since {refused.since:%Y-%m-%d %H:%M} UTC)")
    if breaker == "open":
        found.append("sending is paused after repeated failures and is tried again by itself")
    if kept is not None and (last_out is None or kept.at > last_out):
        found += kept.faults
    if expires_at is not None and expires_at <= app.clock.now():
        found.append(f"our access ended on {expires_at:%Y-%m-%d}")
    return tuple(found)


async def ask_provider(app: App, channel: ChannelType, actor: str) -> Checked:
    """Asks the provider and remembers what it said. Raises ``NotFound`` for a channel that is not set up."""
    probe = app.accounts.probes.get(channel)
    if probe is None:
        raise NotFound("this channel is not set up", fix=f"switchboard channels add {channel.value}")
    checked = await probe.check()
    await app.store.write(lambda work: _keep(work, app, channel, checked, actor))
    return checked


def _keep(work: Work, app: App, channel: ChannelType, checked: Checked, actor: str) -> None:
    stored, now = work.config.get(NAME), app.clock.now()
    document = dict(stored[0]) if stored is not None else {}
    document[channel.value] = {
        "at": now.isoformat(),
        "expires_at": checked.expires_at.isoformat() if checked.expires_at else None,
        "faults": [told(finding) for finding in checked.findings if not finding.well],
    }
    work.config.set(NAME, document)
    work.audit.append(AuditEntry(at=now, actor=actor, action="channel_tested", target=channel.value))


def told(finding: Finding) -> str:
    return f"{finding.what}: {finding.detail}"


def _kept(work: Work) -> dict[ChannelType, _Kept]:
    stored = work.config.get(NAME)
    found: dict[ChannelType, _Kept] = {}
    for name, value in (stored[0] if stored is not None else {}).items():
        if isinstance(value, dict) and name in set(ChannelType):
            ends = value["expires_at"]
            found[ChannelType(name)] = _Kept(
                at=datetime.fromisoformat(str(value["at"])),
                expires_at=datetime.fromisoformat(str(ends)) if ends else None,
                faults=tuple(str(fault) for fault in value["faults"]),
            )
    return found


async def reconcile(app: App, channel: ChannelType, start: datetime, end: datetime) -> Reconciled:
    """What the provider says came in, against what we hold. Raises what the provider's refusal means."""
    probe = _lister(app.accounts.probes.get(channel))
    if channel in SILENT:
        return Reconciled(channel=channel, silent=SILENT[channel])
    if probe is None:
        raise NotFound("this channel is not set up", fix=f"switchboard channels add {channel.value}")
    if end <= start:
        raise Conflict("the day ends before it begins", field="day")
    try:
        found = [item for item in await probe.items(start, end) if item.external_id]
    except NotFound as nobody:
        return Reconciled(channel=channel, silent=nobody.detail)
    theirs = {(item.account, item.external_id): item for item in found}.values()
    missing = await app.store.read(
        lambda work: tuple(item.external_id for item in theirs if not _held(work, channel, item))
    )
    return Reconciled(channel=channel, theirs=len(theirs), ours=len(theirs) - len(missing), missing=missing)


def _lister(probe: object) -> ListsItems | None:
    return probe if isinstance(probe, ListsItems) else None


def _held(work: Work, channel: ChannelType, item: ProviderItem) -> bool:
    if channel is ChannelType.VOICE:
        return work.calls.get(item.external_id) is not None
    accounts = (item.account, item.account.lower(), "")
    return any(work.messages.find_external(channel, account, item.external_id) for account in accounts)
