"""A dependency behind its breaker: left alone after five failures, tested after half a minute, trusted after three."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from switchboard.domain.message import ChannelType
from switchboard.engines.breaker import Guard, Guards
from switchboard.engines.guarded_channel import GuardedChannel
from switchboard.errors import (
    BreakerOpen,
    ChannelNeedsAttention,
    DeliveryUnknown,
    RateLimited,
    SwitchboardError,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import BringsFiles, Channel, Outgoing
from switchboard.resilience import BreakerState
from tests.channels.payloads import make_channel, make_payload
from tests.kit import RecordingChannel, SetClock

LETTER = Outgoing(key="k", channel=ChannelType.WHATSAPP, account="1", to="+49301", text="Hello")


@dataclass(slots=True)
class Line:
    """A channel, the one behind its breaker, and the clock."""

    provider: RecordingChannel
    channel: GuardedChannel
    guard: Guard
    clock: SetClock

    async def send(self) -> str:
        """What became of one message."""
        try:
            await self.channel.send(LETTER)
        except SwitchboardError as error:
            return type(error).__name__
        return "sent"

    async def fail(self, times: int, error: Exception | None = None) -> list[str]:
        self.provider.trouble = [error or Unavailable("down") for _ in range(times)]
        return [await self.send() for _ in range(times)]


@pytest.fixture
def line() -> Line:
    clock = SetClock()
    provider, guard = RecordingChannel(ChannelType.WHATSAPP), Guard("whatsapp", clock)
    return Line(provider=provider, channel=GuardedChannel(provider, guard), guard=guard, clock=clock)


class TestAProviderThatIsDown:
    async def test_is_called_five_times_and_then_left_alone(self, line: Line) -> None:
        assert await line.fail(5) == ["Unavailable"] * 5

        assert await line.send() == "BreakerOpen"
        assert not line.provider.sent

    async def test_four_failures_and_a_success_change_nothing(self, line: Line) -> None:
        await line.fail(4)
        assert await line.send() == "sent"
        await line.fail(4)

        assert await line.send() == "sent"

    async def test_the_refusal_says_how_long_to_wait(self, line: Line) -> None:
        await line.fail(5)
        line.clock.move(seconds=10)

        with pytest.raises(BreakerOpen) as refused:
            await line.channel.send(LETTER)
        assert refused.value.retry_after == pytest.approx(20)
        assert refused.value.retryable

    async def test_waiting_is_not_an_attempt(self, line: Line) -> None:
        await line.fail(5)
        before = line.guard.breaker

        assert [await line.send() for _ in range(50)] == ["BreakerOpen"] * 50
        assert line.guard.breaker == before

    async def test_is_tested_after_thirty_seconds_and_not_before(self, line: Line) -> None:
        await line.fail(5)
        line.clock.move(seconds=29.9)
        assert await line.send() == "BreakerOpen"
        line.clock.move(seconds=0.1)

        assert await line.send() == "sent"
        assert line.guard.breaker.state is BreakerState.HALF_OPEN

    async def test_is_trusted_again_after_three_successes(self, line: Line) -> None:
        await line.fail(5)
        line.clock.move(seconds=30)
        states = []
        for _ in range(3):
            await line.send()
            states.append(line.guard.breaker.state.value)

        assert states == ["half_open", "half_open", "closed"]
        assert await line.fail(4) == ["Unavailable"] * 4

    async def test_is_left_alone_for_another_half_minute_when_the_test_fails(self, line: Line) -> None:
        await line.fail(5)
        line.clock.move(seconds=30)
        await line.send()
        await line.fail(1)
        line.clock.move(seconds=29)

        assert await line.send() == "BreakerOpen"

    async def test_gets_one_test_call_at_a_time(self, line: Line) -> None:
        await line.fail(5)
        line.clock.move(seconds=30)
        answered = asyncio.Event()
        probe = asyncio.create_task(line.guard.call(answered.wait))
        await asyncio.sleep(0)

        assert await line.send() == "BreakerOpen"
        answered.set()
        await probe
        assert await line.send() == "sent"


class TestWhatCountsAsFailure:
    @pytest.mark.parametrize("error", [Unavailable("x"), RateLimited("x"), TimeoutError(), OSError(), KeyError("x")])
    async def test_whatever_waiting_can_mend(self, line: Line, error: Exception) -> None:
        for _ in range(5):
            line.provider.trouble = [error]
            with pytest.raises(type(error)):
                await line.channel.send(LETTER)

        assert await line.send() == "BreakerOpen"

    @pytest.mark.parametrize(
        "error", [Undeliverable("x"), ChannelNeedsAttention("x"), DeliveryUnknown("x")], ids=lambda e: type(e).__name__
    )
    async def test_not_a_message_that_the_provider_refuses(self, line: Line, error: Exception) -> None:
        await line.fail(10, error)

        assert line.guard.breaker.state is BreakerState.CLOSED


class TestOtherDependencies:
    async def test_are_not_held_back_by_one_that_is_down(self) -> None:
        guards = Guards(SetClock())
        broken, well = (RecordingChannel(kind) for kind in (ChannelType.WHATSAPP, ChannelType.EMAIL))
        broken.trouble = [Unavailable("down") for _ in range(5)]
        lines = [GuardedChannel(channel, guards.named(channel.type.value)) for channel in (broken, well)]
        for _ in range(5):
            with pytest.raises(Unavailable):
                await lines[0].send(LETTER)

        await lines[1].send(LETTER)
        assert guards.states() == {"whatsapp": "open", "email": "closed"}


class TestAGuardedChannel:
    async def test_still_receives_while_sending_is_paused(self) -> None:
        clock = SetClock()
        guard = Guard("whatsapp", clock)
        channel: Channel = GuardedChannel(make_channel(ChannelType.WHATSAPP), guard)

        async def fails() -> None:
            raise Unavailable("down")

        for _ in range(5):
            with pytest.raises(Unavailable):
                await guard.call(fails)
        request = make_payload(ChannelType.WHATSAPP, "Is anybody there?")
        channel.verify(request)

        assert [event.content.text for event in channel.parse(request).events] == ["Is anybody there?"]
        assert channel.acknowledge(request, ()).status == 200

    def test_is_the_same_channel_to_everybody_else(self) -> None:
        inner = make_channel(ChannelType.EMAIL)
        channel = GuardedChannel(inner, Guard("email", SetClock()))
        request = make_payload(ChannelType.EMAIL, "Hello")

        assert (channel.type, channel.capabilities) == (inner.type, inner.capabilities)
        assert isinstance(channel, BringsFiles)
        assert channel.unpack(request)[0] == inner.parse(request)
