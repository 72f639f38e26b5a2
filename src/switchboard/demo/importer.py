"""Puts Larkfield Coffee into an empty store: settings, articles, people, customers and two weeks of conversations.

Runs once: a marker remembers it. Nothing is sent to anybody; the past is written as if it had happened here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from argon2 import PasswordHasher

from switchboard.demo.advice import advice_of
from switchboard.demo.catalogue import load_demo
from switchboard.demo.history import tell
from switchboard.demo.people import ACTOR, DemoAccount, accounts_of, customer_of, on_duty
from switchboard.demo.quotes import SourceTexts
from switchboard.demo.settings import account_of
from switchboard.demo.shapes import DemoBusiness, DemoHistory
from switchboard.demo.told import Stage, Told
from switchboard.demo.verdicts import Judge
from switchboard.demo.writing import MARKER, Cast, Progress, write
from switchboard.domain.customer import CustomerProfile, Issue
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import Reading, ReadingSource
from switchboard.errors import Conflict
from switchboard.flows.app import App
from switchboard.flows.configure import configure
from switchboard.flows.knowledge import add_documents
from switchboard.knowledge.cut import cut
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import PastReading, UserRecord, View
from switchboard.ports.store import Work
from switchboard.urgency.score import UrgencySignals, score_urgency

READ_AT_ONCE = 16
"""Few enough for a slow machine to read within the reader's time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """What was written. ``first`` is False when it had been done before: then there are no accounts to print."""

    first: bool
    documents: int = 0
    passages: int = 0
    agents: int = 0
    customers: int = 0
    conversations: int = 0
    messages: int = 0
    open_conversations: int = 0
    past_cases: int = 0
    accounts: tuple[DemoAccount, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """For the console. The passwords are shown this one time."""
        if not self.first:
            return (
                "The shop is open already. Sign in as at its first start; a new data directory makes new accounts.",
            )
        told = (
            f"{self.customers} customers, {self.conversations} conversations with {self.messages} messages, "
            f"{self.documents} help articles, {self.agents} agents.",
            "Sign in as one of these (the passwords are shown only now):",
        )
        width = max((len(account.email) for account in self.accounts), default=0)
        return (*told, *(f"  {a.email:<{width}}  {a.password}  {a.role}" for a in self.accounts))


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


async def import_demo(
    app: App, now: datetime, progress: Progress | None = None, *, hash_password: Callable[[str], str] | None = None
) -> DemoSummary:
    """Writes the whole demo business once. ``progress`` hears (step, done, total), also from other threads.

    Raises ``Conflict`` when the store holds another business, and ``Unavailable`` when it cannot be written; then
    nothing is marked as done and it may be tried again.
    """
    report = progress or quiet
    if await app.store.read(_is_done):
        return DemoSummary(first=False)
    business = load_demo(now=now)
    await _configure(app, business, report)
    await app.business()  # so that the reader finds the names of the shop's products
    passages, readings, (accounts, users) = await asyncio.gather(
        _teach(app, business, report),
        _read(app, business, report),
        asyncio.to_thread(accounts_of, business, hash_password or PasswordHasher().hash),
    )
    cast = await _cast(app, business, readings, users)
    await app.store.write(lambda work: write(work, cast, report))
    app.hub.publish("events")
    return _summary(cast, passages, accounts)


def _is_done(work: Work) -> bool:
    """The demo never mixes with somebody's real customers or people."""
    if work.config.get(MARKER) is not None:
        return True
    if work.access.users() or work.conversations.counts()[View.ALL]:
        raise Conflict("this data directory holds another business", fix="name an empty one for the demo")
    return False


def _summary(cast: Cast, passages: int, accounts: tuple[DemoAccount, ...]) -> DemoSummary:
    return DemoSummary(
        first=True,
        documents=len(cast.business.documents),
        passages=passages,
        agents=len(cast.agents),
        customers=len(cast.customers),
        conversations=len(cast.tales),
        messages=sum(len(told.messages) for told in cast.tales),
        open_conversations=sum(told.conversation.is_open for told in cast.tales),
        past_cases=len(cast.advice),
        accounts=accounts,
    )


# ---- the business's own settings


async def _configure(app: App, business: DemoBusiness, report: Progress) -> None:
    documents = _documents(business)
    for done, (name, value) in enumerate(documents.items()):
        report("settings", done, len(documents))
        await configure(app, name, value, ACTOR)
    report("settings", len(documents), len(documents))


def _documents(business: DemoBusiness) -> dict[str, Mapping[str, object]]:
    brand = business.brand
    languages = sorted({language for agent in business.agents for language in agent.languages})
    return {
        "brand": {
            "business_name": brand.name,
            "help_url": f"{brand.site}/help",
            "first_names": True,
            "link_hosts": list(brand.allowed_hosts),
            "published_contacts": [brand.accounts[ChannelType.EMAIL], brand.accounts[ChannelType.VOICE]],
        },
        "automation": {"patterns": [_pattern(pattern) for pattern in brand.automation]},
        "business-hours": {"zone": brand.time_zone, "weekly": [_shift(shift) for shift in brand.hours]},
        "skills": {
            "topic_skills": {str(topic): [skill] for topic, skill in brand.topic_skills.items()},
            "team_languages": languages,
        },
        "catalogue": {"products": [product.name for product in business.products]},
        "costs": {"agent_per_conversation": 6.5, "automation_per_conversation": 0.15, "currency": "EUR"},
    }


def _pattern(pattern: object) -> Mapping[str, object]:
    names = ("name", "intents", "topics", "channels", "languages", "enabled")
    values = {name: getattr(pattern, name) for name in names}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}


