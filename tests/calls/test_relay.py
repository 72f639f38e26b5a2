"""A call over our socket: text in, text out, interruptions, keys, and handing the call back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from switchboard.api import voice_relay
from switchboard.channels.signing import twilio_signature
from switchboard.channels.voice_relay import TwilioRelay
from switchboard.demo.simulators.phone import PhoneCall
from switchboard.domain.inbound import Fate
from switchboard.errors import InvalidInput
from switchboard.ports.phone_line import RelayKind
from switchboard.ports.records import Page
from tests.calls.exchange import AUTH_TOKEN, CALLER, NUMBER, Exchange, open_exchange
from tests.kit import ASKS_DELIVERY
from tests.shared import FIXTURES

PUBLIC = "https://switchboard.example.com"
SOCKET = "wss://switchboard.example.com/channels/voice/relay"
DELIVERY = "Standard delivery takes 2 to 4 working days."


@dataclass(slots=True)
class Relay:
    """Twilio's end of the socket."""

    exchange: Exchange
    call: PhoneCall
    socket: ClientConnection
    spoken: list[str] = field(default_factory=list)

    async def send(self, **frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def hears(self) -> str:
        """One whole utterance of ours."""
        words = ""
        while True:
            frame: dict[str, object] = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            assert frame["type"] == "text", frame
            words += str(frame["token"])
            if frame["last"]:
                return words

    async def ends(self) -> dict[str, object]:
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
        assert frame["type"] == "end"
        found: dict[str, object] = json.loads(frame["handoffData"])
        return found

    async def asks(self, words: str) -> str:
        """Says something; gives the words with which the line is held, once the question was worked on."""
        await self.send(type="prompt", voicePrompt=words, lang="en-US", last=True)
        held = await self.hears()
        await self.exchange.world.drain()
        return held


@asynccontextmanager
async def served(exchange: Exchange) -> AsyncIterator[int]:
    """Our socket on a free port of this machine."""
    app = FastAPI()
    app.include_router(voice_relay.router)
    app.state.switchboard, app.state.public_url = exchange.world.app, PUBLIC
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  # the server has no event for it
        await asyncio.sleep(0.01)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def relayed(exchange: Exchange, *, signature: str | None = None) -> AsyncIterator[Relay]:
    call = await exchange.dial_in()
    async with served(exchange) as port:
        headers = {"X-Twilio-Signature": signature or twilio_signature(SOCKET, {}, AUTH_TOKEN)}
        url = f"ws://127.0.0.1:{port}/channels/voice/relay"
        async with connect(url, additional_headers=headers) as opened:
            relay = Relay(exchange, call, opened)
            await relay.send(
                type="setup", sessionId="VX1", callSid=call.sid, to=NUMBER, direction="inbound",
                customParameters={}, **{"from": CALLER},
            )  # fmt: skip
            yield relay


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with open_exchange(relays=True) as opened:
        await opened.world.allow_automation()
        yield opened


class TestARelayedCall:
    async def test_is_handed_to_our_socket_with_the_greeting(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()

        relay = call.verb.find("ConversationRelay")
        assert relay is not None
        assert (relay.get("url"), relay.get("dtmfDetection")) == (SOCKET, "true")
        assert "automated assistant" in call.heard[0]

    async def test_is_answered_in_sentences_as_soon_as_the_answer_is_there(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            held = await relay.asks(ASKS_DELIVERY)
            answer = await relay.hears()

        assert "looking into it" in held
        assert DELIVERY in answer
        assert [line.partition(":")[0] for line in await exchange.transcript(relay.call)] == ["customer", "automation"]

    async def test_takes_no_half_sentences(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            await relay.send(type="prompt", voicePrompt="How long", lang="en-US", last=False)
            await relay.asks(ASKS_DELIVERY)

        assert (await exchange.transcript(relay.call))[0] == f"customer: {ASKS_DELIVERY}"

    async def test_keeps_of_an_interrupted_answer_what_was_heard(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            await relay.asks(ASKS_DELIVERY)
            await relay.hears()
            await relay.send(type="interrupt", utteranceUntilInterrupt="Hello, Thank you", durationUntilInterruptMs=900)
            await relay.send(type="something_new")
            await relay.asks("And by express?")

        assert (await exchange.transcript(relay.call))[1] == "automation: Hello, Thank you … (interrupted)"

    async def test_key_0_and_then_a_colleague_s_telephone(self) -> None:
        async with open_exchange(relays=True, colleagues={"agt_maya": "+4930999"}) as exchange:
            await exchange.world.hire("Maya")
            async with relayed(exchange) as relay:
                await relay.send(type="dtmf", digit="0")
                assert "looking for a colleague" in await relay.hears()
                await exchange.world.drain()
                reason = await asyncio.wait_for(relay.ends(), 10)

            assert reason == {"reason": "dial"}
            await relay.call.relay_ended(reason)
            assert relay.call.waits_for == "Dial"
            assert relay.call.verb.findtext("Number") == "+4930999"

    async def test_key_0_and_then_the_queue(self) -> None:
        async with open_exchange(relays=True, colleagues={"agt_maya": "+4930999"}) as exchange:
            async with relayed(exchange) as relay:
                await relay.send(type="dtmf", digit="0")
                await relay.hears()
                await exchange.world.drain()
                reason = await asyncio.wait_for(relay.ends(), 10)

            assert reason == {"reason": "enqueue"}
            await relay.call.relay_ended(reason)
            assert relay.call.queue is not None
            assert "You are number 1 in the line." in relay.call.heard

    async def test_key_3_is_handed_back_for_the_recording(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            await relay.send(type="dtmf", digit="3")
            reason = await relay.ends()

        await relay.call.relay_ended(reason)
        assert relay.call.waits_for == "Record"
        assert await relay.call.repeat() == relay.call.documents[-1]

    async def test_whose_socket_breaks_goes_on_by_webhook(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            await relay.asks(ASKS_DELIVERY)
            await relay.hears()

        await relay.call.relay_ended(status="failed")
        assert relay.call.waits_for == "Gather"
        await exchange.asks(relay.call, "And by express?")
        assert "looking into it" in relay.call.heard[-1]


class TestASocketThatIsNotTwilio:
    async def test_is_refused_at_the_door(self, exchange: Exchange) -> None:
        with pytest.raises(InvalidStatus):
            async with relayed(exchange, signature="AAAA"):
                pass

    async def test_that_does_not_say_which_call_is_closed(self, exchange: Exchange) -> None:
        async with served(exchange) as port:
            headers = {"X-Twilio-Signature": twilio_signature(SOCKET, {}, AUTH_TOKEN)}
            async with connect(f"ws://127.0.0.1:{port}/channels/voice/relay", additional_headers=headers) as opened:
                await opened.send("{}")
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(opened.recv(), 10)

    async def test_a_frame_that_cannot_be_read_is_kept_and_the_call_goes_on(self, exchange: Exchange) -> None:
        async with relayed(exchange) as relay:
            await relay.socket.send('{"type": "prompt", "voicePr')
            await relay.asks(ASKS_DELIVERY)

        kept = await exchange.world.read(lambda work: work.payloads.page(Page(limit=20)))
        assert [item.fate for item in kept.items].count(Fate.DEAD_LETTER) == 1


class TestTheFrames:
    def test_of_a_captured_script_read_as_written_beside_it(self) -> None:
        script = json.loads((FIXTURES / "channels" / "voice" / "conversation-relay.json").read_text(encoding="utf-8"))
        codec, expect = TwilioRelay(), script["expect"]
        first, *others = (json.dumps(frame) for frame in script["frames"])

        assert codec.read_setup(first).call_id == "CA" + "1" * 32
        frames = [codec.read_frame(frame) for frame in others]
        assert [f.words for f in frames if f.kind is RelayKind.PROMPT and f.last] == expect["utterances"]
        assert [f.digit for f in frames if f.kind is RelayKind.DTMF] == expect["digits"]
        assert [f.words for f in frames if f.kind is RelayKind.INTERRUPT] == [expect["heard_by_caller"]]
        assert sum(f.kind is RelayKind.OTHER for f in frames) == expect["unknown_frames_ignored"]

    def test_cut_anywhere_are_refused_or_read(self) -> None:
        script = json.loads((FIXTURES / "channels" / "voice" / "conversation-relay.json").read_text(encoding="utf-8"))
        codec = TwilioRelay()
        for frame in map(json.dumps, script["frames"]):
            for end in range(0, len(frame), 10):
                with pytest.raises(InvalidInput):
                    codec.read_frame(frame[:end])

    def test_speak_sentence_by_sentence_and_mark_the_last(self) -> None:
        frames = [json.loads(frame) for frame in TwilioRelay().text_frames("It is here. Anything else?")]

        assert [(f["token"], f["last"]) for f in frames] == [("It is here. ", False), ("Anything else?", True)]
