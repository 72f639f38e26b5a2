"""Puts Larkfield Coffee into an empty store: settings, articles, people, customers and two weeks of conversations.

Runs once: a marker remembers it. Nothing is sent to anybody; the past is written as if it had happened here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher

from switchboard.conversations.identity import normalise_address
from switchboard.demo.advice import PastAdvice, advice_of
from switchboard.demo.catalogue import load_demo
from switchboard.demo.history import Stage, Told, tell
from switchboard.demo.quotes import SourceTexts
from switchboard.demo.settings import SCOPED, account_of, visitor_address
from switchboard.demo.shapes import DemoBusiness, DemoHistory, DemoUser
from switchboard.demo.verdicts import Judge
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import OPEN, Conversation, Handler
from switchboard.domain.customer import CustomerProfile, Identity, Issue
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, CustomerId
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import Reading
from switchboard.flows.app import App
from switchboard.flows.configure import configure
from switchboard.flows.knowledge import add_documents
from switchboard.knowledge.cut import cut
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import PastReading, QueueEntry, UserRecord
from switchboard.ports.store import Work
from switchboard.routing.requirements import SkillSettings, requirements_for
from switchboard.urgency.score import UrgencySignals, score_urgency

MARKER = "demo"
ACTOR = "demo"
READ_AT_ONCE = 32
SAID_AT_ONCE = 20
EVENTS_AT_ONCE = 500
ON_DUTY_SINCE = timedelta(hours=3)
FEWEST_PLACES = 2
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that people mistake for one another."""

