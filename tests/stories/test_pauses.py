"""A paused channel is known to every process: the desk, the health page and the command line say so."""

from __future__ import annotations

from switchboard.domain.message import ChannelType
from switchboard.flows import pauses
from switchboard.flows.app import Accounts
from switchboard.flows.channel_status import ChannelState, channel_states
from tests.kit import World, open_world


async def paused_in_one_process(world: World) -> None:
    """The breaker is open there; then another process, whose own is closed, looks."""
    world.app.accounts = Accounts(breakers=lambda: {"whatsapp": "open", "language_model": "open", "email": "closed"})
    await pauses.tell(world.app)
    world.app.accounts = Accounts(breakers=dict)


class TestAPausedChannel:
    async def test_is_told_by_another_process_while_the_pause_lasts(self) -> None:
        async with open_world() as world:
            await paused_in_one_process(world)
            during = {one.channel: one for one in await channel_states(world.app)}
            world.clock.move(seconds=61)
            after = {one.channel: one for one in await channel_states(world.app)}

        whatsapp = during[ChannelType.WHATSAPP]
        assert whatsapp.state is ChannelState.NEEDS_ATTENTION
        assert whatsapp.reasons == ("sending is paused after repeated failures and is tried again by itself",)
        assert during[ChannelType.EMAIL].state is ChannelState.OK
        assert after[ChannelType.WHATSAPP].state is ChannelState.OK

    async def test_says_it_again_only_now_and_then(self) -> None:
        async with open_world() as world:
            await paused_in_one_process(world)
            first = await world.app.store.read(lambda work: pauses.read(work, world.clock.now()))
            world.clock.move(seconds=5)
            await paused_in_one_process(world)
            second = await world.app.store.read(lambda work: pauses.read(work, world.clock.now()))
            world.clock.move(seconds=20)
            await paused_in_one_process(world)
            third = await world.app.store.read(lambda work: pauses.read(work, world.clock.now()))

        assert first == second
        assert third[ChannelType.WHATSAPP] > first[ChannelType.WHATSAPP]
