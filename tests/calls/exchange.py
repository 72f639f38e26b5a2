"""A world in memory with a telephone: real flows and store, Twilio's side simulated, time moved by the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx2

from switchboard.calls.rules import CallLimits
from switchboard.channels.twiml import Speaker
from switchboard.channels.voice import Voice
from switchboard.channels.voice_line import TwilioLine
from switchboard.demo.simulators.phone import Line, PhoneCall
from switchboard.domain.call import Call
from switchboard.domain.conversation import Conversation
from switchboard.domain.message import ChannelType, ConversationMessage
from switchboard.engines.fetcher import GuardedFetcher
from switchboard.flows.calls import Telephone
from switchboard.flows.intake import receive_request
from switchboard.flows.media import fetch_media
from switchboard.ports.channel import RawRequest
from switchboard.ports.records import JobKind
from switchboard.worker.pool import attempt
from tests.kit import World, open_world

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "12345"
NUMBER = "+18005550199"
CALLER = "+14155550100"
WEBHOOK = "https://switchboard.example.com/channels/voice"


@dataclass(slots=True)
class Exchange:
    """The world with its telephone. ``placed``: the forms with which we asked Twilio to call somebody; ``fetched``: calls
    that we asked out of Twilio's queue, with the address where they go on (``deaf``: Twilio refuses that). ``refuses``:
    Twilio places no calls now."""

    world: World
    phone: Telephone
    placed: list[dict[str, str]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    fetched: list[tuple[str, str]] = field(default_factory=list)
    deaf: bool = False
    refuses: bool = False

    def fetch(self, request: httpx2.Request) -> httpx2.Response:
        if self.deaf:
            return httpx2.Response(500, json={"code": 20500, "message": "Internal Server Error"})
        address = dict(parse_qsl(request.content.decode()))["Url"]
        self.fetched.append((request.url.path.rpartition("/")[2].partition(".")[0], urlsplit(address).query))
        return httpx2.Response(200, json={"call_sid": self.fetched[-1][0]})

    def recording(self, request: httpx2.Request) -> httpx2.Response:
        """Twilio's copy of a voice message: needs our credentials, and can be deleted."""
        sid = request.url.path.rpartition("/")[2].partition(".")[0]
        if not request.headers.get("authorization", "").startswith("Basic "):
            return httpx2.Response(401)
        if sid not in self.recordings:
            return httpx2.Response(404)
        if request.method == "DELETE":
            del self.recordings[sid]
            return httpx2.Response(204)
        return httpx2.Response(200, content=self.recordings[sid], headers={"content-type": "audio/x-wav"})

    async def fetch_files(self) -> None:
        """One try of every job that fetches files."""
        for job in await self.world.claim(JobKind.MEDIA):
            await attempt(self.world.app, job, fetch_media)

    async def knock(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        answer = await receive_request(self.world.app, ChannelType.VOICE, self.request(url, headers, body))
        assert answer.status == 200
        return answer.body

    def request(self, url: str, headers: Mapping[str, str], body: bytes) -> RawRequest:
        return RawRequest(
            method="POST",
            url=url,
            headers=dict(headers),
            query=dict(parse_qsl(urlsplit(url).query)),
            body=body,
            received_at=self.world.clock.now(),
        )

    @property
    def line(self) -> Line:
        return Line(number=NUMBER, account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, webhook=WEBHOOK, knock=self.knock)

    async def dial_in(self, caller: str = CALLER) -> PhoneCall:
        """Somebody calls and hears the greeting."""
        call = PhoneCall(line=self.line, caller=caller)
        await call.ring()
        return call

    async def pick_up(self, form: Mapping[str, str], sid: str) -> PhoneCall:
        """The customer takes our call."""
        call = PhoneCall(line=self.line, caller=form["To"], outbound=True, query=urlsplit(form["Url"]).query, sid=sid)
        await call.ring()
        return call

    async def asks(self, call: PhoneCall, words: str) -> None:
        """Says something, and waits until it was worked on."""
        await call.say(words)
        await self.world.drain()

    async def rest(self, call: PhoneCall, seconds: float = 3.0) -> None:
        """The pause is over: Twilio asks again."""
        self.world.clock.move(seconds=seconds)
        await self.world.drain()
        await call.stay_silent()

    async def record(self, call: PhoneCall) -> Call:
        found = await self.world.read(lambda work: work.calls.get(call.sid))
        assert found is not None
        return found

    async def conversation(self, call: PhoneCall) -> Conversation:
        conversation_id = (await self.record(call)).conversation_id
        assert conversation_id is not None
        return await self.world.conversation(conversation_id)

    async def transcript(self, call: PhoneCall) -> list[str]:
        """``customer: …`` and ``automation: …`` in order."""
        return [f"{m.author.value}: {m.content.text}" for m in await self.messages(call)]

    async def messages(self, call: PhoneCall) -> tuple[ConversationMessage, ...]:
        return await self.world.timeline((await self.conversation(call)).conversation_id)


@asynccontextmanager
async def open_exchange(
    *,
    speaker: Speaker | None = None,
    speakers: Mapping[str, Speaker] | None = None,
    colleagues: Mapping[str, str] | None = None,
    limits: CallLimits | None = None,
    relays: bool = False,
    places: bool = True,
    music: str = "",
) -> AsyncIterator[Exchange]:
    """A fresh exchange; nobody works there yet."""
    async with open_world() as world:
        line = TwilioLine(public_url=WEBHOOK, number=NUMBER, usual=speaker or Speaker(), speakers=dict(speakers or {}),
                          music=music)  # fmt: skip
        phone = Telephone(
            line=line, colleagues=dict(colleagues or {}), limits=limits or CallLimits(), relays=relays, places=places
        )
        exchange = Exchange(world=world, phone=phone)

        def twilio(request: httpx2.Request) -> httpx2.Response:
            if "/Recordings/" in request.url.path:
                return exchange.recording(request)
            if "/Queues/" in request.url.path:
                return exchange.fetch(request)
            if exchange.refuses:
                return httpx2.Response(503, json={"code": 20503, "message": "Service Unavailable"})
            exchange.placed.append(dict(parse_qsl(request.content.decode())))
            return httpx2.Response(201, json={"sid": f"CA{len(exchange.placed):032d}", "status": "queued"})

        client = httpx2.AsyncClient(transport=httpx2.MockTransport(twilio))
        voice = Voice(
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=NUMBER,
            public_url=WEBHOOK,
            client=client,
            now=world.clock.now,
            fetcher=GuardedFetcher(client),
            deletes=True,
        )
        world.app.channels = {**world.app.channels, ChannelType.VOICE: voice}
        world.app.talks = {ChannelType.VOICE: phone}
        yield exchange
