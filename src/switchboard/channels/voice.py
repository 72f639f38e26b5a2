"""Voice: calls to the business's telephone numbers, through Twilio's Programmable Voice."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urlencode

import httpx2

from switchboard.calls.phrases import phrase
from switchboard.calls.rules import Phrase
from switchboard.channels import http, signing, twiml, voice_events
from switchboard.channels.fields import Json, ident, number, whole
from switchboard.channels.phones import phone_address
from switchboard.channels.voice_line import XML
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import (
    ChannelNeedsAttention,
    DeliveryUnknown,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import Capabilities, FetchedFile, Outgoing, Parsed, RawRequest, RawResponse, Receipt
from switchboard.ports.fetcher import Fetcher

CAPABILITIES = Capabilities(text_limit=twiml.SAY_LIMIT, attachments=False, live=True, rate_per_second=1.0, calls=True)

FILE_HOSTS = ("twilio.com", "twiliocdn.com")
"""Where Twilio keeps recordings."""

RINGS_S = 40
"""How long a customer's telephone rings."""

FAULTS: http.FaultTable = {
    **http.faults(RateLimited, "Twilio limits the rate", 20429),
    **http.faults(Unavailable, "Twilio has trouble", 20500, 20503),
    **http.faults(ChannelNeedsAttention, "Twilio refuses our account: check its id and token", 20003, 20005),
    **http.faults(ChannelNeedsAttention, "the account may not call this country: change Twilio's settings", 21215),
    **http.faults(ChannelNeedsAttention, "our number may not make calls: check it at Twilio", 21210, 21212, 21213),
    **http.faults(Undeliverable, "this is not a number that can be called", 21201, 21211, 21214, 21216, 21217, 21219),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Our telephone number at Twilio. ``public_url`` is the address that Twilio calls; ``number`` is ours, for calling
    back. ``fetcher`` gets recordings; ``deletes``: Twilio's copy is deleted once ours is safe."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    public_url: str
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    language: str = "en-US"
    fetcher: Fetcher | None = None
    deletes: bool = False
    base_url: str = "https://api.twilio.com"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.VOICE

    @property
    def capabilities(self) -> Capabilities:
        return replace(CAPABILITIES, fetches_media=self.fetcher is not None)

    def verify(self, request: RawRequest) -> None:
        signing.require_twilio(request, voice_events.read_form(request.body), secret=self.auth_token)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return None

    def parse(self, request: RawRequest) -> Parsed:
        return voice_events.read_webhook(request)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        """For requests that cannot be read: a sentence is better than silence. Calls themselves are answered by
        ``voice_line``."""
        words = phrase(Phrase.TROUBLE, self.language)
        return RawResponse(content_type=XML, body=twiml.say_and_hang_up(words, self.language))

    # ---- speaking to the customer

    async def send(self, message: Outgoing) -> Receipt:
        """Call the customer; when they answer, Twilio asks our webhook what to say (``key`` names the message).

        Twilio has no idempotency key: ours comes back with every notice of the call.
        """
        http.require_something(whole(message.text).strip())
        if message.to.startswith("anonymous:"):
            raise Undeliverable("The caller's number is hidden, so nobody can call back")
        form = {
            "To": phone_address(message.to),
            "From": message.account or self.number,
            "Url": self._address(key=message.key),
            "Method": "POST",
            "StatusCallback": self._address(key=message.key),
            "StatusCallbackEvent": "completed",
            "Timeout": str(RINGS_S),
        }
        answer, response = await self._post("Calls.json", form)
        return Receipt(external_ids=(self._taken(answer, response),))

    # ---- calls between people

    async def ring(self, to: str, account: str, query: Mapping[str, str]) -> str:
        """Fulfils ``ports.phone_line.PlacesCalls``."""
        form = {
            "To": to if ":" in to else phone_address(to),
            "From": account or self.number,
            "Url": self._address(**query),
            "Method": "POST",
            "StatusCallback": self._address(**query),
            "StatusCallbackEvent": "completed",
            "Timeout": str(RINGS_S),
        }
        answer, response = await self._post("Calls.json", form)
        return self._taken(answer, response)

    async def call_out_of_queue(self, call_id: str, queue_id: str, query: Mapping[str, str]) -> None:
        path = f"Queues/{quote(queue_id, safe='')}/Members/{quote(call_id, safe='')}.json"
        answer, response = await self._post(path, {"Url": self._address(**query), "Method": "POST"})
        if response.status_code == 404:
            raise NotFound("the caller is not in the queue")
        if response.status_code not in (200, 201):
            raise http.fault_error(response, _code(answer), FAULTS, wait=5.0)

    def _address(self, **query: str) -> str:
        return f"{self.public_url}?{urlencode(query)}"

    # ---- recordings

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """A recording by its id, never by the address in the payload. Right after a call Twilio does not have it yet."""
        if self.fetcher is None:
            raise InvalidInput("this channel is not set up to fetch recordings")
        url = self._recording(attachment) + ".wav"
        try:
            return await self.fetcher.get(url, self._headers_for, hosts=FILE_HOSTS, base_url=self.base_url, most=most)
        except NotFound as error:
            raise Unavailable("Twilio does not have the recording yet, or no longer") from error

    async def discard(self, account: str, attachment: Attachment) -> None:
        """Deletes the provider's copy where the business wants that; doing it again is harmless."""
        if self.deletes:
            url = self._recording(attachment) + ".json"
            response = await http.delete(self.client, url, headers=self._access, seconds=self.timeout)
            if response.status_code not in (200, 204, 404):
                raise http.fault_error(response, _code(http.answer_object(response)), FAULTS, wait=5.0)

    def _recording(self, attachment: Attachment) -> str:
        sid = attachment.provider_id or ""
        if not sid.isalnum():
            raise InvalidInput("the recording has no id", field="provider_id")
        return f"{self._account}/Recordings/{sid}"

    def _headers_for(self, url: str) -> dict[str, str]:
        """Our credentials go to Twilio's interface alone, not to where it redirects."""
        return self._access if url.startswith(f"{self._account}/") else {}

    @property
    def _access(self) -> dict[str, str]:
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode("ascii")
        return {"authorization": f"Basic {credentials}"}

    @property
    def _account(self) -> str:
        return f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account_sid, safe='')}"

    async def _post(self, path: str, form: dict[str, str]) -> tuple[Json, httpx2.Response]:
        response = await http.post(
            self.client,
            f"{self._account}/{path}",
            content=urlencode(form).encode("ascii"),
            headers={**self._access, "content-type": "application/x-www-form-urlencoded"},
            seconds=self.timeout,
        )
        return http.answer_object(response), response

    def _taken(self, answer: Json, response: httpx2.Response) -> str:
        if response.status_code not in (200, 201):
            wait = http.retry_after(response, default=5.0, now=self.now())
            raise http.fault_error(response, _code(answer), FAULTS, wait=wait)
        call = ident(answer, "sid")
        if call is None:
            raise DeliveryUnknown("Twilio answered without a call id")
        return call


def _code(answer: Json) -> int | None:
    code = number(answer, "code")
    return int(code) if code is not None else None
