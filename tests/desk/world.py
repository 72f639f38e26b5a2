"""A desk in memory: the sample scene, a clock that stands still, and actions that only remember what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from fastapi import FastAPI, Request

from switchboard.channels import facebook, instagram, twitter, voice, web_chat, whatsapp
from switchboard.channels.messenger import HUMAN_AGENT_WINDOW
from switchboard.conversations.copies import CopyRule
from switchboard.desk.actions import Sent, SignedIn
from switchboard.desk.assets import Assets
from switchboard.desk.demo import demo_router
from switchboard.desk.deps import DeskDeps
from switchboard.desk.pages import desk_router
from switchboard.desk.render import Renderer, environment
from switchboard.desk.sign_in import SignIn, sign_in_router
from switchboard.desk.widget import WidgetDeps, widget_router
from switchboard.domain.agent import AgentStatus
from switchboard.domain.ids import ActionId, AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import Reading
from switchboard.errors import SwitchboardError
from switchboard.flows.correct import Right
from switchboard.flows.explain import Explained
from switchboard.flows.extras import Extras
from switchboard.ports.channel import Capabilities, MediaRule
from switchboard.ports.store import Store, Work
from switchboard.routing.rules import RoutingFacts, choose_route
from switchboard.trust.redaction import find_personal_data
from switchboard.understanding.entities import extract_entities
from switchboard.understanding.importance import pieces_of, weigh_pieces, without
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.rules import read_by_rules
from switchboard.urgency.score import UrgencySignals, score_urgency
from switchboard.views.composer import Reach, Trouble
from tests.desk.samples import MAYA, NOW

ABILITIES = {
    ChannelType.WHATSAPP: replace(whatsapp.CAPABILITIES, templates=True),
    ChannelType.FACEBOOK: replace(facebook.CAPABILITIES, human_window=HUMAN_AGENT_WINDOW),
    ChannelType.INSTAGRAM: instagram.CAPABILITIES,
    ChannelType.TWITTER: replace(twitter.CAPABILITIES, public=True),
    ChannelType.VOICE: voice.CAPABILITIES,
    ChannelType.WEB_CHAT: web_chat.CAPABILITIES,
    ChannelType.EMAIL: Capabilities(
        subject=True,
        media=(MediaRule(kind="file", max_bytes=18 * 1024 * 1024),),
        copies=CopyRule(own=("help@larkfield.example",)),
    ),
}
T = TypeVar("T")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(slots=True)
class StandingClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def run_now(work: Coroutine[object, object, T]) -> T:
    """Runs one coroutine to its end in a thread of its own: the calling one may have a loop running."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def maya() -> SignedIn:
    return SignedIn(
        user_id="usr_maya",
        email="maya@larkfield.example",
        name="Maya Lindqvist",
        roles=frozenset({"agent"}),
        csrf="csrf-of-maya",
        agent_id=MAYA,
    )


