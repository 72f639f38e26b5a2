"""Asks Meta about our WhatsApp number, page or Instagram account: access, its end, and whether notices reach us."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from switchboard.channels.fields import Json, ident, number, obj, objects
from switchboard.channels.meta import Graph
from switchboard.channels.probes import asked, missing, well, wrong
from switchboard.ports.channel_check import Checked, Finding

RECONNECT = "Make a new access token in Meta's app dashboard and store it with: switchboard channels add"
SUBSCRIBE = "In Meta's app dashboard, Webhooks, point the callback at {url} and subscribe to: {fields}"
LIVES = timedelta(days=60)
"""How long Instagram's long-lived tokens hold."""

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppProbe:
    """Fulfils ``Probe``. ``url`` is our webhook."""

    graph: Graph
    now: Now
    number_id: str
    business_id: str
    url: str

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
        findings.append(await self._subscribed())
        return Checked(findings=tuple(findings), expires_at=expires_at)

    async def _subscribed(self) -> Finding:
        fix = SUBSCRIBE.format(url=self.url, fields="messages")
        if not self.business_id:
            return wrong("webhook", "business_account_id is empty, so Meta cannot be asked", "Set business_account_id.")
        path = f"{self.business_id}/subscribed_apps"
        answer, fault = await asked("webhook", fix, lambda: self.graph.get(path, {}, now=self.now()))
        if answer is None:
            return fault or wrong("webhook", "no answer", fix)
        apps = objects(answer, "data")
        return well("webhook", f"{len(apps)} app subscribed") if apps else wrong("webhook", "no app subscribed", fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe:
    """Fulfils ``Probe`` for a Facebook page or an Instagram account. ``app_token`` (app id and secret) lets Meta tell
    when the access ends; ``added_at``: when it was stored, for Instagram, which cannot be asked."""

    graph: Graph
    now: Now
    fields: str
    wanted: tuple[str, ...]
    url: str
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
        findings.append(await self._subscribed())
        return Checked(findings=tuple(findings), expires_at=expires_at)

    async def _subscribed(self) -> Finding:
        fix = SUBSCRIBE.format(url=self.url, fields=", ".join(self.wanted))
        answer, fault = await asked("webhook", fix, lambda: self.graph.get("me/subscribed_apps", {}, now=self.now()))
        if answer is None:
            return fault or wrong("webhook", "no answer", fix)
        known = {name for app in objects(answer, "data") for name in _names(app)}
        absent = [name for name in self.wanted if name not in known]
        if absent:
            return wrong("webhook", f"not subscribed: {', '.join(absent)}", fix)
        return well("webhook", f"subscribed: {', '.join(sorted(known))}")


def _names(app: Json) -> Collection[str]:
    """Meta lists the fields as words, or as objects with a name."""
    fields = app.get("subscribed_fields")
    listed = fields if isinstance(fields, list) else []
    named = (entry.get("name") if isinstance(entry, dict) else entry for entry in listed)
    return {name for name in named if isinstance(name, str)}


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
