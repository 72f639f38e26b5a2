"""What WhatsApp, Messenger and Instagram share: Meta's subscription check, signature and Graph API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

from switchboard.channels import http, signing
from switchboard.channels.fields import Json, number, obj
from switchboard.errors import ChannelNeedsAttention, Forbidden, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import RawRequest, RawResponse

SIGNATURE_HEADER = "x-hub-signature-256"
FILE_HOSTS = ("fbcdn.net", "fbsbx.com", "cdninstagram.com", "whatsapp.net")
"""Where Meta lays the files of customers."""

UPLOAD_S = 120.0
"""Seconds for handing over a file."""

MARKER = "sb:"
"""Stands before our key in ``metadata`` and ``biz_opaque_callback_data``, so that we know our own messages again."""

GRAPH_FAULTS: http.FaultTable = {
    **http.faults(Unavailable, "Meta has trouble", 1, 2),
    **http.faults(RateLimited, "Meta limits the rate", 4, 17, 32, 341, 613, 80001, 80002, 80006),
    **http.faults(ChannelNeedsAttention, "the access token is not valid: reconnect the channel", 190, 0),
    **http.faults(ChannelNeedsAttention, "a permission is missing: reconnect the channel", 10, range(200, 300)),
    **http.faults(
        ChannelNeedsAttention, "Meta has blocked this account for a while: look at the account's quality", 368
    ),
    **http.faults(Undeliverable, "Meta finds a wrong value in the message or its address", 100),
}
"""Graph API error codes that mean the same on all three channels."""


def verify(request: RawRequest, app_secret: str) -> None:
    signing.require_sha256_hex(request, header=SIGNATURE_HEADER, secret=app_secret)


def challenge(request: RawRequest, verify_token: str) -> RawResponse | None:
    """Answer to Meta's subscription check; raises ``Forbidden`` if its token is not ours."""
    if request.method != "GET" or "hub.mode" not in request.query:
        return None
    token = request.query.get("hub.verify_token", "")
    if request.query["hub.mode"] != "subscribe" or not verify_token or not signing.same(token, verify_token):
        raise Forbidden("The verify token is not the one in the settings of this channel")
    return RawResponse(body=request.query.get("hub.challenge", "").encode())


def marker_of(key: str) -> str:
    return MARKER + key


def key_of(marker: str | None) -> str | None:
    """Our key in a marker that came back, or None if another tool wrote it."""
    return marker[len(MARKER) :] if marker and marker.startswith(MARKER) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Meta's Graph API with one access token. ``base_url`` ends with the version of the API, such as ``/v23.0``;
    ``subcodes`` are looked up before ``faults``."""

    client: httpx2.AsyncClient
    base_url: str
    access_token: str = field(repr=False)
    faults: http.FaultTable
    subcodes: http.FaultTable
    timeout: float

    async def post(self, path: str, payload: Mapping[str, object], *, now: datetime) -> Json:
        """The answer's JSON. Raises the errors that ``Channel.send`` names."""
        response = await http.post(
            self.client,
            self._url(path),
            content=json.dumps(payload).encode(),
            headers={**self.authorization(), "content-type": "application/json"},
            seconds=self.timeout,
        )
        return self._read(response, now)

    async def get(self, path: str, query: Mapping[str, str], *, now: datetime) -> Json:
        """Something looked up. Raises the errors that ``Channel.send`` names."""
        response = await http.get(
            self.client, self._url(path), query=query, headers=self.authorization(), seconds=self.timeout
        )
        return self._read(response, now)

    async def upload(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes, str]], *, now: datetime
    ) -> Json:
        """A file, kept by Meta for a later message. Raises the errors that ``Channel.send`` names."""
        seconds = max(self.timeout, UPLOAD_S)
        response = await http.upload(
            self.client, self._url(path), fields=fields, files=files, headers=self.authorization(), seconds=seconds
        )
        return self._read(response, now)

    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.access_token}"}

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    def _read(self, response: httpx2.Response, now: datetime) -> Json:
        answer = http.answer_object(response)
        error = obj(answer, "error")
        if response.status_code == 200 and not error:
            return answer
        wait = http.retry_after(response, default=5.0, now=now)
        subcode, code = _code(error, "error_subcode"), _code(error, "code")
        if subcode in self.subcodes:
            raise http.fault_error(response, subcode, self.subcodes, wait=wait)
        raise http.fault_error(response, code, self.faults, wait=wait)


def _code(error: Json, key: str) -> int | None:
    value = number(error, key)
    return int(value) if value is not None else None
