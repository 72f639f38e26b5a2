"""Asks Meta about our WhatsApp number, page or Instagram account: access, its end, and whether notices reach us."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from switchboard.channels.fields import ident, number, obj
from switchboard.channels.meta import Graph
from switchboard.channels.meta_subscriptions import UNKNOWN, Subscriptions
from switchboard.channels.probes import Now, asked, missing, well, wrong
from switchboard.ports.channel_check import Checked, Finding

RECONNECT = "Make a new access token in Meta's app dashboard and store it with: switchboard channels add"
LIVES = timedelta(days=60)
"""How long Instagram's long-lived tokens hold."""


NO_BUSINESS = wrong(
    "webhook",
    f"{UNKNOWN}business_account_id is empty, so Meta cannot be asked",
    "Set business_account_id, or store it with: switchboard channels add",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppProbe:
    """Fulfils ``Probe``. ``subscriptions``: None where the business account is not known."""

    graph: Graph
    now: Now
    number_id: str
    subscriptions: Subscriptions | None

    async def check(self) -> Checked:
        empty = missing({"access_token": self.graph.access_token, "phone_number_id": self.number_id})
        if empty:
            return Checked(findings=empty)
        query = {"fields": "display_phone_number,verified_name,quality_rating,status"}
        findings = [await _account(self.graph, self.number_id, query, self.now, ("display_phone_number",))]
        expires_at, token = await _token(
            self.graph, self.graph.access_token, self.now, ("whatsapp_business_messaging",)
        )
        findings += token
        findings += await self.subscriptions.check() if self.subscriptions is not None else (NO_BUSINESS,)
        return Checked(findings=tuple(findings), expires_at=expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe:
    """Fulfils ``Probe`` for a Facebook page or an Instagram account. ``fields``: what the account is asked for. ``app_token``
    (app id and secret) lets Meta tell when the access ends; ``added_at``: when it was stored, for Instagram, which cannot
    be asked."""

    graph: Graph
    now: Now
    fields: str
    subscriptions: Subscriptions
    app_token: str = field(default="", repr=False)
    added_at: datetime | None = None

    async def check(self) -> Checked:
        empty = missing({"access_token": self.graph.access_token})
        if empty:
            return Checked(findings=empty)
        findings = [await _account(self.graph, "me", {"fields": self.fields}, self.now, ("name", "username"))]
        expires_at = self.added_at + LIVES if self.added_at is not None else None
        if self.app_token:
            expires_at, token = await _token(self.graph, self.app_token, self.now, ())
            findings += token
        findings += await self.subscriptions.check()
        return Checked(findings=tuple(findings), expires_at=expires_at)


async def _account(graph: Graph, node: str, query: Mapping[str, str], now: Now, names: Collection[str]) -> Finding:
    answer, fault = await asked("account", RECONNECT, lambda: graph.get(node, query, now=now()))
    if answer is None:
        return fault or wrong("account", "no answer", RECONNECT)
    told = [text for name in names if (text := ident(answer, name))]
    rating = ident(answer, "quality_rating")
    if rating == "RED":
        fix = "Send less that people did not ask for; look at the quality of the number in WhatsApp Manager."
        return wrong("account", f"{' '.join(told)}: Meta rates its quality as low", fix)
    return well("account", " ".join(told) or node)


async def _token(
    graph: Graph, asking: str, now: Now, scopes: Collection[str]
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """When the access ends, and what it lacks. That Meta does not tell is no fault of the channel."""
    ask = Graph(
        client=graph.client,
        base_url=graph.base_url,
        access_token=asking,
        faults=graph.faults,
        subcodes=graph.subcodes,
        timeout=graph.timeout,
    )
    query = {"input_token": graph.access_token}
    answer, _ = await asked("access", RECONNECT, lambda: ask.get("debug_token", query, now=now()))
    data = obj(answer or {}, "data")
    if not data:
        return None, ()
    if data.get("is_valid") is not True:
        return None, (wrong("access", "the access token is no longer valid", RECONNECT),)
    granted = data.get("scopes")
    absent = [name for name in scopes if isinstance(granted, list) and name not in granted]
    if absent:
        return None, (wrong("access", f"permissions are missing: {', '.join(absent)}", RECONNECT),)
    ends = [value for name in ("expires_at", "data_access_expires_at") if (value := number(data, name))]
    expires_at = datetime.fromtimestamp(min(ends), UTC) if ends else None
    return expires_at, (well("access", f"ends {expires_at:%Y-%m-%d}" if expires_at else "does not end"),)
