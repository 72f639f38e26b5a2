"""Asks X and Twilio about our accounts, and what came in on a day."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode

import httpx2

from switchboard.channels import http
from switchboard.channels.fields import Json, ident, obj, objects
from switchboard.channels.probes import asked, missing, well, wrong
from switchboard.channels.twitter_access import Access, with_access
from switchboard.errors import ChannelNeedsAttention
from switchboard.ports.channel_check import Checked, Finding, ProviderItem

SECONDS = 10.0
MOST_PAGES = 50
REFUSED = http.faults(ChannelNeedsAttention, "the provider refuses our access", 401, 403)


async def _read(response: httpx2.Response, now: datetime) -> Json:
    if response.status_code == 200:
        return http.answer_object(response)
    wait = http.retry_after(response, default=5.0, now=now)
    raise http.fault_error(response, response.status_code, REFUSED, wait=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class XProbe:
    """Fulfils ``Probe`` and ``ListsItems``. ``access`` is the account's; key and secret are the app's, for its webhooks."""

    client: httpx2.AsyncClient
    access: Access
    consumer_key: str
    consumer_secret: str = field(repr=False)
    url: str
    now: Callable[[], datetime]
    base_url: str = "https://api.x.com"

    async def check(self) -> Checked:
        fix = "Connect the account again and store the tokens with: switchboard channels add twitter"
        answer, fault = await asked("account", fix, lambda: self._get("/2/users/me", {}))
        name = ident(obj(answer or {}, "data"), "username")
        account = fault or (well("account", f"@{name}") if name else wrong("account", "X names no account", fix))
        return Checked(findings=(account, await self._webhook()))

    async def _webhook(self) -> Finding:
        fix = f"Register {self.url} at X and subscribe the account to it; X checks it with a challenge."
        if not self.consumer_key:
            return wrong("webhook", "consumer_key is empty, so X cannot be asked", "Set consumer_key.")
        answer, fault = await asked("webhook", fix, self._webhooks)
        if answer is None:
            return fault or wrong("webhook", "no answer", fix)
        ours = [hook for hook in objects(answer, "data") if ident(hook, "url") == self.url]
        if not ours:
            return wrong("webhook", f"{self.url} is not registered", fix)
        if not any(hook.get("valid") is True for hook in ours):
            return wrong("webhook", "X's last challenge was not answered rightly, so it sends nothing", fix)
        return well("webhook", "registered and valid")

    async def _webhooks(self) -> Json:
        basic = b64encode(f"{quote(self.consumer_key)}:{quote(self.consumer_secret)}".encode()).decode("ascii")
        response = await http.upload(
            self.client,
            self._url("/oauth2/token"),
            fields={"grant_type": "client_credentials"},
            files={},
            headers={"authorization": f"Basic {basic}"},
            seconds=SECONDS,
        )
        token = ident(await _read(response, self.now()), "access_token") or ""
        headers = {"authorization": f"Bearer {token}"}
        answer = await http.get(self.client, self._url("/2/webhooks"), query={}, headers=headers, seconds=SECONDS)
        return await _read(answer, self.now())

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        """Private messages that others wrote to us; X tells of the last 30 days."""
        account = ident(obj(await self._get("/2/users/me", {}), "data"), "id") or ""
        query = {"event_types": "MessageCreate", "max_results": "100", "dm_event.fields": "created_at,sender_id"}
        found: list[ProviderItem] = []
        for _ in range(MOST_PAGES):
            page = await self._get("/2/dm_events", query)
            told = [(_moment(ident(e, "created_at")), e) for e in objects(page, "data")]
            found += [
                ProviderItem(account=account, external_id=ident(e, "id") or "")
                for at, e in told
                if at is not None and start <= at < end and ident(e, "sender_id") != account
            ]
            following = ident(obj(page, "meta"), "next_token")
            if not following or any(at is not None and at < start for at, _ in told):
                break
            query = {**query, "pagination_token": following}
        return tuple(found)

    async def _get(self, path: str, query: Mapping[str, str]) -> Json:
        url = self._url(path)

        async def send(authorization: str) -> httpx2.Response:
            headers = {"authorization": authorization}
            return await http.get(self.client, url, query=query, headers=headers, seconds=SECONDS)

        signed = f"{url}?{urlencode(query)}" if query else url
        return await _read(await with_access(self.access, "GET", signed, send), self.now())

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}"


def _moment(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioProbe:
    """Fulfils ``Probe`` and ``ListsItems``. ``url`` is our webhook for calls."""

    client: httpx2.AsyncClient
    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    url: str
    now: Callable[[], datetime]
    base_url: str = "https://api.twilio.com"

    async def check(self) -> Checked:
        empty = missing({"account_sid": self.account_sid, "number": self.number})
        if empty:
            return Checked(findings=empty)
        fix = "Copy account SID and auth token from the Twilio console: switchboard channels add voice"
        answer, fault = await asked("account", fix, lambda: self._get(f"{self._account}.json", {}))
        status = ident(answer or {}, "status")
        state = well("account", "active") if status == "active" else wrong("account", f"it is {status}", fix)
        return Checked(findings=(fault or state, await self._webhook()))

    async def _webhook(self) -> Finding:
        fix = f"In the Twilio console, set the number's voice webhook (A call comes in) to {self.url}, POST."
        path, query = f"{self._account}/IncomingPhoneNumbers.json", {"PhoneNumber": self.number}
        answer, fault = await asked("webhook", fix, lambda: self._get(path, query))
        if answer is None:
            return fault or wrong("webhook", "no answer", fix)
        known = objects(answer, "incoming_phone_numbers")
        if not known:
            return wrong("number", "the account does not own the number", "Correct number, or buy it at Twilio.")
        address = (ident(known[0], "voice_url") or "").partition("?")[0]
        if address.rstrip("/") != self.url.rstrip("/"):
            return wrong("webhook", f"the number calls {address or 'no address'}", fix)
        return well("webhook", address)

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        """Calls to our number; Twilio counts days in UTC."""
        query = {"To": self.number, "StartTime>": f"{start:%Y-%m-%d}", "PageSize": "1000"}
        path: str | None = f"{self._account}/Calls.json"
        found: list[ProviderItem] = []
        for _ in range(MOST_PAGES):
            if path is None:
                break
            page = await self._get(path, query)
            for call in objects(page, "calls"):
                at = _twilio_time(ident(call, "start_time"))
                if at is not None and start <= at < end:
                    found.append(ProviderItem(account=self.number, external_id=ident(call, "sid") or ""))
            path, query = ident(page, "next_page_uri"), {}
        return tuple(found)

    @property
    def _account(self) -> str:
        return f"/2010-04-01/Accounts/{quote(self.account_sid, safe='')}"

    async def _get(self, path: str, query: Mapping[str, str]) -> Json:
        basic = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode("ascii")
        path, _, more = path.partition("?")  # as the address of a next page comes
        asked_for = {**dict(parse_qsl(more)), **query}
        url, headers = f"{self.base_url.rstrip('/')}{path}", {"authorization": f"Basic {basic}"}
        answer = await http.get(self.client, url, query=asked_for, headers=headers, seconds=SECONDS)
        return await _read(answer, self.now())


def _twilio_time(text: str | None) -> datetime | None:
    """Twilio writes times as mails do: ``Mon, 02 Mar 2026 12:00:00 +0000``."""
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z") if text else None
    except ValueError:
        return None
