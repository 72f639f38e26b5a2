"""Twilio's words about its queue and about the other side of a call, and what we ask of it there."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest

from switchboard.channels.voice import Voice
from switchboard.channels.voice_events import read_webhook
from switchboard.channels.voice_turns import read_turn
from switchboard.domain.call import CallHeard, CallKey, CallLeg, CallStatus
from switchboard.domain.inbound import InboundKind
from switchboard.errors import ChannelNeedsAttention, NotFound, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import RawRequest

WEBHOOK = "https://switchboard.example.com/channels/voice"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KNOWN = {
    "AccountSid": "AC" + "0" * 32, "CallSid": "CA" + "1" * 32, "From": "+14155550100", "To": "+18005550199",
    "CallStatus": "in-progress", "Direction": "inbound", "ApiVersion": "2010-04-01",
}  # fmt: skip
QUEUE = "QU" + "2" * 32
WAITS = {"QueueSid": QUEUE, "QueuePosition": "3", "QueueTime": "41", "AvgQueueTime": "90", "CurrentQueueSize": "7"}


def asked(query: str, **fields: str) -> RawRequest:
    return RawRequest(
        method="POST", url=f"{WEBHOOK}?{query}", headers={}, query=dict(parse_qsl(query)),
        body=urlencode({**KNOWN, **fields}).encode(), received_at=NOW,
    )  # fmt: skip


class TestTheWaitDocument:
    def test_is_asked_for_by_somebody_in_the_queue(self) -> None:
        turn = read_turn(asked("step=4&wait=1", **WAITS))

        assert (turn.heard, turn.in_queue, turn.queue_id, turn.step) == (CallHeard.WAITED, True, QUEUE, 4)

    def test_hears_a_key(self) -> None:
        turn = read_turn(asked("step=4&wait=1", Digits="2", **WAITS))

        assert (turn.heard, turn.key) == (CallHeard.KEY, CallKey.CALL_BACK)


class TestLeavingTheQueue:
    @pytest.mark.parametrize("result", ["leave", "redirected"])
    def test_because_we_asked_for_it(self, result: str) -> None:
        turn = read_turn(asked("step=4&left=1", QueueResult=result, QueueSid=QUEUE, QueueTime="41"))

        assert (turn.heard, turn.left, turn.queue_failed) == (CallHeard.LEFT, True, False)

    @pytest.mark.parametrize("result", ["queue-full", "error", "system-error", "something new"])
    def test_because_it_could_not_hold_them(self, result: str) -> None:
        turn = read_turn(asked("step=4&left=1", QueueResult=result))

        assert (turn.heard, turn.queue_failed) == (CallHeard.LEFT, True)

    def test_because_they_hung_up(self) -> None:
        turn = read_turn(asked("step=4&left=1", QueueResult="hangup", CallStatus="in-progress"))

        assert (turn.heard, turn.status) == (CallHeard.ENDED, CallStatus.COMPLETED)

    def test_because_somebody_dialled_the_queue(self) -> None:
        turn = read_turn(asked("step=4&left=1", QueueResult="bridged", QueueTime="41"))

        assert (turn.heard, turn.dial_answered) == (CallHeard.DIALLED, True)

    def test_is_kept_as_an_event_of_the_call(self) -> None:
        (event,) = read_webhook(asked("step=4&left=1", QueueResult="leave", QueueSid=QUEUE)).events

        assert (event.kind, event.metadata["call_event"], event.metadata["status"]) == (
            InboundKind.SYSTEM, "queue_left", "leave",
        )  # fmt: skip


class TestTheOtherSide:
    def test_speaks_for_nobody(self) -> None:
        (event,) = read_webhook(asked("leg=agent&talk=cnv_1&agent=agt_1", CallerName="Maya", Digits="1")).events

        assert (event.kind, event.senders, event.sender_name) == (InboundKind.IGNORED, (), None)

    def test_says_for_which_conversation_and_agent(self) -> None:
        turn = read_turn(asked("leg=agent&talk=cnv_1&agent=agt_1&step=1&confirmed=1", Digits="5"))

        assert (turn.leg, turn.conversation_id, turn.agent_id, turn.confirmed) == (
            CallLeg.AGENT, "cnv_1", "agt_1", True,
        )  # fmt: skip

    def test_is_not_confirmed_without_a_key(self) -> None:
        assert not read_turn(asked("leg=whisper&of=CA1&confirmed=1", Digits="")).confirmed

    @pytest.mark.parametrize(("bridged", "talked"), [("true", True), ("false", False), ("", True), (None, True)])
    def test_took_the_call_only_if_two_were_connected(self, bridged: str | None, talked: bool) -> None:
        more = {"DialBridged": bridged} if bridged is not None else {}

        turn = read_turn(asked("step=2", DialCallStatus="completed", DialCallDuration="9", **more))

        assert (turn.heard, turn.dial_answered) == (CallHeard.DIALLED, talked)


class TestWhatWeAskOfTwilio:
    def voice(self, *answers: httpx2.Response | Exception) -> Voice:
        waiting = list(answers)
        self.asked: list[httpx2.Request] = []

        def twilio(request: httpx2.Request) -> httpx2.Response:
            self.asked.append(request)
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        client = httpx2.AsyncClient(transport=httpx2.MockTransport(twilio))
        return Voice(
            account_sid="AC1", auth_token="12345", number="+18005550199", public_url=WEBHOOK, client=client,
            now=lambda: NOW,
        )  # fmt: skip

    async def test_to_ring_a_colleague(self) -> None:
        voice = self.voice(httpx2.Response(201, json={"sid": "CA9"}))

        call = await voice.ring("sip:maya@example.org", "", {"leg": "agent", "talk": "cnv_1"})

        form = dict(parse_qsl(self.asked[0].content.decode()))
        assert (call, form["To"], form["From"]) == ("CA9", "sip:maya@example.org", "+18005550199")
        assert dict(parse_qsl(urlsplit(form["Url"]).query)) == {"leg": "agent", "talk": "cnv_1"}
        assert self.asked[0].headers["authorization"].startswith("Basic ")

    async def test_to_give_us_a_caller_who_waits(self) -> None:
        voice = self.voice(httpx2.Response(200, json={"call_sid": "CA1"}))

        await voice.call_out_of_queue("CA1", "../QU2", {"step": "4", "left": "1"})

        assert self.asked[0].url.raw_path.endswith(b"/Accounts/AC1/Queues/..%2FQU2/Members/CA1.json")
        assert dict(parse_qsl(self.asked[0].content.decode()))["Url"] == f"{WEBHOOK}?step=4&left=1"

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx2.Response(404, json={"code": 20404}), NotFound),
            (httpx2.Response(429, json={"code": 20429}), RateLimited),
            (httpx2.Response(500, text="oops"), Unavailable),
            (httpx2.Response(401, json={"code": 20003}), ChannelNeedsAttention),
            (httpx2.ConnectError("no line"), Unavailable),
        ],
    )
    async def test_a_refusal_says_what_it_is(self, answer: httpx2.Response | Exception, error: type[Exception]) -> None:
        with pytest.raises(error):
            await self.voice(answer).call_out_of_queue("CA1", QUEUE, {"step": "4", "left": "1"})

    async def test_a_number_that_cannot_be_called(self) -> None:
        with pytest.raises(Undeliverable):
            await self.voice(httpx2.Response(400, json={"code": 21211})).ring("+1", "", {})
