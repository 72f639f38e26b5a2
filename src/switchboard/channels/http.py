"""Calls to providers: every way in which they fail becomes one of our errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx2

from switchboard.channels.fields import Json
from switchboard.errors import (
    ChannelNeedsAttention,
    DeliveryUnknown,
    RateLimited,
    SwitchboardError,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import Outgoing, Receipt

T = TypeVar("T")

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""The request never left, so that trying again is safe. After all other failures the provider may have it."""

_LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What an error code of a provider means for us. ``advice`` is shown to agents and operators."""

    error: type[SwitchboardError]
    advice: str


FaultTable = Mapping[int, Fault]


def faults(error: type[SwitchboardError], advice: str, *codes: int | range) -> dict[int, Fault]:
    """One row of a fault table for several codes."""
    flat = [code for item in codes for code in (item if isinstance(item, range) else (item,))]
    return dict.fromkeys(flat, Fault(error=error, advice=advice))


async def post(
    client: httpx2.AsyncClient,
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    seconds: float,
) -> httpx2.Response:
    """POST. Raises ``Unavailable`` if nothing was sent, ``DeliveryUnknown`` if the answer was lost (or too slow)."""
    try:
        return await client.post(url, content=content, headers=dict(headers), timeout=seconds)
    except _NOT_SENT as error:
        raise Unavailable("The provider cannot be reached") from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise ChannelNeedsAttention("The provider's address in the settings is not a valid URL") from error
    except httpx2.HTTPError as error:
        raise DeliveryUnknown(
            "The connection broke after the message was sent; nobody knows whether it arrived"
        ) from error


async def upload(
    client: httpx2.AsyncClient,
    url: str,
    *,
    fields: Mapping[str, str],
    files: Mapping[str, tuple[str, bytes, str]],
    headers: Mapping[str, str],
    seconds: float,
) -> httpx2.Response:
    """POST of a form with files (name, bytes, content type). Uploading again harms nobody: every loss of the connection
    is ``Unavailable``."""
    try:
        return await client.post(url, data=dict(fields), files=dict(files), headers=dict(headers), timeout=seconds)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise ChannelNeedsAttention("The provider's address in the settings is not a valid URL") from error
    except httpx2.HTTPError as error:
        raise Unavailable("The provider cannot be reached with a file") from error


async def get(
    client: httpx2.AsyncClient, url: str, *, query: Mapping[str, str], headers: Mapping[str, str], seconds: float
) -> httpx2.Response:
    """GET. Raises ``Unavailable`` if no answer came."""
    try:
        return await client.get(url, params=dict(query), headers=dict(headers), timeout=seconds)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise ChannelNeedsAttention("The provider's address in the settings is not a valid URL") from error
    except httpx2.HTTPError as error:
        raise Unavailable("The provider cannot be reached") from error


async def delete(
    client: httpx2.AsyncClient, url: str, *, headers: Mapping[str, str], seconds: float
) -> httpx2.Response:
    """DELETE. Raises ``Unavailable`` if no answer came; deleting again is harmless."""
    try:
        return await client.delete(url, headers=dict(headers), timeout=seconds)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise ChannelNeedsAttention("The provider's address in the settings is not a valid URL") from error
    except httpx2.HTTPError as error:
        raise Unavailable("The provider cannot be reached") from error


def answer_object(response: httpx2.Response) -> Json:
    """The JSON object of an answer, empty if it has none."""
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def fault_error(response: httpx2.Response, code: int | None, table: FaultTable, *, wait: float) -> SwitchboardError:
    """Our error for a refusal: by the provider's code if the table knows it, else by the HTTP status."""
    fault = table.get(code) if code is not None else None
    kind = fault.error if fault is not None else _by_status(response.status_code)
    advice = fault.advice if fault is not None else _ADVICE.get(kind, "the provider refused the message")
    detail = f"{advice[:1].upper()}{advice[1:]} (provider code {code}, HTTP {response.status_code})"
    if issubclass(kind, Unavailable):
        return kind(detail, retry_after=wait)
    return kind(detail)


def _by_status(status: int) -> type[SwitchboardError]:
    if status == 429:
        return RateLimited
    if status >= 500 or status == 408:
        return Unavailable
    return ChannelNeedsAttention if status in (401, 402, 403) or status < 400 else Undeliverable


_ADVICE: Mapping[type[SwitchboardError], str] = {
    RateLimited: "the provider limits the rate",
    Unavailable: "the provider has trouble",
    ChannelNeedsAttention: "the provider refuses our access: check token, permissions and address",
}


def retry_after(response: httpx2.Response, *, default: float, now: datetime) -> float:
    """Seconds to wait: ``Retry-After`` (seconds or a date), else until X's used-up limit starts anew, else ``default``."""
    waited = _number(response, "retry-after")
    if waited is None:
        waited = _seconds_until(response.headers.get("retry-after", ""), now)
    if waited is not None:
        return min(max(waited, 1.0), _LONGEST_WAIT)
    used_up = [name for name in _LIMITS if response.headers.get(f"{name}-remaining") == "0"]
    resets = [_number(response, f"{name}-reset") for name in used_up or ["x-rate-limit"]]
    known = [reset - now.timestamp() for reset in resets if reset is not None]
    return min(max(*known, 1.0), _LONGEST_WAIT) if known else default


_LIMITS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")


def _number(response: httpx2.Response, header: str) -> float | None:
    value = response.headers.get(header, "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _seconds_until(date: str, now: datetime) -> float | None:
    """For the other form of ``Retry-After``: the date of RFC 9110."""
    try:
        named = parsedate_to_datetime(date[:60])
    except ValueError:
        return None
    return (named if named.tzinfo is not None else named.replace(tzinfo=UTC)).timestamp() - now.timestamp()


async def deliver(parts: Iterable[T], send_one: Callable[[T], Awaitable[str]]) -> Receipt:
    """Send parts one after the other, so that none overtakes another.

    If a later part fails after an earlier one was taken, sending all again would repeat words: ``DeliveryUnknown``.
    """
    taken: list[str] = []
    for part in parts:
        try:
            taken.append(await send_one(part))
        except (Unavailable, Undeliverable) as error:
            if not taken:
                raise
            raise DeliveryUnknown(f"Only the first {len(taken)} parts were taken. {error.detail}") from error
    return Receipt(external_ids=tuple(taken))


def require_window(message: Outgoing, window: timedelta, now: datetime, advice: str) -> None:
    """Raises ``Undeliverable`` if the customer last wrote longer than ``window`` ago."""
    opened = message.window_opened_at
    if opened is not None and now - opened > window:
        hours = int(window.total_seconds() // 3600)
        raise Undeliverable(f"The customer last wrote more than {hours} hours ago. {advice}")


def require_something(parts: Sequence[object]) -> None:
    """Raises ``Undeliverable`` for a message without text and attachments."""
    if not parts:
        raise Undeliverable("The message is empty: write a text or attach a file")
