"""What an agent sees of somebody who wrote on while waiting for a person."""

from __future__ import annotations

from switchboard.domain.agent import AgentStatus
from switchboard.domain.event import EventType
from switchboard.domain.ids import ConversationId
from switchboard.domain.message import ChannelType
from switchboard.flows.agent_actions import set_status
from switchboard.views.desk import ConversationPage, conversation_page
from switchboard.views.line import LineMark, Mark
from tests.kit import World, play


async def waits(world: World) -> ConversationId:
    """Nobody is on duty, and they write three times."""
    for text in ("I want to talk to a person, please!", "Hello?", "Is anybody there?"):
        message = await world.say(text, ChannelType.INSTAGRAM)
        await world.drain()
        world.clock.move(minutes=1)
    return message.conversation_id


async def seen(world: World, talk: ConversationId) -> ConversationPage:
    return await world.read(lambda work: conversation_page(work, talk, None))


class TestSomebodyWhoWroteOnWhileWaiting:
    def test_is_told_once_to_wait(self) -> None:
        async def story(world: World) -> None:
            page = await seen(world, await waits(world))

            marks = [item for item in page.timeline.items if isinstance(item, LineMark)]
            queued = [event for event in await world.events() if event.type is EventType.QUEUED]
            assert len(queued) > 1
            assert [mark.kind for mark in marks].count(Mark.QUEUED) <= 1

        play(story)

    def test_and_is_served_then_shows_how_the_urgency_adds_up(self) -> None:
        async def story(world: World) -> None:
            talk = await waits(world)
            agent_id = await world.hire("Maya")
            await set_status(world.app, agent_id, AgentStatus.OFFLINE, "maya")
            await set_status(world.app, agent_id, AgentStatus.AVAILABLE, "maya")
            await world.drain()

            page = await seen(world, talk)

            assert page.assigned is not None
            assert page.decision is not None
            assert sum(f.contribution for f in page.decision.urgency.factors) != 0

        play(story)
