"""What the machine understood of one message: intents, entities, sentiment, language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REVIEW_BELOW = 0.70
"""Intent confidence below this asks for a human's eye (Property 4)."""


class IntentCategory(StrEnum):
    """What the customer wants the business to do with the message; in order of precedence (labelling guideline)."""

    ESCALATION = "escalation"
    COMPLAINT = "complaint"
    REQUEST = "request"
    INQUIRY = "inquiry"
    FEEDBACK = "feedback"


class Topic(StrEnum):
    """What the message is about: the subcategory of every intent (labelling guideline, section 2)."""

    ACCOUNT_ACCESS = "account_access"
    ACCOUNT_MANAGEMENT = "account_management"
    BILLING_PAYMENT = "billing_payment"
    REFUND_RETURN = "refund_return"
    ORDER_BOOKING = "order_booking"
    DELIVERY_FULFILMENT = "delivery_fulfilment"
    PRODUCT_QUALITY = "product_quality"
    TECHNICAL_ISSUE = "technical_issue"
    SUPPORT_SERVICE = "support_service"
    PRICING_POLICY = "pricing_policy"
    SECURITY_FRAUD = "security_fraud"
    GENERAL = "general"


class EntityType(StrEnum):
    PRODUCT = "product"
    ORDER_NUMBER = "order_number"
    DATE = "date"
    AMOUNT = "amount"
    PERSON = "person"
    LOCATION = "location"


class IdentityKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


class CountrySource(StrEnum):
    """What told the country of a phone number: its own prefix, the region of the customer or the business, the language of
    the message, a shape that one numbering plan has, or nothing."""

    PREFIX = "prefix"
    REGION = "region"
    LANGUAGE = "language"
    SHAPE = "shape"
    UNKNOWN = "unknown"


class SentimentLabel(StrEnum):
    VERY_NEGATIVE = "very_negative"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    VERY_POSITIVE = "very_positive"


class ReadingSource(StrEnum):
    """Who did the reading. ``RULES`` stands in when the model is missing, slow or broken."""

    MODEL = "model"
    RULES = "rules"


class RulesReason(StrEnum):
    """Why the rules had to read: the model's files are missing or damaged, it took too long, or it failed on the text."""

    MISSING = "missing"
    SLOW = "slow"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    category: IntentCategory
    confidence: float
    subcategory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentResult:
    """All detected intents, most likely first; ``secondary_intents`` descend in confidence (Properties 3, 4, 6)."""

    primary_intent: Intent
    secondary_intents: tuple[Intent, ...] = ()

    @property
    def confidence(self) -> float:
        return self.primary_intent.confidence

    @property
    def requires_human_review(self) -> bool:
        return self.primary_intent.confidence < REVIEW_BELOW

    @property
    def all_intents(self) -> tuple[Intent, ...]:
        return (self.primary_intent, *self.secondary_intents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing the message names. ``value`` is the text as written, ``start``/``end`` its character span, ``normalised``
    a canonical form (ISO date, "12.50 EUR", an order number in upper case) where one is known."""

    type: EntityType
    value: str
    confidence: float
    start: int
    end: int
    normalised: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionedIdentity:
    """A phone number or e-mail address in a message. It was only mentioned: it proves nothing and joins nobody.

    ``value`` is the text as written, ``start``/``end`` its character span. ``normalised`` is E.164 ("+442079460958"), the
    national digits where the country is unknown, or an address with its domain in small letters. ``country`` (ISO 3166-1)
    and ``country_from`` are of phone numbers only."""

    kind: IdentityKind
    value: str
    normalised: str
    confidence: float
    start: int
    end: int
    country: str | None = None
    country_from: CountrySource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentResult:
    """Tone of the writer: ``score`` in [-1, 1], label by the score (decisions, "Understanding")."""

    score: float
    label: SentimentLabel
    confidence: float
    emotional_indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """ISO 639-1 code, or ``und`` when it honestly cannot be told."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says a message really is, beside what the machine read. None: about this the machine was right.
    ``no_intent``: the message wants nothing of its own. Entities replace the machine's as a whole."""

    at: datetime
    actor: str
    intent: IntentCategory | None = None
    no_intent: bool = False
    secondary: tuple[IntentCategory, ...] | None = None
    topic: Topic | None = None
    score: float | None = None
    entities: tuple[Entity, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything understood of one message. ``embedding`` has unit length and is empty when no model ran;
    ``unknown_words`` is the share of words that the model's vocabulary does not know as a whole;
    ``rules_because``: why the rules read it, where the model was asked."""

    intent: IntentResult
    sentiment: SentimentResult
    language: Language
    entities: tuple[Entity, ...] = ()
    source: ReadingSource = ReadingSource.MODEL
    model_version: str = ""
    wants_human: bool = False
    time_sensitive: tuple[str, ...] = ()
    embedding: Sequence[float] = ()
    unknown_words: float | None = None
    correction: Correction | None = None
    rules_because: RulesReason | None = None
    identities: tuple[MentionedIdentity, ...] = ()

    @property
    def primary(self) -> Intent:
        return self.intent.primary_intent


def sentiment_label(score: float) -> SentimentLabel:
    """Very negative up to -0.65, negative up to -0.25, positive from 0.25, very positive from 0.65 (decisions)."""
    if score <= -0.65:
        return SentimentLabel.VERY_NEGATIVE
    if score <= -0.25:
        return SentimentLabel.NEGATIVE
    if score < 0.25:
        return SentimentLabel.NEUTRAL
    return SentimentLabel.POSITIVE if score < 0.65 else SentimentLabel.VERY_POSITIVE
