"""Small complete values for store tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import (
    CustomerId,
    new_conversation_id,
    new_customer_id,
    new_message_id,
)
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    Direction,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.domain.reading import (
    Entity,
    EntityType,
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    SentimentLabel,
    SentimentResult,
)
from switchboard.domain.urgency import UrgencyFactor, UrgencyScore
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work
from tests.stores.opening import START

T = TypeVar("T")
X = TypeVar("X")


def bound(story: Callable[[Work, X], T], value: X) -> Callable[[Work], T]:
    """A story about one value of a loop."""
    return lambda work: story(work, value)


def all_of(action: Callable[[X], object], values: Iterable[X]) -> None:
    for value in values:
        action(value)


def identity(address: str = "+4917012345", channel: ChannelType = ChannelType.WHATSAPP, **changes: Any) -> Identity:
    values: dict[str, Any] = {"account": "acme", "verified": True, "evidence": Evidence.PROVIDER, "since": START}
    return Identity(channel=channel, address=address, **(values | changes))


def customer(name: str | None = "Ana Lima", *identities: Identity, **changes: Any) -> CustomerProfile:
    values: dict[str, Any] = {"customer_id": new_customer_id(), "created_at": START}
    return CustomerProfile(name=name, identities=identities, **(values | changes))


def conversation(customer_id: CustomerId, at: datetime = START, **changes: Any) -> Conversation:
    values: dict[str, Any] = {
        "conversation_id": new_conversation_id(),
        "channels": (ChannelType.WHATSAPP,),
        "created_at": at,
        "last_activity_at": at,
        "state": ConversationState(),
    }
    return Conversation(customer_id=customer_id, **(values | changes))


def state(status: str = "active", handler: str = "nobody", **changes: Any) -> ConversationState:
    return ConversationState(status=ConversationStatus(status), handler=Handler(handler), **changes)


def message(
    at: Conversation, text: str = "Where is my order?", sequence: int = 1, **changes: Any
) -> ConversationMessage:
    values: dict[str, Any] = {
        "message_id": new_message_id(),
        "conversation_id": at.conversation_id,
        "customer_id": at.customer_id,
        "channel": ChannelType.WHATSAPP,
        "account": "acme",
        "direction": Direction.INBOUND,
        "author": Author.CUSTOMER,
        "kind": MessageKind.TEXT,
        "content": MessageContent(text=text),
        "timestamp": START,
        "processing": ProcessingState.RECEIVED,
    }
    return ConversationMessage(sequence=sequence, **(values | changes))


def reading(**changes: Any) -> Reading:
    values: dict[str, Any] = {
        "intent": IntentResult(
            primary_intent=Intent(
                category=IntentCategory.COMPLAINT, confidence=0.91, subcategory="delivery_fulfilment"
            ),
            secondary_intents=(Intent(category=IntentCategory.REQUEST, confidence=0.4, subcategory="refund_return"),),
        ),
        "sentiment": SentimentResult(
            score=-0.4, label=SentimentLabel.NEGATIVE, confidence=0.8, emotional_indicators=("angry",)
        ),
        "language": Language(code="en", confidence=0.99),
        "entities": (Entity(type=EntityType.ORDER_NUMBER, value="#1234", confidence=1.0, start=3, end=8),),
        "embedding": (0.5, -0.25, 0.0, 0.125),
        "model_version": "test",
        "time_sensitive": ("today",),
    }
    return Reading(**(values | changes))


def urgency(score: int = 7, priority: float = 7.2) -> UrgencyScore:
    factor = UrgencyFactor(factor="base", contribution=5.0, description="every message starts at 5")
    return UrgencyScore(score=score, unclamped=score, priority=priority, factors=(factor,))


def job(lane: str = "lane", priority: float = 5.0, due_at: datetime = START, **changes: Any) -> NewJob:
    values: dict[str, Any] = {"kind": JobKind.UNDERSTAND} | changes
    return NewJob(lane=lane, priority=priority, due_at=due_at, **values)


def newcomer(work: Work, name: str | None = "Ana Lima", *identities: Identity) -> Conversation:
    """Stores a customer with an open conversation."""
    profile = customer(name, *identities)
    started = conversation(profile.customer_id)
    work.customers.add(profile)
    work.conversations.add(started)
    return started


def said(work: Work, at: Conversation, *texts: str, start: int = 1) -> list[ConversationMessage]:
    """Stores inbound messages in order."""
    stored = [message(at, text, number) for number, text in enumerate(texts, start)]
    for each in stored:
        work.messages.add(each)
    return stored