Progress = Callable[[str, int, int], None]
Tales = Mapping[ConversationId, Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody who may sign in. ``password`` is known only here and now: the store has its hash."""

    name: str
    email: str
    role: str
    password: str = field(repr=False)


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
            return ("The shop is open already; the accounts are those of its first start.",)
        told = (
            f"{self.customers} customers, {self.conversations} conversations with {self.messages} messages, "
            f"{self.documents} help articles, {self.agents} agents.",
            "Sign in as one of these (the passwords are shown only now):",
        )
        width = max((len(account.email) for account in self.accounts), default=0)
        return (*told, *(f"  {a.email:<{width}}  {a.password}  {a.role}" for a in self.accounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    """Everybody and everything that is written in the last step."""

    business: DemoBusiness
    customers: tuple[CustomerProfile, ...]
    agents: tuple[Agent, ...]
    users: tuple[UserRecord, ...]
    tales: tuple[Told, ...]
    advice: tuple[PastAdvice, ...]
    skills: SkillSettings


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


async def import_demo(
    app: App, now: datetime, progress: Progress | None = None, *, hash_password: Callable[[str], str] | None = None
) -> DemoSummary:
    """Writes the whole demo business once. ``progress`` hears (step, done, total), also from other threads.

    Raises ``Unavailable`` when the store cannot be written; then nothing is marked as done and it may be tried again.
    """
    report = progress or quiet
    if await app.store.read(lambda work: work.config.get(MARKER)) is not None:
        return DemoSummary(first=False)
    business = load_demo(now=now)
    await _configure(app, business, report)
    report("articles", 0, len(business.documents))
    passages = await add_documents(app, business.documents, ACTOR)
    report("articles", len(business.documents), len(business.documents))
    readings = await _read(app, business, report)
    accounts, users = await asyncio.to_thread(_accounts, business, hash_password or PasswordHasher().hash)
    cast = await _cast(app, business, readings, users)
    await app.store.write(lambda work: _write(work, cast, report))
    app.hub.publish("events")
    return _summary(cast, passages, accounts)


def _summary(cast: _Cast, passages: int, accounts: tuple[DemoAccount, ...]) -> DemoSummary:
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
        readings = await app.understanding.read([text for _, text in batch])
        found.update(zip((key for key, _ in batch), readings, strict=True))
    report("reading", len(asked), len(asked))
    return found


# ---- people


def _accounts(
    business: DemoBusiness, hashed: Callable[[str], str]
) -> tuple[tuple[DemoAccount, ...], tuple[UserRecord, ...]]:
    given = [(user, _password()) for user in business.users]
    accounts = tuple(
        DemoAccount(name=user.name, email=user.email, role=user.role, password=password) for user, password in given
    )
    return accounts, tuple(_user(user, hashed(password), business.now) for user, password in given)


def _password() -> str:
    """Such as ``k7fm-2xqp-9wdt``: 59 random bits, easy to type."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _user(user: DemoUser, password_hash: str, now: datetime) -> UserRecord:
    return UserRecord(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        password_hash=password_hash,
        roles=frozenset({user.role}),
        created_at=now,
        agent_id=user.agent_id,
    )


def _on_duty(agent: Agent, business: DemoBusiness) -> Agent:
    """Somebody is there whenever the demo is tried, also at night: the demo's team has no shifts. Few have room for
    more than they are doing, so that the queue does not empty itself at once."""
    own = sum(story.agent_id == agent.agent_id and story.status in OPEN for story in business.histories)
    return replace(
        agent,
        status=AgentStatus.AVAILABLE,
        hours=(),
        status_since=business.now - ON_DUTY_SINCE,
        max_workload=max(FEWEST_PLACES, own),
    )


def _customer(profile: CustomerProfile, accounts: Mapping[ChannelType, str]) -> CustomerProfile:
    return replace(profile, identities=tuple(_identity(each, accounts) for each in profile.identities))


def _identity(identity: Identity, accounts: Mapping[ChannelType, str]) -> Identity:
    channel = identity.channel
    if channel is ChannelType.WEB_CHAT:
        address = visitor_address(identity.address)
    else:
        address = normalise_address(channel, identity.address)
    return replace(identity, address=address, account=account_of(channel, dict(accounts)) if channel in SCOPED else "")


# ---- the stories


async def _cast(
    app: App,
    business: DemoBusiness,
    readings: Mapping[tuple[ConversationId, int], Reading],
    users: tuple[UserRecord, ...],
) -> _Cast:
    settings = await app.business()
    accounts = {channel: account_of(channel, dict(business.brand.accounts)) for channel in ChannelType}
    agents = tuple(_on_duty(agent, business) for agent in business.agents)
    documents = {document.document_id: (document, cut(document)) for document in business.documents}
    stage = Stage(
        now=business.now,
        accounts=accounts,
        agents={agent.agent_id: agent for agent in agents},
        texts=SourceTexts(documents=documents),
        judge=Judge(routing=settings.routing, hours=settings.hours, calm=score_urgency(UrgencySignals())),
    )
    customers = tuple(_customer(profile, accounts) for profile in business.customers)
    tales = await asyncio.to_thread(_tell_all, business.histories, customers, readings, stage)
    known = {profile.customer_id: profile for profile in customers}
    advice = [advice_of(told, known[told.conversation.customer_id]) for told in tales]
    return _Cast(
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


# ---- writing it all down


def _write(work: Work, cast: _Cast, report: Progress) -> None:
    """Everything or nothing, in one transaction."""
    for agent in cast.agents:
        work.agents.save(agent)
    for user in cast.users:
        work.access.save_user(user)
    for done, profile in enumerate(cast.customers):
        if done % 40 == 0:
            report("customers", done, len(cast.customers))
        work.customers.add(profile)
    for done, told in enumerate(cast.tales):
        if done % SAID_AT_ONCE == 0:
            report("conversations", done, len(cast.tales))
        _write_tale(work, told, cast.skills)
    _write_advice(work, cast)
    _write_events(work, cast)
    work.config.set(MARKER, {"imported_at": cast.business.now.isoformat()})
    report("conversations", len(cast.tales), len(cast.tales))


def _write_tale(work: Work, told: Told, skills: SkillSettings) -> None:
    conversation = told.conversation
    agent_id = conversation.state.assigned_agent_id
    if conversation.is_open and agent_id is not None and not work.agents.reserve(agent_id):
        conversation = replace(
            conversation,
            state=replace(conversation.state, handler=Handler.QUEUE, assigned_agent_id=None),
            queued_at=conversation.last_activity_at,
        )
    entry = _queue_entry(conversation, skills) if conversation.state.handler is Handler.QUEUE else None
    required = tuple(sorted(entry.required_skills)) if entry else ()
    work.conversations.add(replace(conversation, required_skills=required))
    for message in told.messages:
        work.messages.add(message)
        if message.reading is not None:
            work.messages.save_reading(message.message_id, message.reading, told.urgencies[message.message_id])
    for decision in told.decisions:
        work.decisions.add(decision)
    for draft in told.drafts:
        work.drafts.add(draft)
    if entry is not None:
        work.queue.put(entry)


def _queue_entry(conversation: Conversation, skills: SkillSettings) -> QueueEntry:
    needs = requirements_for(
        topic=conversation.topic,
        language=conversation.language,
        urgency=conversation.state.urgency_score,
        settings=skills,
    )
    return QueueEntry(
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        priority=conversation.state.priority,
        urgency_score=conversation.state.urgency_score,
        queued_at=conversation.queued_at or conversation.last_activity_at,
        required_skills=needs.skills,
        language=needs.language,
        topic=conversation.topic,
    )


def _write_advice(work: Work, cast: _Cast) -> None:
    by_conversation = {told.conversation.conversation_id: told.conversation for told in cast.tales}
    for advice in cast.advice:
        conversation = by_conversation[advice.case.conversation_id]
        work.advice.offer(
            conversation.conversation_id, conversation.customer_id, advice.offers, conversation.created_at
        )
        work.advice.record(advice.outcome, advice.case)


def _write_events(work: Work, cast: _Cast) -> None:
    """In order of time over all conversations: the numbers are computed from the events in their order."""
    told = [event for tale in cast.tales for event in tale.events]
    reported = [advice.event for advice in cast.advice]
    present = [_came_on_duty(agent.agent_id, cast.business.now) for agent in cast.agents]
    events = sorted([*told, *reported, *present], key=lambda event: event.at)
    for start in range(0, len(events), EVENTS_AT_ONCE):
        work.events.append(*events[start : start + EVENTS_AT_ONCE])


def _came_on_duty(agent_id: AgentId, now: datetime) -> Event:
    return Event(
        type=EventType.AGENT_STATUS,
        at=now - ON_DUTY_SINCE,
        dimensions={"agent_id": agent_id, "status": AgentStatus.AVAILABLE.value, "actor": ACTOR},
    )
