"""Voice: calls to the business's telephone numbers, through Twilio's Programmable Voice."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from zlib import crc32

import httpx2

from switchboard.channels import http, signing, twiml, voice_events
from switchboard.channels.fields import Json, ident, number, whole
from switchboard.channels.phones import phone_address
from switchboard.channels.twiml import Prompts
from switchboard.channels.voice_events import CALL_EVENT, query_number
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import Capabilities, Outgoing, Parsed, RawRequest, RawResponse, Receipt

CAPABILITIES = Capabilities(text_limit=twiml.SAY_LIMIT, attachments=False, live=True, rate_per_second=1.0)

TWIML_LIMIT = 4000
"""Characters of TwiML that Twilio takes in a request."""

MISSES = 2
"""Prompts without an answer before the caller is asked for a voice message."""

LOW_CONFIDENCE = 0.4
"""Below this Twilio is guessing: we ask again as well as keeping the words."""

CALL_IS_OVER = {20404, 21220}

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
    """Our telephone line. ``public_url`` is the address that Twilio calls; ``number`` is ours, for calling back."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    public_url: str
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    prompts: Prompts = field(default_factory=Prompts)
    base_url: str = "https://api.twilio.com"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.VOICE

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def verify(self, request: RawRequest) -> None:
        signing.require_twilio(request, voice_events.read_form(request.body), secret=self.auth_token)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return None

    def parse(self, request: RawRequest) -> Parsed:
        return voice_events.read_webhook(request)

    # ---- what the caller hears

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        """Always valid TwiML: whatever happens, the caller hears a sentence and not an error."""
        steps = {event.metadata.get(CALL_EVENT, ""): event for event in events}
        return RawResponse(content_type="text/xml; charset=utf-8", body=self._next(request, steps))

    def _next(self, request: RawRequest, steps: dict[str, InboundEvent]) -> bytes:
        if "call_ended" in steps:
            return twiml.empty()
        if "utterance" in steps or "digits" in steps:
            return self._after_words(request, steps)
        if "no_input" in steps:
            return self._after_silence(request)
        if "recording_link" in steps:
            return twiml.hang_up(self.prompts)
        if "transfer_done" in steps:
            answered = steps["transfer_done"].metadata.get("status") in ("completed", "answered")
            return twiml.hang_up(self.prompts) if answered else self._voicemail(request)
        started = steps.get("call_started")
        if started is not None and not started.metadata.get("direction", "").startswith("outbound"):
            return self._ask(request, self.prompts.greeting)
        return twiml.empty()

    def _after_words(self, request: RawRequest, steps: dict[str, InboundEvent]) -> bytes:
        spoken = steps.get("utterance")
        confidence = number(spoken.metadata, "confidence") if spoken is not None and "digits" not in steps else None
        if confidence is not None and confidence < LOW_CONFIDENCE:
            return self._ask(request, self.prompts.again)
        return self._ask(request, self.prompts.thanks, timeout=20, missed=MISSES - 1)

    def _after_silence(self, request: RawRequest) -> bytes:
        """After an answer silence means that the caller has nothing to add."""
        if query_number(request, "answered"):
            return twiml.hang_up(self.prompts)
        missed = query_number(request, "missed") + 1
        if missed >= MISSES:
            return self._voicemail(request)
        return self._ask(request, self.prompts.again, missed=missed)

    def _ask(self, request: RawRequest, words: str, *, timeout: int = 5, missed: int = 0) -> bytes:
        step = query_number(request, "step") + 1
        action = self._address(request, step=step, **({"missed": missed} if missed else {}))
        return twiml.ask(self.prompts, words, action=action, timeout=timeout)

    def _voicemail(self, request: RawRequest) -> bytes:
        action = self._address(request, step=query_number(request, "step") + 1)
        return twiml.take_voicemail(self.prompts, action=action, callback=self._address(request))

    def _address(self, request: RawRequest | None = None, **query: int | str) -> str:
        """The webhook's own address with the number of the next step."""
        parts = urlsplit(request.url if request is not None else self.public_url)
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))

    # ---- speaking to the customer

    async def send(self, message: Outgoing) -> Receipt:
        """Speak into the call that goes on (``metadata["session"]`` or the call of ``in_reply_to``), else call back.

        The receipt's id is the call's, with our key behind it where several answers share a call. Twilio has no
        idempotency key: our key comes back with the status of the call.
        """
        words = whole(message.text).strip()
        http.require_something(words)
        live = message.metadata.get("session") or _call_of(message.in_reply_to)
        if live and (taken := await self._speak_into(live, words, message.key)):
            return Receipt(external_ids=(taken,))
        return Receipt(external_ids=(await self._call_back(message, words),))

    async def _speak_into(self, call: str, words: str, key: str) -> str | None:
        """An id for what was said in the call, or None if it is over.

        Each answer has a step of its own, so that what callers reply to two answers never counts as the same.
        """
        step = 1000 + crc32(key.encode("utf-8", "replace")) % 8000
        document = _fitting(twiml.speak(self.prompts, words, action=self._address(step=step, answered=1)))
        answer, response = await self._post(f"Calls/{quote(call, safe='')}.json", {"Twiml": document})
        if response.status_code != 200 and (_code(answer) in CALL_IS_OVER or response.status_code == 404):
            return None
        return f"{self._taken(answer, response)}:said:{key}"

    async def _call_back(self, message: Outgoing, words: str) -> str:
        if message.to.startswith("anonymous:"):
            raise Undeliverable("The caller's number is hidden, so nobody can call back")
        form = {
            "To": phone_address(message.to),
            "From": message.account or self.number,
            "Twiml": _fitting(twiml.speak(self.prompts, words)),
            "StatusCallback": self._address(key=message.key),
            "StatusCallbackEvent": "completed",
        }
        answer, response = await self._post("Calls.json", form)
        return self._taken(answer, response)

    async def _post(self, path: str, form: dict[str, str]) -> tuple[Json, httpx2.Response]:
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode("ascii")
        account = f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account_sid, safe='')}"
        response = await http.post(
            self.client,
            f"{account}/{path}",
            content=urlencode(form).encode("ascii"),
            headers={"authorization": f"Basic {credentials}", "content-type": "application/x-www-form-urlencoded"},
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


def _call_of(external_id: str | None) -> str | None:
    """The call in the id of one of its steps, ``<CallSid>:<step>:...``."""
    call, colon, _ = (external_id or "").partition(":")
    return call if colon and call.startswith("CA") else None


def _code(answer: Json) -> int | None:
    code = number(answer, "code")
    return int(code) if code is not None else None


def _fitting(document: bytes) -> str:
    """Raises ``Undeliverable`` for an answer that is too long to be spoken."""
    words = document.decode()
    if len(words) > TWIML_LIMIT:
        raise Undeliverable(f"The answer is too long to be spoken: at most about {twiml.SAY_LIMIT} characters")
    return words
