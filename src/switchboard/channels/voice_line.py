"""Twilio's side of a conversation on the telephone: its requests as turns, our words as TwiML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

from switchboard.channels import twiml
from switchboard.channels.voice_relay import TwilioRelay
from switchboard.channels.voice_turns import read_turn
from switchboard.domain.call import CallAct, CallTurn, Spoken
from switchboard.ports.channel import RawRequest, RawResponse

XML = "text/xml; charset=utf-8"
RELAY = "/relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioLine:
    """Fulfils ``ports.phone_line.PhoneLine``. ``speakers`` by our number; ``usual`` for all others. ``public_url`` is the
    webhook's address as Twilio calls it. ``music``: the address of a piece for those who wait; empty: silence."""

    public_url: str
    number: str = ""
    usual: twiml.Speaker = field(default_factory=twiml.Speaker)
    speakers: Mapping[str, twiml.Speaker] = field(default_factory=dict)
    message_s: int = 120
    transcribe: bool = True
    music: str = ""

    def turn(self, request: RawRequest) -> CallTurn:
        return read_turn(request)

    def document(self, request: RawRequest, spoken: Spoken) -> RawResponse:
        speaker = self.speaker(spoken.account)
        page = twiml.Page(
            speaker=speaker,
            address=lambda query: self._address(request, {**spoken.carries, **query}),
            number=spoken.account or self.number,
            message_s=self.message_s,
            transcribe=self.transcribe and speaker.language.lower().startswith("en"),
            music=self.music,
        )
        if spoken.act is CallAct.RELAY:
            return RawResponse(content_type=XML, body=twiml.relay(self._relayed(request, spoken), page))
        return RawResponse(content_type=XML, body=twiml.write(spoken, page))

    def again(self, document: str) -> RawResponse:
        return RawResponse(content_type=XML, body=document.encode())

    def language(self, account: str) -> str:
        return self.speaker(account).language

    def greeting(self, account: str) -> str:
        return self.speaker(account).greeting

    def relay_codec(self) -> TwilioRelay:
        return TwilioRelay()

    def speaker(self, account: str) -> twiml.Speaker:
        return self.speakers.get(account, self.usual)

    def _address(self, request: RawRequest, query: Mapping[str, str]) -> str:
        parts = urlsplit(request.url or self.public_url)
        if parts.path.endswith(RELAY):  # documents for after a relay go to the webhook
            parts = urlsplit(self.public_url)
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))

    def _relayed(self, request: RawRequest, spoken: Spoken) -> twiml.Relay:
        parts = urlsplit(self._address(request, {}))
        socket = urlunsplit(
            parts._replace(scheme="wss" if parts.scheme == "https" else "ws", path=parts.path.rstrip("/") + RELAY)
        )
        return twiml.Relay(
            url=socket,
            greeting=" ".join(spoken.words),
            action=self._address(request, {"step": str(spoken.step)}),
        )
