"""Twilio in the demo: customers who call and are called, each call followed to its end, and the recordings they leave."""

from __future__ import annotations

import asyncio
import io
import logging
import math
import struct
import wave
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx2

from switchboard.channels.phones import phone_address
from switchboard.demo.simulators.carrier import Carrier, webhook
from switchboard.demo.simulators.phone import Line, PhoneCall
from switchboard.domain.message import ChannelType
from switchboard.errors import SwitchboardError

log = logging.getLogger(__name__)
HOLD_FROM_S = 10
"""A prompt that waits this long is music on hold: nobody is asked anything."""

KEYS = frozenset("0123456789*#")


@dataclass(slots=True, kw_only=True)
class _Mouth:
    """What the person wants to say next; ``said`` is done once Twilio has passed it on. ``called_to``: not a wish of theirs,
    but of ours: they leave the queue for that address."""

    words: str
    said: asyncio.Future[None]
    called_to: str = ""


@dataclass(slots=True, kw_only=True)
class _Person:
    """A customer with the telephone in hand."""

    call: PhoneCall
    wishes: asyncio.Queue[_Mouth] = field(default_factory=asyncio.Queue)
    held: _Mouth | None = None


class TwilioSimulator:
    """``say`` is the customers' side; ``answer`` is Twilio's interface as far as we call it."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._persons: dict[str, _Person] = {}
        self._recordings: dict[str, bytes] = {}

    def throttled(self) -> httpx2.Response:
        return _refusal(429, 20429, "Too many requests")

    # ---- Twilio's interface

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        known = self._carrier.secrets
        expected = b64encode(f"{known.twilio_account}:{known.twilio_token}".encode()).decode("ascii")
        if request.headers.get("authorization") != f"Basic {expected}":
            return _refusal(401, 20003, "Authenticate")
        what = request.url.path.removeprefix(f"/2010-04-01/Accounts/{known.twilio_account}/")
        if what.startswith("Recordings/"):
            return self._recording(request.method, what.removeprefix("Recordings/").partition(".")[0])
        form = dict(parse_qsl(request.content.decode()))
        if what.startswith("Queues/"):
            return self._out_of_queue(what, form)
        if what != "Calls.json" or request.method != "POST":
            return _refusal(404, 20404, "The requested resource was not found")
        return self._call(form)

    def _out_of_queue(self, what: str, form: Mapping[str, str]) -> httpx2.Response:
        """A caller who waits is wanted elsewhere."""
        _, queue, _, sid = f"{what.partition('.')[0]}///".split("/")[:4]
        person = next((p for p in self._persons.values() if p.call.sid == sid and p.call.queue == queue), None)
        if person is None:
            return _refusal(404, 20404, "The requested resource was not found")
        said = asyncio.get_running_loop().create_future()
        person.wishes.put_nowait(_Mouth(words="", said=said, called_to=urlsplit(form.get("Url", "")).query))
        return httpx2.Response(200, json={"call_sid": sid, "queue_sid": queue})

    def _call(self, form: Mapping[str, str]) -> httpx2.Response:
        to, query = phone_address(form.get("To", "")), urlsplit(form.get("Url", "")).query
        if not to.startswith(("+", "client:", "sip:")):
            return _refusal(400, 21211, "The 'To' number is not a valid phone number.")
        call = PhoneCall(line=self._line(), caller=to, outbound=True, query=query)
        if "leg" in dict(parse_qsl(query)):
            self._carrier.later(self._carrier.pace.delivered, lambda: self._colleague_calls(call))
            return httpx2.Response(201, json={"sid": call.sid, "status": "queued"})
        self._carrier.later(self._carrier.pace.delivered, lambda: self._pick_up(call))
        return httpx2.Response(201, json={"sid": call.sid, "status": "queued"})

    def _recording(self, method: str, sid: str) -> httpx2.Response:
        data = self._recordings.get(sid)
        if data is None:
            return _refusal(404, 20404, "The requested resource was not found")
        if method == "DELETE":
            del self._recordings[sid]
            return httpx2.Response(204)
        return httpx2.Response(200, content=data, headers={"content-type": "audio/x-wav"})

    # ---- the customers' side

    async def say(self, address: str, words: str) -> None:
        """The customer says something, or presses keys: in the call that goes on, or in a new one. Returns when Twilio
        has passed it on."""
        person = self._persons.get(address)
        if person is None:
            person = self._hold(PhoneCall(line=self._line(), caller=address))
            self._carrier.later(0, lambda: self._live(person))
        wish = _Mouth(words=words, said=asyncio.get_running_loop().create_future())
        person.wishes.put_nowait(wish)
        await wish.said

    async def _pick_up(self, call: PhoneCall) -> None:
        if call.caller in self._persons:
            await call.hang_up(0, "busy")
            return
        await self._live(self._hold(call))

    async def _colleague_calls(self, call: PhoneCall) -> None:
        """A colleague takes their telephone, presses a key, and talks with the customer, who may be on the phone already."""
        pace = self._carrier.pace
        await call.ring()
        await asyncio.sleep(pace.hold)
        if call.waits_for == "Gather":
            await call.press("1")
        if call.waits_for == "Dial":
            called = (call.verb[0].text or "").strip()
            busy = called in self._persons
            await asyncio.sleep(0 if busy else pace.talk)
            for words in await call.colleague("busy" if busy else "completed", 0 if busy else round(pace.talk)):
                self._carrier.show(ChannelType.VOICE, called, words, call.sid)

    def _hold(self, call: PhoneCall) -> _Person:
        call.told = lambda words: self._carrier.show(ChannelType.VOICE, call.caller, words, call.sid)
        person = _Person(call=call)
        self._persons[call.caller] = person
        return person

    async def _live(self, person: _Person) -> None:
        """The call from ringing to hanging up; a wish that came too late is a new call."""
        call = person.call
        try:
            await call.ring()
            while call.waits_for is not None:
                await self._next(person)
        except SwitchboardError as error:
            log.warning("demo: a call broke off: %s", error.detail)
        finally:
            self._persons.pop(call.caller, None)
            late = [*([person.held] if person.held else []), *_all(person.wishes)]
            for wish in late:
                self._carrier.later(0, lambda wish=wish: self._again(call.caller, wish))  # type: ignore[misc]  # bound now

    async def _again(self, address: str, wish: _Mouth) -> None:
        if not wish.said.done():
            await self.say(address, wish.words)
            wish.said.set_result(None)

    async def _next(self, person: _Person) -> None:
        call = person.call
        wish = person.held or await self._wish(person, self._patience(call))
        person.held = None
        if wish is None:
            await self._nothing_said(person)
        elif wish.called_to:
            _done(wish)
            if call.queue is not None:
                await call.called_out_of_queue(wish.called_to)
        elif call.holds and not _is_keys(wish.words):
            person.held = wish  # speech does not count now
            await asyncio.sleep(self._patience(call))
            await call.stay_silent()
        else:
            await self._do(call, wish)

    async def _do(self, call: PhoneCall, wish: _Mouth) -> None:
        try:
            if call.waits_for == "Record":
                await self._leave(call, wish.words)
            elif _is_keys(wish.words):
                await call.press(wish.words)
            else:
                await call.say(wish.words)
            _done(wish)
        except SwitchboardError as error:
            if not wish.said.done():
                wish.said.set_exception(error)

    async def _leave(self, call: PhoneCall, words: str) -> None:
        seconds = max(2, len(words) // 14)
        sid = await call.leave_message(seconds, words)
        self._recordings[sid] = spoken_sound(seconds)

    async def _nothing_said(self, person: _Person) -> None:
        call = person.call
        if call.waits_for == "Gather":
            await call.stay_silent()
        elif call.waits_for == "Dial":
            await call.colleague("completed", round(self._carrier.pace.talk))
        else:
            await call.hang_up()

    def _patience(self, call: PhoneCall) -> float:
        pace = self._carrier.pace
        if call.waits_for == "Dial":
            return pace.talk
        if call.holds:
            return pace.hold
        if call.waits_for == "Gather" and int(call.verb.get("timeout", "5")) >= HOLD_FROM_S:
            return pace.hold * 4
        return pace.on_the_line

    async def _wish(self, person: _Person, seconds: float) -> _Mouth | None:
        try:
            return await asyncio.wait_for(person.wishes.get(), seconds)
        except TimeoutError:
            return None

    def _line(self) -> Line:
        known = self._carrier.secrets
        return Line(
            number=self._carrier.accounts[ChannelType.VOICE],
            account_sid=known.twilio_account,
            auth_token=known.twilio_token,
            webhook=webhook(ChannelType.VOICE),
            knock=self._knock,
        )

    async def _knock(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        answer = await self._carrier.hand_in(ChannelType.VOICE, (dict(headers), body), url, urlsplit(url).query)
        return answer.body


def spoken_sound(seconds: int) -> bytes:
    """A recording of ``seconds`` (at most ten): a hum at 8 kHz, since nobody really spoke."""
    rate = 8000
    wanted = min(seconds, 10) * rate
    samples = (int(6000 * math.sin(2 * math.pi * 180 * n / rate) * abs(math.sin(n / 1500))) for n in range(wanted))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def _is_keys(words: str) -> bool:
    return 0 < len(words) <= 20 and set(words) <= KEYS


def _done(wish: _Mouth) -> None:
    if not wish.said.done():
        wish.said.set_result(None)


def _all(wishes: asyncio.Queue[_Mouth]) -> list[_Mouth]:
    found = []
    while not wishes.empty():
        found.append(wishes.get_nowait())
    return found


def _refusal(status: int, code: int, words: str) -> httpx2.Response:
    return httpx2.Response(status, json={"code": code, "message": words, "status": status})
