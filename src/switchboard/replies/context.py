"""What a reply is written from: the conversation, the customer, what the knowledge base found, and the brand's voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, Purchase
from switchboard.domain.knowledge import KnowledgeResult
from switchboard.domain.message import ChannelType, ConversationMessage, Direction, MessageKind
from switchboard.domain.reading import EntityType, Reading
from switchboard.replies.plain import visible

RELEVANT_FROM = 0.45
"""Passages from this score on are about the question (the knowledge index documents the same figure)."""
MOST_RESULTS = 5

REPLY_LIMITS: Mapping[ChannelType, int] = {
    ChannelType.VOICE: 900,
    ChannelType.WHATSAPP: 4096,
    ChannelType.EMAIL: 20_000,
    ChannelType.WEB_CHAT: 4000,
    ChannelType.FACEBOOK: 2000,
    ChannelType.TWITTER: 10_000,
    ChannelType.INSTAGRAM: 1000,
}
"""The longest automatic reply of each channel, in bytes of UTF-8 (bytes are the strictest way that providers count)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTemplate:
    """The business's own wording for a kind of message; empty sets mean "any". ``text`` may hold ``{answer}``, ``{name}``,
    ``{business}``, ``{subject}`` and ``{order}``; nothing else is filled in."""

    name: str
    text: str
    intents: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    language: str = "en"
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """How the business speaks. ``phrases`` replaces built-in wordings by key (see ``phrases.PHRASES``); ``link_hosts`` are
    the only hosts a reply may link to (``help.example.com``, or ``*.example.com`` for its subdomains);
    ``published_contacts`` are its own addresses and numbers that replies may name."""

    business_name: str = "our service team"
    tone: str = "friendly"
    voice: str = "Warm, brief and plain. No jargon."
    help_url: str | None = None
    first_names: bool = False
    phrases: Mapping[str, str] = field(default_factory=dict)
    templates: tuple[ResponseTemplate, ...] = ()
    link_hosts: frozenset[str] = frozenset()
    published_contacts: frozenset[str] = frozenset()
    banned_phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseContext:
    """Everything a reply may use (design document, component 7).

    ``messages`` oldest first. ``verified``: the customer is proved to be who the profile says; only then account data may
    be told. ``channel_name``: the name given on this very channel. ``similarity``: closeness of passage sentences to the
    question in [0, 1], where an embedder ran (see ``compose.candidate_sentences``)."""

    conversation: Conversation
    profile: CustomerProfile
    messages: tuple[ConversationMessage, ...]
    reading: Reading
    channel: ChannelType
    results: tuple[KnowledgeResult, ...] = ()
    brand: Brand = field(default_factory=Brand)
    verified: bool = False
    channel_name: str | None = None
    similarity: Mapping[str, float] = field(default_factory=dict)

    @property
    def language(self) -> str:
        code = self.reading.language.code
        return "en" if code in ("", "und") else code

    @property
    def relevant(self) -> tuple[KnowledgeResult, ...]:
        """The results that are about the question and in the customer's language."""
        found = [r for r in self.results[:MOST_RESULTS] if r.score >= RELEVANT_FROM and r.language == self.language]
        return tuple(found)

    @property
    def topic(self) -> str:
        return self.reading.primary.subcategory or "general"


def question(messages: tuple[ConversationMessage, ...]) -> str:
    """What the customer asks now: their words since our last answer, at most 2,000 characters of the newest."""
    asked: list[str] = []
    for message in reversed(messages):
        if message.kind is not MessageKind.TEXT or message.withdrawn:
            continue
        if message.direction is Direction.OUTBOUND:
            break
        asked.append(message.content.words)
    return visible("\n".join(reversed(asked)))[-2000:].strip()


def search_text(messages: tuple[ConversationMessage, ...], turns: int = 3) -> str:
    """What to look up: the question, with the turns before it where it is too short to stand alone."""
    asked = question(messages)
    if len(asked.split()) >= 6:
        return asked
    said = [m.content.words for m in messages if m.kind is MessageKind.TEXT and not m.withdrawn]
    return visible("\n".join(said[-turns:]))[-2000:].strip() or asked


def purchase_in_question(context: ResponseContext) -> Purchase | None:
    """The order that the message is about: the one it names, or the customer's only one where the topic is an order.
    None unless the customer is verified."""
    if not context.verified:
        return None
    named = order_numbers(context.reading)
    owned = {_code(p.order_number): p for p in context.profile.purchase_history if p.order_number}
    if named:
        return next((owned[_code(number)] for number in named if _code(number) in owned), None)
    about_orders = context.topic in ("delivery_fulfilment", "order_booking", "refund_return")
    return next(iter(owned.values())) if about_orders and len(owned) == 1 else None


def order_numbers(reading: Reading) -> tuple[str, ...]:
    """The order numbers the message names, as far as they look like codes."""
    values = [e.normalised or e.value for e in reading.entities if e.type is EntityType.ORDER_NUMBER]
    return tuple(value for value in values if len(value) <= 40 and value.replace("-", "").replace("#", "").isalnum())


def _code(number: str | None) -> str:
    return "".join(character for character in (number or "").casefold() if character.isalnum())
