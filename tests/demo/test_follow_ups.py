"""What the demo's customers say to an answer, they say once."""

from __future__ import annotations

import asyncio
from collections import deque

from switchboard.demo.shapes import FollowUp
from switchboard.demo.simulators.carrier import Heard
from switchboard.demo.world import DemoWorld, Liveliness, _Writer
from switchboard.domain.message import ChannelType
from switchboard.engines.clock import SystemClock
from tests.demo.running import QUICK


class Eager(DemoWorld):
    """It is always this customer's turn, and their words are kept."""

    said: tuple[str, ...] = ()

    async def _is_their_turn(self, writer: _Writer) -> bool:
        await asyncio.sleep(0)
        return True

    async def _write(self, writer: _Writer, text: str, subject: str | None = None) -> None:
        self.said = (*self.said, text)


class TestTwoAnswersAtOnce:
    async def test_bring_the_last_word_once_and_no_error(self) -> None:
        world = Eager(pace=QUICK, liveliness=Liveliness(per_minute=0, patience=0.01))
        writer = _Writer(channel=ChannelType.WHATSAPP, address="+447700900555")
        world._talks[writer.key] = writer, deque([FollowUp(text="Thanks!", wait_s=1)])
        heard = Heard(
            channel=ChannelType.WHATSAPP, address=writer.key[1], text="Hi", external_id="1", at=SystemClock().now()
        )
        await world.open()
        await asyncio.gather(world._follow_up(heard), world._follow_up(heard))
        await world.stop()

        assert world.said == ("Thanks!",)
