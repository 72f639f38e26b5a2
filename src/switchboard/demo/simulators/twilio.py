"""Twilio's calls: speaking into a call that goes on, calling back, and the customer at the other end."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import httpx2

from switchboard.channels import signing
from switchboard.channels.phones import phone_address
from switchboard.channels.sample_payloads import Signed, voice_call, voice_speech
from switchboard.demo.simulators.carrier import Carrier, webhook
from switchboard.domain.message import ChannelType

FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True, kw_only=True)
class Call:
    """A customer on the line. ``turns``: how often they spoke."""

    sid: str
    address: str
    turns: int = 0


class TwilioSimulator:
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._calls: dict[str, Call] = {}

    def throttled(self) -> httpx2.Response:
        return _refusal(429, 20429, "Too many requests")

    # ---- we speak

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        known = self._carrier.secrets
        expected = b64encode(f"{known.twilio_account}:{known.twilio_token}".encode()).decode("ascii")
        if request.headers.get("authorization") != f"Basic {expected}":
            return _refusal(401, 20003, "Authenticate")
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        what = request.url.path.removeprefix(f"/2010-04-01/Accounts/{known.twilio_account}/")
        if what == "Calls.json":
            return self._call_back(form)
        return self._speak(what.removeprefix("Calls/").removesuffix(".json"), form)

    def _speak(self, sid: str, form: Mapping[str, str]) -> httpx2.Response:
        call = next((call for call in self._calls.values() if call.sid == sid), None)
        if call is None:
            return _refusal(404, 20404, "The requested call was not found")
        self._carrier.show(ChannelType.VOICE, call.address, spoken(form.get("Twiml", "")), sid)
        return httpx2.Response(200, json={"sid": sid, "status": "in-progress"})

    def _call_back(self, form: Mapping[str, str]) -> httpx2.Response:
        to, sid = phone_address(form.get("To", "")), _call_sid()
        if not to.startswith("+"):
            return _refusal(400, 21211, "The 'To' number is not a valid phone number.")
        self._carrier.show(ChannelType.VOICE, to, spoken(form.get("Twiml", "")), sid)
        query = urlsplit(form.get("StatusCallback", "")).query
        self._carrier.later(self._carrier.pace.read, lambda: self._call_ended(sid, to, query))
        return httpx2.Response(201, json={"sid": sid, "status": "queued"})

    async def _call_ended(self, sid: str, to: str, query: str) -> None:
        form = {
            "AccountSid": self._carrier.secrets.twilio_account,
            "CallSid": sid,
            "CallStatus": "completed",
            "Direction": "outbound-api",
            "From": self._carrier.accounts[ChannelType.VOICE],
            "To": to,
            "CallDuration": "25",
        }
        url = f"{webhook(ChannelType.VOICE)}?{query}"
        await self._carrier.hand_in(ChannelType.VOICE, self._signed(form, url), url, query)

    def _signed(self, form: Mapping[str, str], url: str) -> Signed:
        body = urlencode(form).encode("ascii")
        fields = parse_qs(body.decode(), keep_blank_values=True)
        signature = signing.twilio_signature(url, fields, self._carrier.secrets.twilio_token)
        return {"content-type": FORM, "x-twilio-signature": signature}, body

    # ---- the customer speaks

    async def say(self, address: str, words: str) -> None:
        """The customer says something: in the call that goes on, or in a new one."""
        call = self._calls.get(address) or await self._ring(address)
        call.turns += 1
        query = f"step={call.turns}"
        url = f"{webhook(ChannelType.VOICE)}?{query}"
        known, account = self._carrier.secrets, self._carrier.accounts[ChannelType.VOICE]
        payload = voice_speech(words, address, secret=known.twilio_token, account=account, url=url, call_sid=call.sid)
        await self._carrier.hand_in(ChannelType.VOICE, payload, url, query)
        turn = call.turns
        self._carrier.later(self._carrier.pace.on_the_line, lambda: self._hang_up(call, turn))

    async def _ring(self, address: str) -> Call:
        call = Call(sid=_call_sid(), address=address)
        await self._state(call, "ringing")
        self._calls[address] = call
        return call

    async def _hang_up(self, call: Call, turn: int) -> None:
        """After a silence; somebody who spoke again stays on the line."""
        if call.turns == turn and self._calls.get(call.address) is call:
            del self._calls[call.address]
            await self._state(call, "completed")

    async def _state(self, call: Call, status: str) -> None:
        url, known = webhook(ChannelType.VOICE), self._carrier.secrets
        payload = voice_call(
            call.address,
            secret=known.twilio_token,
            account=self._carrier.accounts[ChannelType.VOICE],
            url=url,
            call_sid=call.sid,
            status=status,
        )
        await self._carrier.hand_in(ChannelType.VOICE, payload, url)


def spoken(document: str) -> str:
    """What the caller hears of a TwiML document."""
    try:
        root = ElementTree.fromstring(document)  # our own words on the way out, not something from outside
    except ElementTree.ParseError:
        return ""
    return " ".join(" ".join(say.itertext()).strip() for say in root.iter("Say")).strip()


def _call_sid() -> str:
    return f"CA{secrets.token_hex(16)}"


def _refusal(status: int, code: int, words: str) -> httpx2.Response:
    return httpx2.Response(status, json={"code": code, "message": words, "status": status})
