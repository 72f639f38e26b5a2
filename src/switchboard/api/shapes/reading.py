"""What the machine understood, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from switchboard.api.shapes.base import Shape, Text, clean
from switchboard.domain.customer import CustomerValue
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import (
    Correction,
    CountrySource,
    Entity,
    EntityType,
    IdentityKind,
    Intent,
    IntentCategory,
    Language,
    MentionedIdentity,
    Reading,
    RulesReason,
    SentimentResult,
    Topic,
)
from switchboard.domain.urgency import UrgencyFactor, UrgencyScore
from switchboard.flows.correct import NONE, NamedEntity, Right
from switchboard.understanding.importance import Weight


class AnalyzeRequest(Shape):
    text: Text
    channel: ChannelType = ChannelType.WEB_CHAT
    customer_value: CustomerValue = CustomerValue.MEDIUM
    at: datetime | None = Field(None, description="When it was written; resolves relative dates. Default: now.")
    region: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="Country of phone numbers without a prefix. Default: the setting `phones`.",
    )
    explain: bool = Field(False, description="Also tell the weight of each word. One more reading for each word.")


class IntentShape(Shape):
    category: str
    subcategory: str | None
    confidence: float

    @classmethod
    def of(cls, intent: Intent) -> IntentShape:
        return cls(
            category=intent.category.value, subcategory=intent.subcategory, confidence=round(intent.confidence, 4)
        )


class IntentsShape(Shape):
    primary_intent: IntentShape
    secondary_intents: list[IntentShape]
    confidence: float
    requires_human_review: bool


class EntityShape(Shape):
    type: str
    value: str
    normalised: str | None
    confidence: float
    start: int
    end: int

    @classmethod
    def of(cls, entity: Entity) -> EntityShape:
        return cls(
            type=entity.type.value,
            value=entity.value,
            normalised=entity.normalised,
            confidence=round(entity.confidence, 4),
            start=entity.start,
            end=entity.end,
        )


class MentionedIdentityShape(Shape):
    """A phone number or e-mail address in the text. It proves nothing: no customer is joined by it."""

    kind: IdentityKind
    value: str
    normalised: str = Field(
        description="E.164; the national digits where `country_from` is unknown; or an address with its domain in small letters."
    )
    country: str | None = Field(description="Of a phone number, ISO 3166-1.")
    country_from: CountrySource | None = Field(description="What told the country of a phone number.")
    confidence: float
    start: int
    end: int

    @classmethod
    def of(cls, one: MentionedIdentity) -> MentionedIdentityShape:
        return cls(
            kind=one.kind,
            value=one.value,
            normalised=one.normalised,
            country=one.country,
            country_from=one.country_from,
            confidence=round(one.confidence, 4),
            start=one.start,
            end=one.end,
        )


class SentimentShape(Shape):
    score: float
    label: str
    confidence: float
    emotional_indicators: list[str]

    @classmethod
    def of(cls, sentiment: SentimentResult) -> SentimentShape:
        return cls(
            score=round(sentiment.score, 4),
            label=sentiment.label.value,
            confidence=round(sentiment.confidence, 4),
            emotional_indicators=list(sentiment.emotional_indicators),
        )


class LanguageShape(Shape):
    code: str
    confidence: float

    @classmethod
    def of(cls, language: Language) -> LanguageShape:
        return cls(code=language.code, confidence=round(language.confidence, 4))


class FactorShape(Shape):
    factor: str
    contribution: float
    description: str

    @classmethod
    def of(cls, factor: UrgencyFactor) -> FactorShape:
        return cls(factor=factor.factor, contribution=round(factor.contribution, 4), description=factor.description)


class UrgencyShape(Shape):
    score: int
    unclamped: int
    priority: float
    reasoning: str
    factors: list[FactorShape]
    refinements: list[FactorShape]

    @classmethod
    def of(cls, urgency: UrgencyScore) -> UrgencyShape:
        return cls(
            score=urgency.score,
            unclamped=urgency.unclamped,
            priority=round(urgency.priority, 4),
            reasoning=urgency.reasoning,
            factors=[FactorShape.of(f) for f in urgency.factors],
            refinements=[FactorShape.of(f) for f in urgency.refinements],
        )


class ReadingShape(Shape):
    intent: IntentsShape
    entities: list[EntityShape]
    identities: list[MentionedIdentityShape]
    sentiment: SentimentShape
    language: LanguageShape
    source: str
    rules_because: RulesReason | None = Field(description="Why the rules read it although there is a model.")
    model_version: str
    wants_human: bool
    time_sensitive: list[str]

    @classmethod
    def fields_of(cls, reading: Reading) -> dict[str, Any]:
        return {
            "intent": IntentsShape(
                primary_intent=IntentShape.of(reading.intent.primary_intent),
                secondary_intents=[IntentShape.of(i) for i in reading.intent.secondary_intents],
                confidence=round(reading.intent.confidence, 4),
                requires_human_review=reading.intent.requires_human_review,
            ),
            "entities": [EntityShape.of(e) for e in reading.entities],
            "identities": [MentionedIdentityShape.of(one) for one in reading.identities],
            "sentiment": SentimentShape.of(reading.sentiment),
            "language": LanguageShape.of(reading.language),
            "source": reading.source.value,
            "rules_because": reading.rules_because,
            "model_version": reading.model_version,
            "wants_human": reading.wants_human,
            "time_sensitive": list(reading.time_sensitive),
        }

    @classmethod
    def of(cls, reading: Reading) -> ReadingShape:
        return cls(**cls.fields_of(reading))


class WeightShape(Shape):
    """``text[start:end]`` and what the reading loses without it: confidence of the main intent, points of sentiment."""

    start: int
    end: int
    intent: float
    tone: float

    @classmethod
    def of(cls, weight: Weight) -> WeightShape:
        return cls(start=weight.start, end=weight.end, intent=weight.intent, tone=weight.tone)


class CorrectionShape(Shape):
    """What a person says the message really is; null where the machine was right."""

    at: datetime
    actor: str
    intent: str | None
    secondary: list[str] | None
    topic: str | None
    score: float | None
    entities: list[EntityShape] | None

    @classmethod
    def of(cls, c: Correction) -> CorrectionShape:
        return cls(
            at=c.at,
            actor=c.actor,
            intent=NONE if c.no_intent else c.intent.value if c.intent else None,
            secondary=None if c.secondary is None else [intent.value for intent in c.secondary],
            topic=c.topic.value if c.topic else None,
            score=c.score,
            entities=None if c.entities is None else [EntityShape.of(entity) for entity in c.entities],
        )


class NamedEntityShape(Shape):
    type: EntityType
    value: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=400)]


class CorrectionRequest(Shape):
    """How the message should have been read. Leave out what the machine read right; nothing at all confirms it."""

    intent: IntentCategory | Literal["none"] | None = None
    secondary: list[IntentCategory] | None = Field(None, max_length=4)
    topic: Topic | None = None
    score: float | None = Field(None, ge=-1, le=1, description="Tone of the writer: -1 angry, 1 delighted.")
    entities: list[NamedEntityShape] | None = Field(None, max_length=50)

    def right(self) -> Right:
        named = self.entities
        return Right(
            intent=IntentCategory(self.intent) if self.intent not in (None, NONE) else None,
            no_intent=self.intent == NONE,
            secondary=self.secondary,
            topic=self.topic,
            score=self.score,
            entities=None if named is None else [NamedEntity(type=e.type, value=e.value) for e in named],
        )


class Analysis(ReadingShape):
    urgency: UrgencyShape
    words: list[WeightShape] | None = Field(None, description="Only with explain.")

    @classmethod
    def of_text(cls, reading: Reading, urgency: UrgencyScore, weights: Sequence[Weight] | None = None) -> Analysis:
        words = None if weights is None else [WeightShape.of(weight) for weight in weights]
        return cls(**cls.fields_of(reading), urgency=UrgencyShape.of(urgency), words=words)