def _shift(shift: object) -> Mapping[str, object]:
    return {name: getattr(shift, name) for name in ("weekday", "start", "end")}


async def _teach(app: App, business: DemoBusiness, report: Progress) -> int:
    report("articles", 0, len(business.documents))
    passages = await add_documents(app, business.documents, ACTOR)
    report("articles", len(business.documents), len(business.documents))
    return passages


# ---- reading what the customers wrote


async def _read(app: App, business: DemoBusiness, report: Progress) -> dict[tuple[ConversationId, int], Reading]:
    """Every customer message, read by the running model, by conversation and place in its story."""
    asked = [
        ((story.conversation_id, place), TextToRead(text=entry.text, at=entry.at, language_hint=story.language))
        for story in business.histories
        for place, entry in enumerate(story.entries)
        if entry.author is Author.CUSTOMER
    ]
    found: dict[tuple[ConversationId, int], Reading] = {}
    for start in range(0, len(asked), READ_AT_ONCE):
        report("reading", start, len(asked))
        batch = asked[start : start + READ_AT_ONCE]
        readings = await _read_batch(app, [text for _, text in batch])
        found.update(zip((key for key, _ in batch), readings, strict=True))
    report("reading", len(asked), len(asked))
    return found


async def _read_batch(app: App, texts: list[TextToRead]) -> list[Reading]:
    """A busy machine may be too slow once: a second try keeps rules from standing in for the model."""
    readings = await app.understanding.read(texts)
    if any(reading.source is ReadingSource.RULES for reading in readings):
        readings = await app.understanding.read(texts)
    return readings


# ---- the stories


async def _cast(
    app: App,
    business: DemoBusiness,
    readings: Mapping[tuple[ConversationId, int], Reading],
    users: tuple[UserRecord, ...],
) -> Cast:
    settings = await app.business()
    accounts = {channel: account_of(channel, dict(business.brand.accounts)) for channel in ChannelType}
    agents = tuple(on_duty(agent, business) for agent in business.agents)
    documents = {document.document_id: (document, cut(document)) for document in business.documents}
    stage = Stage(
        now=business.now,
        accounts=accounts,
        agents={agent.agent_id: agent for agent in agents},
        texts=SourceTexts(documents=documents),
        judge=Judge(routing=settings.routing, hours=settings.hours, calm=score_urgency(UrgencySignals())),
    )
    customers = tuple(customer_of(profile, accounts) for profile in business.customers)
    tales = await asyncio.to_thread(_tell_all, business.histories, customers, readings, stage)
    known = {profile.customer_id: profile for profile in customers}
    advice = [advice_of(told, known[told.conversation.customer_id]) for told in tales]
    return Cast(
        business=business,
        customers=tuple(_with_past(profile, tales) for profile in customers),
        agents=agents,
        users=users,
        tales=tales,
        advice=tuple(each for each in advice if each is not None),
        skills=settings.skills,
    )


def _tell_all(
    stories: Sequence[DemoHistory],
    customers: Sequence[CustomerProfile],
    readings: Mapping[tuple[ConversationId, int], Reading],
    stage: Stage,
) -> tuple[Told, ...]:
    """Oldest first, so that each story knows what the customer wrote before."""
    profiles = {profile.customer_id: profile for profile in customers}
    earlier: dict[CustomerId, list[PastReading]] = {profile.customer_id: [] for profile in customers}
    tales: list[Told] = []
    for story in sorted(stories, key=lambda each: each.started_at):
        own = {
            place: readings[story.conversation_id, place]
            for place in range(len(story.entries))
            if (story.conversation_id, place) in readings
        }
        before = earlier[story.customer_id]
        told = tell(story, profiles[story.customer_id], own, before, stage)
        before.extend(told.past_readings)
        tales.append(told)
    return tuple(tales)


def _with_past(profile: CustomerProfile, tales: Iterable[Told]) -> CustomerProfile:
    """The profile with its earlier matters and the person who helped last."""
    own = [told for told in tales if told.conversation.customer_id == profile.customer_id]
    helpers = [told.helper for told in own if told.helper]
    issues = tuple(_issue(told) for told in own if not told.conversation.is_open)
    return replace(profile, previous_issues=issues, last_agent_id=helpers[-1] if helpers else None)


def _issue(told: Told) -> Issue:
    conversation = told.conversation
    return Issue(
        issue_id=f"iss_{conversation.conversation_id.removeprefix('cnv_')}",
        conversation_id=conversation.conversation_id,
        intent=conversation.intent or "",
        topic=conversation.topic or "",
        created_at=conversation.created_at,
        resolved_at=conversation.resolved_at,
        summary=told.messages[0].content.text[:120],
    )
