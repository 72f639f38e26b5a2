"""Loads the demo business, Larkfield Coffee, from its content files.

``load_demo(now=...)`` returns a ``DemoBusiness`` (see ``shapes.py`` for every field). What lies where under ``content/``:

- ``brand.toml``       name, hours, accounts, topic to skill, automation patterns   -> ``DemoBrand``
- ``agents.toml``      those who answer, and supervisor, admin, analyst, privacy officer -> ``Agent``, ``DemoUser``
- ``products.toml``    articles with prices                                         -> ``DemoProduct``
- ``customers.toml``   people, addresses, orders (times as days ago)                -> ``CustomerProfile``
- ``knowledge/*.md``   front matter and text; the file's name is the slug           -> ``KnowledgeDocument``
- ``histories/*.jsonl`` one conversation a line (times as minutes or days ago)      -> ``DemoHistory``
- ``live/*.jsonl``     one message of the live stream a line                        -> ``LiveMessage``

Identifiers are derived from the keys, so two loads agree: ``cus_…``, ``cnv_…``, ``agt_…``, ``usr_…`` and ``doc_<slug>``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from switchboard.demo import files
from switchboard.demo.shapes import (
    DemoBrand,
    DemoBusiness,
    DemoEntry,
    DemoHistory,
    DemoProduct,
    DemoUser,
    FollowUp,
    Labels,
    LiveMessage,
)
from switchboard.domain.agent import Agent, Shift
from switchboard.domain.customer import CustomerProfile, Evidence, Identity, Purchase
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, DocumentId, UserId
from switchboard.domain.knowledge import KnowledgeDocument
from switchboard.domain.message import ChannelType
from switchboard.domain.routing import AutomationPattern
from switchboard.errors import InvalidInput

CONTENT = Path(__file__).parent / "content"
EVIDENCE = {
    ChannelType.EMAIL: Evidence.SENDER_CHECKED,
    ChannelType.WEB_CHAT: Evidence.SIGNED_VISITOR,
}
T = TypeVar("T", bound=files.Record)


def load_demo(*, now: datetime, content: Path = CONTENT) -> DemoBusiness:
    """The whole business as of ``now`` (aware). Raises ``InvalidInput`` naming the file, the line and what is wrong."""
    brand = _toml(content / "brand.toml", files.BrandFile)
    people = _toml(content / "agents.toml", files.PeopleFile)
    products = _toml(content / "products.toml", files.ProductsFile).products
    customers = _toml(content / "customers.toml", files.CustomersFile).customers
    names = {product.key: product.name for product in products}
    zone = ZoneInfo(brand.time_zone)
    return DemoBusiness(
        now=now,
        brand=_brand(brand),
        documents=tuple(_document(path, now) for path in sorted((content / "knowledge").glob("*.md"))),
        agents=tuple(_agent(record) for record in people.agents),
        users=tuple(_users(people)),
        products=tuple(_product(record) for record in products),
        customers=tuple(_customer(record, names, now) for record in customers),
        histories=tuple(_history(record, now, zone) for record in _lines(content / "histories", files.HistoryRecord)),
        live=tuple(_live(record) for record in _lines(content / "live", files.LiveRecord)),
        customer_keys={record.key: customer_id(record.key) for record in customers},
    )


def customer_id(key: str) -> CustomerId:
    return CustomerId(f"cus_{_digest('customer', key)}")


def agent_id(key: str) -> AgentId:
    return AgentId(f"agt_{_digest('agent', key)}")


def user_id(key: str) -> UserId:
    return UserId(f"usr_{_digest('user', key)}")


def document_id(slug: str) -> DocumentId:
    return DocumentId(f"doc_{slug}")


def _digest(kind: str, key: str) -> str:
    return hashlib.sha256(f"larkfield:{kind}:{key}".encode()).hexdigest()[:32]


def _toml(path: Path, shape: type[T]) -> T:
    return _checked(path.name, shape, tomllib.loads(path.read_text(encoding="utf-8")))


def _lines(folder: Path, shape: type[T]) -> Iterator[T]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield _checked(f"{path.name} line {number}", shape, TypeAdapter(dict[str, object]).validate_json(line))


def _checked(place: str, shape: type[T], raw: object) -> T:
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "record"
        raise InvalidInput(f"Demo content, {place}: {field}: {first['msg']}. Correct the file.") from error


def _brand(record: files.BrandFile) -> DemoBrand:
    return DemoBrand(
        name=record.name,
        sign_off=record.sign_off,
        site=record.site,
        time_zone=record.time_zone,
        allowed_hosts=tuple(record.allowed_hosts),
        vip_skill=record.vip_skill,
        greetings=record.greetings,
        hours=_shifts(record.hours),
        accounts=record.accounts,
        topic_skills=record.skills,
        automation=tuple(_pattern(pattern) for pattern in record.automation),
    )


def _pattern(record: files.PatternRecord) -> AutomationPattern:
    return AutomationPattern(
        name=record.name,
        intents=frozenset(str(intent) for intent in record.intents),
        topics=frozenset(str(topic) for topic in record.topics),
        channels=frozenset(str(channel) for channel in record.channels),
        languages=frozenset(record.languages),
    )


def _shifts(hours: Iterable[files.HoursRecord]) -> tuple[Shift, ...]:
    shifts = [Shift(weekday=day, start=h.start, end=h.end) for h in hours for day in h.weekdays]
    return tuple(sorted(shifts, key=lambda shift: (shift.weekday, shift.start)))


def _agent(record: files.AgentRecord) -> Agent:
    return Agent(
        agent_id=agent_id(record.key),
        name=record.name,
        skills=frozenset(record.skills),
        languages=frozenset(record.languages),
        status=record.status,
        performance_score=record.performance,
        success={str(topic): counts for topic, counts in record.success.items()},
        hours=_shifts(record.hours),
        user_id=user_id(record.key),
    )


def _users(people: files.PeopleFile) -> Iterator[DemoUser]:
    for agent in people.agents:
        yield DemoUser(
            user_id=user_id(agent.key),
            name=agent.name,
            email=agent.email,
            role="agent",
            agent_id=agent_id(agent.key),
        )
    for person in people.staff:
        yield DemoUser(user_id=user_id(person.key), name=person.name, email=person.email, role=person.role)


def _product(record: files.ProductRecord) -> DemoProduct:
    prices = {"EUR": str(record.price_eur), "GBP": str(record.price_gbp)}
    return DemoProduct(key=record.key, name=record.name, kind=record.kind, prices=prices)


def _customer(record: files.CustomerRecord, products: dict[str, str], now: datetime) -> CustomerProfile:
    since = now - timedelta(days=record.since_days_ago)
    place = ", ".join(part for part in (record.town, record.country) if part)
    return CustomerProfile(
        customer_id=customer_id(record.key),
        name=record.name,
        created_at=since,
        email=_address(record, ChannelType.EMAIL),
        phone=_phone(record),
        preferred_channel=record.preferred_channel,
        customer_value=record.value,
        language=record.language,
        location=place or None,
        identities=tuple(_identity(identity, since) for identity in record.identities),
        purchase_history=tuple(_purchase(order, record, products, now) for order in record.orders),
    )


def _address(record: files.CustomerRecord, channel: ChannelType) -> str | None:
    return next((identity.address for identity in record.identities if identity.channel is channel), None)


def _phone(record: files.CustomerRecord) -> str | None:
    number = _address(record, ChannelType.VOICE) or _address(record, ChannelType.WHATSAPP)
    return f"+{number.lstrip('+')}" if number else None


def _identity(record: files.IdentityRecord, since: datetime) -> Identity:
    proof = EVIDENCE.get(record.channel, Evidence.PROVIDER)
    return Identity(
        channel=record.channel,
        address=record.address,
        display_name=record.display_name,
        verified=record.verified,
        evidence=proof if record.verified else Evidence.CLAIMED,
        since=since,
    )


def _purchase(
    order: files.OrderRecord, buyer: files.CustomerRecord, products: dict[str, str], now: datetime
) -> Purchase:
    if order.product not in products:
        raise InvalidInput(
            f"Demo content, customers.toml: {buyer.key}: product '{order.product}' is not in products.toml."
        )
    details: dict[str, str] = {}
    if order.closed_days_ago is not None:
        details["closed_on"] = (now - timedelta(days=order.closed_days_ago)).date().isoformat()
    return Purchase(
        purchase_id=f"pur_{order.number}",
        product=products[order.product],
        amount=order.amount,
        currency=order.currency,
        purchased_at=now - timedelta(days=order.ordered_days_ago),
        order_number=order.number,
        status=order.status,
        details=details,
    )


def _document(path: Path, now: datetime) -> KnowledgeDocument:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields: dict[str, str] = {}
    for line in head.strip().splitlines():
        name, _, value = line.partition(": ")
        fields[name] = value
    record = _checked(path.name, files.DocumentHead, fields)
    return KnowledgeDocument(
        document_id=document_id(path.stem),
        title=record.title,
        content=body.strip(),
        category=record.category,
        tags=tuple(tag.strip() for tag in record.tags.split(",")),
        last_updated=now - timedelta(days=record.updated_days_ago),
        url=record.url,
        language=record.language,
    )


def _history(record: files.HistoryRecord, now: datetime, zone: ZoneInfo) -> DemoHistory:
    start = _start(record, now, zone)
    return DemoHistory(
        key=record.key,
        conversation_id=ConversationId(f"cnv_{_digest('conversation', record.key)}"),
        customer_id=customer_id(record.customer),
        language=record.language,
        status=record.status,
        handler=record.handler,
        agent_id=agent_id(record.agent) if record.agent else None,
        entries=tuple(_entries(record.entries, start)),
    )


def _start(record: files.HistoryRecord, now: datetime, zone: ZoneInfo) -> datetime:
    """When the conversation began. One that would still be going on goes back by whole days until it is over."""
    length = timedelta(minutes=sum(entry.after for entry in record.entries))
    if record.minutes_ago is not None:
        if length > timedelta(minutes=record.minutes_ago):
            raise InvalidInput(
                f"Demo content, history {record.key}: it lasts longer than its minutes_ago. Start it earlier."
            )
        return now - timedelta(minutes=record.minutes_ago)
    assert record.days_ago is not None
    assert record.at is not None
    day = now.astimezone(zone).date() - timedelta(days=record.days_ago)
    start = datetime.combine(day, record.at, tzinfo=zone).astimezone(UTC)
    while start + length >= now:
        start -= timedelta(days=1)
    return start


def _entries(records: Iterable[files.EntryRecord], start: datetime) -> Iterator[DemoEntry]:
    at = start
    for record in records:
        at += timedelta(minutes=record.after)
        yield DemoEntry(
            kind=record.kind,
            at=at,
            channel=record.channel,
            author=record.author,
            agent_id=agent_id(record.agent) if record.agent else None,
            text=record.text,
            subject=record.subject,
            sources=tuple(document_id(slug) for slug in record.sources),
            labels=_labels(record.labels) if record.labels else None,
            satisfaction=record.satisfaction,
        )


def _labels(record: files.LabelsRecord) -> Labels:
    return Labels(intent=record.intent, topic=record.topic, sentiment=record.sentiment)


def _live(record: files.LiveRecord) -> LiveMessage:
    return LiveMessage(
        key=record.key,
        channel=record.channel,
        who=record.who,
        name=record.name,
        language=record.language,
        text=record.text,
        subject=record.subject,
        labels=_labels(record.labels),
        follow_ups=tuple(FollowUp(text=f.text, wait_s=f.wait) for f in record.follow_ups),
    )
