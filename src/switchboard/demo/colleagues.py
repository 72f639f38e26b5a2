"""The demo's other agents at work: they answer and settle what the routing gives them, so that the queue keeps moving.

They leave alone what was theirs before the demo began, what somebody assigned or wrote by hand, and everything of the
agent whose desk is left to the person trying the demo out.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.event import EventType
from switchboard.domain.ids import AgentId
from switchboard.errors import SwitchboardError
from switchboard.flows.agent_actions import reply, resolve
from switchboard.flows.app import App
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work

log = logging.getLogger(__name__)
BY_HAND = frozenset({"by_hand", "answered"})
LONG_QUEUE = 8
RATINGS = (5, 5, 5, 5, 4, 4, 4, 3, 2, None, None)
WORDS = {
    "en": (
        "Hello, {name} here. I have looked into this and arranged it for you. Is there anything else I can do?",
        "Thanks for your patience, this is {name}. I have taken care of it; you will get a confirmation shortly.",
        "Hi, {name} from the Larkfield team. I have checked your case and passed it on with everything you told us.",
    ),
    "de": ("Guten Tag, hier ist {name}. Ich habe mich darum gekümmert. Kann ich sonst noch etwas für Sie tun?",),
    "fr": ("Bonjour, ici {name}. Je m'en suis occupé. Puis-je faire autre chose pour vous ?",),
    "es": ("Hola, soy {name}. Ya me he ocupado de ello. ¿Puedo ayudarle en algo más?",),
    "it": ("Buongiorno, sono {name}. Me ne sono occupato. Posso fare altro per Lei?",),
    "pt": ("Bom dia, fala {name}. Já tratei do assunto. Posso ajudar em mais alguma coisa?",),
    "nl": ("Hallo, u spreekt met {name}. Ik heb het geregeld. Kan ik nog iets voor u doen?",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Seconds between two things done (``hurry`` when the queue is long); how long a customer waits at least before an
    answer, and how long it stays quiet before a conversation is settled. ``spared``: the agent they never stand in for."""

    pause_s: float = 12.0
    hurry_s: float = 4.0
    think_s: float = 30.0
    quiet_s: float = 100.0
    spared: AgentId | None = None


@dataclass(slots=True, kw_only=True)
class Colleagues:
    """Works until cancelled; one thing at a time."""

    app: App
    since: datetime
    manner: Manner = field(default_factory=Manner)
    dice: random.Random = field(default_factory=random.Random)

    async def run(self) -> None:
        while True:
            depth = await self.app.store.read(lambda work: work.queue.depth())
            await asyncio.sleep(self.manner.hurry_s if depth > LONG_QUEUE else self.manner.pause_s)
            try:
                await self.work()
            except SwitchboardError as error:
                log.info("demo: a colleague was overtaken: %s", error.detail)

    async def work(self) -> None:
        """Settles one conversation that went quiet and answers one that waits."""
        quiet = await self._longest(self._is_settled, lambda talk: talk.last_activity_at)
        if quiet is not None:
            await self._settle(quiet)
        waiting = await self._longest(self._waits, lambda talk: talk.needs_reply_since or talk.last_activity_at)
        if waiting is not None:
            await self._answer(waiting)

    async def _longest(
        self, wanted: Callable[[Work, Conversation], bool], since: Callable[[Conversation], datetime]
    ) -> Conversation | None:
        def story(work: Work) -> Conversation | None:
            found = [talk for view in (View.OPEN, View.WAITING) for talk in _all(work, view) if wanted(work, talk)]
            return min(found, key=since, default=None)

        return await self.app.store.read(story)

    def _is_settled(self, work: Work, talk: Conversation) -> bool:
        quiet = self.app.clock.now() - talk.last_activity_at > timedelta(seconds=self.manner.quiet_s)
        if not quiet or talk.state.status is not ConversationStatus.WAITING:
            return False
        automated = talk.state.handler is Handler.AUTOMATION and talk.created_at >= self.since
        return automated or self._is_ours(work, talk)

    def _waits(self, work: Work, talk: Conversation) -> bool:
        asked = talk.needs_reply_since
        thought = asked is not None and self.app.clock.now() - asked > timedelta(seconds=self.manner.think_s)
        return thought and talk.state.status is ConversationStatus.ACTIVE and self._is_ours(work, talk)

    def _is_ours(self, work: Work, talk: Conversation) -> bool:
        agent_id = talk.state.assigned_agent_id
        if agent_id is None or agent_id == self.manner.spared:
            return False
        happened = work.events.of_conversation(talk.conversation_id)
        given = [event for event in happened if event.type is EventType.ASSIGNED]
        if not given or given[-1].at < self.since or given[-1].dimensions.get("rule") in BY_HAND:
            return False
        return not work.drafts.typed(agent_id, talk.conversation_id)

    async def _answer(self, talk: Conversation) -> None:
        agent_id = talk.state.assigned_agent_id
        assert agent_id is not None
        if talk.intent == "feedback" and (talk.sentiment_score or 0.0) >= 0:
            await self._settle(talk)  # a word of thanks needs no answer
            return
        agent = await self.app.store.read(lambda work: work.agents.get(agent_id))
        words = self.dice.choice(WORDS.get(talk.language or "en", WORDS["en"]))
        text = words.format(name=agent.name.split()[0] if agent else "Larkfield")
        await reply(
            self.app,
            talk.conversation_id,
            text,
            agent_id=agent_id,
            actor=f"agent:{agent_id}",
            seen=talk.last_sequence,
        )

    async def _settle(self, talk: Conversation) -> None:
        automated = talk.state.handler is Handler.AUTOMATION
        await resolve(
            self.app,
            talk.conversation_id,
            actor="automation" if automated else f"agent:{talk.state.assigned_agent_id}",
            satisfaction=None if automated else self.dice.choice(RATINGS),
            by_automation=automated,
        )


def _all(work: Work, view: View) -> tuple[Conversation, ...]:
    return work.conversations.page(view, Page(limit=100)).items
