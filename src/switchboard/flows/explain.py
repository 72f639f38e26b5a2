"""Somebody wants to see how the machine reads a text: everything it finds, the words that mattered, and who would answer.

Nothing is stored, and nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from switchboard.domain.customer import CustomerValue
from switchboard.domain.reading import Reading
from switchboard.domain.urgency import UrgencyScore
from switchboard.flows.app import App
from switchboard.flows.business import Business, with_custom_intents
from switchboard.ports.engines import TextToRead
from switchboard.routing.rules import RouteVerdict, RoutingFacts, choose_route
from switchboard.trust.redaction import Span, find_personal_data
from switchboard.understanding.importance import Weight, pieces_of, weigh_pieces, without
from switchboard.urgency.hours import is_after_hours
from switchboard.urgency.score import UrgencySignals, score_urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """``weights`` are empty when no text or no model was there to ask. ``personal`` are spans with personal data."""

    text: str
    reading: Reading
    urgency: UrgencyScore
    verdict: RouteVerdict
    weights: tuple[Weight, ...]
    personal: tuple[Span, ...]


async def read_text(
    app: App,
    text: str,
    at: datetime,
    customer_value: CustomerValue = CustomerValue.MEDIUM,
    region: str | None = None,
) -> tuple[Reading, UrgencyScore]:
    """A text as a new customer's first message would be read; ``region`` is the country of bare phone numbers."""
    business = await app.business()
    regions = tuple(one for one in (region, business.region) if one)
    (read,) = await app.understanding.read([TextToRead(text=text, at=at, regions=regions)])
    reading = with_custom_intents(read, text, business.intents)
    return reading, _urgency(reading, business, at, customer_value)


async def explain(
    app: App,
    text: str,
    at: datetime,
    customer_value: CustomerValue = CustomerValue.MEDIUM,
    region: str | None = None,
) -> Explained:
    """The reading with its reasons: one more pass for each word, so some tenths of a second for an ordinary message."""
    reading, urgency = await read_text(app, text, at, customer_value, region)
    business = await app.business()
    return Explained(
        text=text,
        reading=reading,
        urgency=urgency,
        verdict=choose_route(_facts(text, reading, urgency, business, at), business.routing),
        weights=await _weights(app, text, reading, at),
        personal=find_personal_data(text),
    )


async def _weights(app: App, text: str, reading: Reading, at: datetime) -> tuple[Weight, ...]:
    pieces = pieces_of(text)
    if not pieces:
        return ()
    rest = await app.understanding.read([TextToRead(text=without(text, piece), at=at) for piece in pieces])
    return weigh_pieces(reading, pieces, rest)


def _urgency(reading: Reading, business: Business, at: datetime, customer_value: CustomerValue) -> UrgencyScore:
    return score_urgency(
        UrgencySignals(
            sentiment=reading.sentiment.score,
            intent=reading.primary.category,
            intent_confidence=reading.primary.confidence,
            customer_value=customer_value,
            time_sensitive=reading.time_sensitive,
            after_hours=is_after_hours(business.hours, at),
        )
    )


def _facts(text: str, reading: Reading, urgency: UrgencyScore, business: Business, at: datetime) -> RoutingFacts:
    known = reading.language.code != "und"
    return RoutingFacts(
        intent=reading.primary.category,
        topic=reading.primary.subcategory,
        confidence=reading.primary.confidence,
        urgency=urgency.score,
        text=text,
        channel="web_chat",
        language=reading.language.code if known else business.skills.default_language,
        sentiment=reading.sentiment.score,
        wants_human=reading.wants_human,
        source=reading.source,
        after_hours=is_after_hours(business.hours, at),
    )
