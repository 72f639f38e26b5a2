"""The simulated telephone: a caller waits in the queue, a colleague takes the call, and calls are placed from the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.demo.catalogue import agent_id
from switchboard.demo.world import SPARED
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.call import Call, CallOutcome, CallStage
from switchboard.domain.message import ChannelType
from switchboard.flows.agent_actions import set_status
from switchboard.flows.call_desk import place_call, take_call, telephones
from switchboard.ports.records import Page, View
from tests.demo.running import Running, eventually, running

CALLER = "+447700900777"
MAYA = agent_id(SPARED)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """Maya is known, and away."""
    async with running(tmp_path / "data") as world:
        maya = Agent(agent_id=MAYA, name="Maya", status=AgentStatus.OFFLINE)
        await world.system.app.store.write(lambda work: work.agents.save(maya))
        yield world


async def calls(demo: Running) -> tuple[Call, ...]:
    def story(work: object) -> tuple[Call, ...]:
        (talk,) = work.conversations.page(View.OPEN, Page()).items  # type: ignore[attr-defined]  # a unit of work
        return work.calls.of_conversation(talk.conversation_id)  # type: ignore[attr-defined,no-any-return]  # the same

    return await demo.system.app.store.read(story)


async def in_the_queue(demo: Running) -> Call:
    """Somebody pressed 0, and hears music."""
    await demo.world.write(ChannelType.VOICE, CALLER, "0")

    async def waits() -> bool:
        return any(call.stage is CallStage.QUEUED and call.queue_id for call in await calls(demo))

    assert await eventually(waits)
    return (await calls(demo))[0]


async def ends(demo: Running, outcome: CallOutcome) -> bool:
    async def ended() -> bool:
        return any(call.ended_at is not None and call.outcome is outcome for call in await calls(demo))

    return await eventually(ended)


async def test_a_caller_waits_with_a_place_and_is_connected(demo: Running) -> None:
    app = demo.system.app
    assert telephones(app) == {MAYA}
    call = await in_the_queue(demo)
    assert call.conversation_id is not None

    await set_status(app, MAYA, AgentStatus.AVAILABLE, "maya")
    await take_call(app, call.conversation_id, MAYA, "maya")

    assert await ends(demo, CallOutcome.CONNECTED)
    heard = [words.text for words in demo.world.shown(ChannelType.VOICE, CALLER)]
    assert "You are number 1 in the line." in heard


async def test_who_chose_a_call_back_is_called_from_the_desk(demo: Running) -> None:
    app = demo.system.app
    call = await in_the_queue(demo)
    await demo.world.write(ChannelType.VOICE, CALLER, "2")
    assert await ends(demo, CallOutcome.CALL_BACK)
    assert call.conversation_id is not None

    await place_call(app, call.conversation_id, MAYA, "maya")

    assert await ends(demo, CallOutcome.CONNECTED)
    assert [one.agent_id for one in await calls(demo)] == [None, MAYA]