@dataclass(slots=True)
class RememberedActions:
    """Does nothing but note what was asked; ``refuse`` is raised instead when set."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    refuse: SwitchboardError | None = None
    extras: Extras | None = None
    on_reply: Callable[[ConversationId, str], None] | None = None

    def _note(self, *what: object) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.asked.append(what)

    async def accept(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("accept", who.agent_id, conversation_id)

    async def take(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("take", who.agent_id, conversation_id)

    async def take_call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("take_call", who.agent_id, conversation_id)

    async def call(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("call", who.agent_id, conversation_id)

    async def assign(self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId, reason: str) -> None:
        self._note("assign", conversation_id, agent_id, reason)

    async def transfer(
        self, who: SignedIn, conversation_id: ConversationId, agent_id: AgentId | None, reason: str
    ) -> None:
        self._note("transfer", conversation_id, agent_id, reason)

    async def reply(
        self,
        who: SignedIn,
        conversation_id: ConversationId,
        text: str,
        *,
        key: str,
        after: int,
        channel: ChannelType | None,
        draft_id: str | None,
        extras: Extras | None = None,
    ) -> Sent:
        self._note("reply", conversation_id, text, after, channel, draft_id)
        self.extras = extras
        return Sent(message_id=MessageId("msg_new"), undo_s=5)

    async def undo_reply(self, who: SignedIn, message_id: MessageId) -> bool:
        self._note("undo_reply", message_id)
        return True

    async def note(self, who: SignedIn, conversation_id: ConversationId, text: str, *, key: str) -> MessageId:
        self._note("note", conversation_id, text)
        return MessageId("msg_note")

    async def resolve(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("resolve", conversation_id)

    async def reopen(self, who: SignedIn, conversation_id: ConversationId) -> None:
        self._note("reopen", conversation_id)

    async def escalate(self, who: SignedIn, conversation_id: ConversationId, reason: str) -> None:
        self._note("escalate", conversation_id, reason)

    async def correct_reading(self, who: SignedIn, message_id: MessageId, right: Right) -> None:
        self._note("correct", message_id, right)

    async def apply_recommendation(
        self, who: SignedIn, conversation_id: ConversationId, action_id: ActionId
    ) -> str | None:
        self._note("apply", conversation_id, action_id)
        return "Text to check and send."

    async def record_outcome(
        self, who: SignedIn, action_id: ActionId, success: bool, customer_satisfaction: int | None, notes: str | None
    ) -> None:
        self._note("outcome", action_id, success, customer_satisfaction, notes)

    async def retry_send(self, who: SignedIn, message_id: MessageId) -> None:
        self._note("retry", message_id)

    async def set_status(self, who: SignedIn, status: AgentStatus) -> None:
        self._note("status", status)


@dataclass(slots=True)
class RememberedCustomers:
    """The simulated customers: notes who was made to write what."""

    wrote: list[tuple[CustomerId, ChannelType, str]] = field(default_factory=list)

    async def write_as(self, customer_id: CustomerId, channel: ChannelType, text: str) -> None:
        self.wrote.append((customer_id, channel, text))


async def explained(text: str) -> Explained:
    """As ``flows.explain`` tells it, read by the rules alone."""
    pieces, reading = pieces_of(text), _by_rules(text)
    return Explained(
        text=text,
        reading=reading,
        urgency=score_urgency(UrgencySignals(sentiment=reading.sentiment.score, intent=reading.primary.category)),
        verdict=choose_route(RoutingFacts(intent=reading.primary.category, confidence=0.5, urgency=5, text=text)),
        weights=weigh_pieces(reading, pieces, [_by_rules(without(text, piece)) for piece in pieces]),
        personal=find_personal_data(text),
    )


def _by_rules(text: str) -> Reading:
    language = language_by_rules(text)
    return read_by_rules(text, language=language, entities=extract_entities(text, at=NOW))


@dataclass(slots=True)
class Desk:
    """The application under test, with its levers."""

    app: FastAPI
    store: Store
    clock: StandingClock
    actions: RememberedActions
    sign_in: SignIn
    renderer: Renderer
    who: SignedIn | None = None
    troubles: dict[ChannelType, Trouble] = field(default_factory=dict)
    abilities: dict[ChannelType, Capabilities] = field(default_factory=lambda: dict(ABILITIES))
    customers: RememberedCustomers = field(default_factory=lambda: RememberedCustomers())
    telephones: frozenset[AgentId] = frozenset()

    async def write(self, story: Callable[[Work], T]) -> T:
        return await self.store.write(story)


def make_desk(store: Store, *, who: SignedIn | None = None, real_sign_in: bool = False) -> Desk:
    """``who``: already signed in; with ``real_sign_in`` cookies decide instead."""
    clock, actions = StandingClock(), RememberedActions()
    renderer = Renderer(
        env=environment(),
        assets=Assets(),
        clock=clock,
        zone=ZoneInfo("Europe/London"),
        business=lambda: "Larkfield Coffee",
    )
    sign_in = SignIn(store=store, clock=clock, renderer=renderer, secure=False, hasher=CHEAP)
    app = FastAPI()
    desk = Desk(app=app, store=store, clock=clock, actions=actions, sign_in=sign_in, renderer=renderer, who=who)

    async def known(request: Request) -> SignedIn | None:
        return await sign_in.current_user(request) if real_sign_in else desk.who

    deps = DeskDeps(
        store=store,
        clock=clock,
        renderer=renderer,
        authenticate=known,
        actions=actions,
        explain=explained,
        reach=lambda work: Reach(now=clock.now(), abilities=desk.abilities, troubles=desk.troubles),
        telephones=lambda: desk.telephones,
    )
    app.include_router(renderer.assets.router())
    app.include_router(sign_in_router(sign_in))
    app.include_router(desk_router(deps))
    app.include_router(demo_router(deps, desk.customers))
    app.include_router(widget_router(WidgetDeps(renderer=renderer)))
    return desk
