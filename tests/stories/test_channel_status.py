"""How channels are doing: what stops them, what will soon, and what a provider has that we do not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from switchboard.domain.message import ChannelType
from switchboard.errors import NotFound
from switchboard.flows import attention
from switchboard.flows.app import Accounts
from switchboard.flows.channel_status import ChannelState, ChannelStatus, ask_provider, channel_states, reconcile
from switchboard.flows.intake import receive_events
from switchboard.ports.channel import Parsed
from switchboard.ports.channel_check import Checked, Finding, ProviderItem
from tests.kit import MONDAY, World, open_world, said

WHATSAPP, TWITTER = ChannelType.WHATSAPP, ChannelType.TWITTER
BAD = Finding(what="access", well=False, detail="the token is over", fix="renew it")


@dataclass(frozen=True)
class Provider:
    """Finds what it is told to find."""

    found: Checked = field(default_factory=lambda: Checked(findings=()))
    came: tuple[str, ...] = ()

    async def check(self) -> Checked:
        return self.found

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        return tuple(ProviderItem(account="", external_id=key) for key in self.came)


def set_up(world: World, provider: Provider, channel: ChannelType = WHATSAPP, **more: object) -> None:
    accounts = Accounts(sources={channel: "stored"}, probes={channel: provider})
    world.app.accounts = replace(accounts, **more)  # type: ignore[arg-type]  # the fields that a test names


async def state_of(world: World, channel: ChannelType = WHATSAPP) -> ChannelStatus:
    return next(one for one in await channel_states(world.app) if one.channel is channel)


class TestAChannel:
    async def test_is_well_until_a_test_finds_something(self) -> None:
        async with open_world() as world:
            set_up(world, Provider(found=Checked(findings=(BAD,))))
            before = await state_of(world)
            await ask_provider(world.app, WHATSAPP, "test")
            after = await state_of(world)

        assert (before.state, before.source) == (ChannelState.OK, "stored")
        assert (after.state, after.reasons) == (ChannelState.NEEDS_ATTENTION, ("access: the token is over",))

    async def test_tells_what_the_provider_refused_and_that_sending_is_paused(self) -> None:
        async with open_world() as world:
            set_up(world, Provider(), breakers=lambda: {"whatsapp": "open"})
            await world.write(lambda work: attention.note(work, world.app, WHATSAPP, "the token is refused"))
            found = await state_of(world)

        assert found.state is ChannelState.NEEDS_ATTENTION
        assert len(found.reasons) == 2
        assert found.reasons[0].startswith("the token is refused")

    @pytest.mark.parametrize(
        ("days", "state", "warned"),
        [
            (15, ChannelState.OK, False),
            (14, ChannelState.OK, True),
            (1, ChannelState.OK, True),
            (-1, ChannelState.NEEDS_ATTENTION, False),
        ],
    )
    async def test_warns_two_weeks_before_access_ends(self, days: int, state: ChannelState, warned: bool) -> None:
        async with open_world() as world:
            set_up(world, Provider(), expiries={WHATSAPP: MONDAY + timedelta(days=days)})
            found = await state_of(world)

        assert (found.state, bool(found.warnings)) == (state, warned)

    async def test_that_nobody_set_up_says_so(self) -> None:
        async with open_world() as world:
            set_up(world, Provider())

            assert (await state_of(world, TWITTER)).state is ChannelState.NOT_CONFIGURED
            with pytest.raises(NotFound):
                await ask_provider(world.app, TWITTER, "test")


class TestADayComparedWithTheProvider:
    async def test_names_what_we_do_not_hold(self) -> None:
        async with open_world() as world:
            set_up(world, Provider(came=("dm-1", "dm-2")), TWITTER)
            event = said("Hello", TWITTER, external_id="dm-1")
            await receive_events(world.app, TWITTER, Parsed(events=(event,)), b"")
            found = await reconcile(world.app, TWITTER, MONDAY, MONDAY + timedelta(days=1))

        assert (found.theirs, found.ours, found.missing) == (2, 1, ("dm-2",))

    async def test_says_which_providers_cannot_be_asked(self) -> None:
        async with open_world() as world:
            set_up(world, Provider())

            assert (await reconcile(world.app, WHATSAPP, MONDAY, MONDAY)).silent
