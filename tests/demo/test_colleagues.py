"""The demo's other agents settle what the routing gives them, and keep their hands off everything else."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from switchboard.demo.colleagues import Colleagues, Manner
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, new_conversation_id, new_customer_id, new_message_id
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.flows.app import App
from switchboard.ports.records import AgentDraft
from switchboard.ports.store import Work
from tests.demo.small_app import NOW, make_app
from tests.stores.opening import SetClock

JONAS = AgentId("agt_jonas")
BEGAN = NOW


@dataclass(slots=True, kw_only=True)
class Office:
    """Jonas has one conversation; its customer has been waiting since ``BEGAN``."""

    app: App
    conversation: Conversation

    async def now(self) -> Conversation:
        key = self.conversation.conversation_id
        found = await self.app.store.read(lambda work: work.conversations.get(key))
        assert found is not None
        return found

    async def untouched_by(self, team: Colleagues) -> bool:
        for _ in range(3):
            await team.work()
        return (await self.now()).version == self.conversation.version

    def later(self, seconds: float) -> None:
        assert isinstance(self.app.clock, SetClock)
        self.app.clock.time += timedelta(seconds=seconds)

    def team(self, since: datetime = BEGAN, spared: AgentId | None = None) -> Colleagues:
        manner = Manner(think_s=30, quiet_s=60, spared=spared)
        return Colleagues(app=self.app, since=since, manner=manner, dice=random.Random(1))


async def office_with(rule: str = "next_in_queue", intent: str = "complaint") -> Office:
    app = make_app()
    conversation = Conversation(
        conversation_id=new_conversation_id(),
        customer_id=new_customer_id(),
        state=ConversationState(handler=Handler.AGENT, assigned_agent_id=JONAS),
        channels=(ChannelType.WHATSAPP,),
        created_at=BEGAN,
        last_activity_at=BEGAN,
        last_sequence=1,
        last_channel=ChannelType.WHATSAPP,
        needs_reply_since=BEGAN,
        intent=intent,
        sentiment_score=0.4,
        language="de",
    )
    await app.store.write(lambda work: _open(work, conversation, rule))
    office = Office(app=app, conversation=conversation)
    office.conversation = await office.now()
    return office


def _open(work: Work, conversation: Conversation, rule: str) -> None:
    work.agents.save(Agent(agent_id=JONAS, name="Jonas Weber", status=AgentStatus.AVAILABLE))
    work.agents.reserve(JONAS)
    work.customers.add(CustomerProfile(customer_id=conversation.customer_id, name="Lea", created_at=BEGAN))
    work.conversations.add(conversation)
    work.messages.add(
        ConversationMessage(
            message_id=new_message_id(),
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            channel=ChannelType.WHATSAPP,
            account="1",
            direction=Direction.INBOUND,
            author=Author.CUSTOMER,
            kind=MessageKind.TEXT,
            content=MessageContent(text="Die Maschine ist kaputt."),
            timestamp=BEGAN,
            sequence=1,
        )
    )
    dimensions = {"agent_id": JONAS, "rule": rule}
    given = Event(
        type=EventType.ASSIGNED, at=BEGAN, conversation_id=conversation.conversation_id, dimensions=dimensions
    )
    work.events.append(given)


@pytest.fixture
async def office() -> Office:
    return await office_with()


class TestWhatTheyTake:
    async def test_a_customer_who_waited_is_answered_in_their_language(self, office: Office) -> None:
        office.later(40)

        await office.team().work()

        key = office.conversation.conversation_id
        said = (await office.app.store.read(lambda work: work.messages.newest(key)))[-1]
        assert (said.author, said.agent_id) == (Author.AGENT, JONAS)
        assert "hier ist Jonas" in said.content.text

    async def test_a_conversation_that_went_quiet_is_settled_and_the_place_is_free(self, office: Office) -> None:
        team = office.team()
        office.later(40)
        await team.work()
        office.later(70)

        await team.work()

        jonas = await office.app.store.read(lambda work: work.agents.get(JONAS))
        assert (await office.now()).state.status is ConversationStatus.RESOLVED
        assert jonas is not None
        assert jonas.current_workload == 0

    async def test_a_word_of_thanks_needs_no_answer(self) -> None:
        office = await office_with(intent="feedback")
        office.later(40)

        await office.team().work()

        after = await office.now()
        assert after.state.status is ConversationStatus.RESOLVED
        assert after.last_sequence == 1


class TestWhatTheyLeave:
    async def test_somebody_who_has_just_written_gets_a_moment(self, office: Office) -> None:
        office.later(10)

        assert await office.untouched_by(office.team())

    async def test_what_was_under_way_before_they_began(self, office: Office) -> None:
        office.later(600)

        assert await office.untouched_by(office.team(since=BEGAN + timedelta(seconds=500)))

    async def test_the_desk_of_the_spared_agent(self, office: Office) -> None:
        office.later(600)

        assert await office.untouched_by(office.team(spared=JONAS))

    async def test_what_somebody_took_by_hand(self) -> None:
        office = await office_with(rule="by_hand")
        office.later(600)

        assert await office.untouched_by(office.team())

    async def test_a_conversation_in_which_somebody_is_typing(self, office: Office) -> None:
        key = office.conversation.conversation_id
        draft = AgentDraft(agent_id=JONAS, conversation_id=key, kind="reply", text="Hello", saved_at=NOW)
        await office.app.store.write(lambda work: work.drafts.save_typed(draft))
        office.later(600)

        assert await office.untouched_by(office.team())
