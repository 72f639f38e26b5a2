"""The business's own settings: its voice, hours, rules and limits, each a named document in the store.

Every document is checked when it is set, so that reading it back cannot fail; what is missing has the defaults below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from switchboard.domain.hours import BusinessHours, zone_named
from switchboard.domain.reading import Intent, IntentCategory, IntentResult, Reading
from switchboard.domain.routing import AutomationPattern
from switchboard.errors import InvalidInput
from switchboard.ports.store import Work
from switchboard.replies.context import Brand, ResponseTemplate
from switchboard.routing.agents import MatchSettings
from switchboard.routing.conditions import CustomRule, Words, parse_rule
from switchboard.routing.queue import QueueSettings
from switchboard.routing.requirements import SkillSettings
from switchboard.routing.rules import RoutingSettings
from switchboard.understanding.identities import known_region

T = TypeVar("T")
MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """What automation may answer; ``enabled`` False sends everything to people."""

    enabled: bool = True
    patterns: tuple[AutomationPattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRules:
    rules: tuple[CustomRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationTriggers:
    triggers: tuple[CustomRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    templates: tuple[ResponseTemplate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomIntent:
    """A kind of matter of this business: its ``phrases`` (whole words) name it; it counts as ``category``."""

    name: str
    phrases: tuple[str, ...]
    category: IntentCategory
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    intents: tuple[CustomIntent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Conversations closed for longer than ``days`` are deleted or anonymised; None keeps them."""

    days: int | None = None
    action: str = "anonymise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one conversation costs when a person, or automation, handles it (Property 48)."""

    agent_per_conversation: float = 6.50
    automation_per_conversation: float = 0.15
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Names of what the business sells, for finding them in messages."""

    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """``region`` is the country whose national phone numbers customers write ("DE", ISO 3166-1); None: they must say it."""

    region: str | None = None


DOCUMENTS: Mapping[str, type[Any]] = {
    "brand": Brand,
    "automation": Automation,
    "routing-rules": RoutingRules,
    "escalation-triggers": EscalationTriggers,
    "templates": Templates,
    "intents": Intents,
    "business-hours": BusinessHours,
    "skills": SkillSettings,
    "retention": Retention,
    "costs": Costs,
    "catalogue": Catalogue,
    "phones": Phones,
}
"""Name of each document and the shape it must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """All settings, read once per change and handed to the rules."""

    brand: Brand = field(default_factory=Brand)
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    match: MatchSettings = field(default_factory=MatchSettings)
    queue: QueueSettings = field(default_factory=QueueSettings)
    hours: BusinessHours = field(default_factory=BusinessHours)
    skills: SkillSettings = field(default_factory=SkillSettings)
    intents: tuple[CustomIntent, ...] = ()
    retention: Retention = field(default_factory=Retention)
    costs: Costs = field(default_factory=Costs)
    products: tuple[str, ...] = ()
    region: str | None = None


def load_business(work: Work) -> Business:
    """Reads every document; the rules see one consistent set."""
    automation = _load(work, "automation", Automation)
    hours = _load(work, "business-hours", BusinessHours)
    brand = _load(work, "brand", Brand)
    return Business(
        brand=replace(brand, templates=(*brand.templates, *_load(work, "templates", Templates).templates)),
        routing=RoutingSettings(
            automation_enabled=automation.enabled,
            patterns=automation.patterns,
            rules=_load(work, "routing-rules", RoutingRules).rules,
            triggers=_load(work, "escalation-triggers", EscalationTriggers).triggers,
        ),
        match=MatchSettings(zone=hours.zone),
        queue=QueueSettings(zone=hours.zone),
        hours=hours,
        skills=_load(work, "skills", SkillSettings),
        intents=_load(work, "intents", Intents).intents,
        retention=_load(work, "retention", Retention),
        costs=_load(work, "costs", Costs),
        products=_load(work, "catalogue", Catalogue).products,
        region=_load(work, "phones", Phones).region,
    )


def check_document(name: str, value: Mapping[str, object]) -> Mapping[str, object]:
    """The document as it will be stored. Raises ``InvalidInput`` naming the field, its limit and the fix."""
    shape = DOCUMENTS.get(name)
    if shape is None:
        raise InvalidInput(f"there is no setting {name}", field="name", limit=", ".join(DOCUMENTS))
    unknown = sorted(set(value) - {known.name for known in fields(shape)})
    if unknown:
        raise InvalidInput("a field is not known", field=unknown[0], fix="remove it or correct its name")
    try:
        parsed = _adapter(shape).validate_python(dict(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput("the setting is not valid", field=where or name, limit=first["msg"]) from None
    for rule in (*_listed(value, "rules"), *_listed(value, "triggers")):
        parse_rule(rule)
    _check_meaning(name, parsed)
    dumped: Mapping[str, object] = _adapter(shape).dump_python(parsed, mode="json")
    return dumped


def _listed(value: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    entries = value.get(name, ())
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list | tuple) else []


def _check_meaning(name: str, parsed: object) -> None:
    """What types alone cannot say."""
    entries: tuple[object, ...] = ()
    match parsed:
        case RoutingRules(rules=rules):
            entries = rules
        case EscalationTriggers(triggers=triggers):
            entries = triggers
        case BusinessHours(zone=zone):
            zone_named(zone)
        case Phones(region=region):
            if region is not None and not known_region(region):
                raise InvalidInput(
                    "the country of the phone numbers is not known",
                    field="region",
                    limit="two capital letters, ISO 3166-1",
                    fix='write for instance "DE", or null for none',
                )
        case Retention(days=days, action=action):
            if days is not None and not 1 <= days <= 36_500:
                raise InvalidInput("the retention period is out of range", field="days", limit="1 to 36500")
            if action not in ("anonymise", "delete"):
                raise InvalidInput("unknown retention action", field="action", limit="anonymise or delete")
        case Intents(intents=intents):
            entries = intents
            if any(not intent.phrases or not all(p.strip() for p in intent.phrases) for intent in intents):
                raise InvalidInput("an intent needs words to be known by", field="phrases", fix="add at least one")
    if len(entries) > MOST_ENTRIES:
        raise InvalidInput("too many entries", field=name, limit=f"at most {MOST_ENTRIES}")


def with_custom_intents(reading: Reading, text: str, intents: tuple[CustomIntent, ...]) -> Reading:
    """The reading with the business's own kind of matter on top, where its words occur (Property 53)."""
    if not intents:
        return reading
    words = Words(text)
    found = next((i for i in intents if i.enabled and any(words.contain(p) for p in i.phrases)), None)
    if found is None:
        return reading
    primary = reading.primary
    own = Intent(category=found.category, confidence=max(primary.confidence, 0.86), subcategory=found.name)
    others = tuple(i for i in reading.intent.all_intents if i.category is not found.category)
    return replace(reading, intent=IntentResult(primary_intent=own, secondary_intents=others))


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(shape: type[T]) -> TypeAdapter[T]:
    """Building one costs milliseconds: each is built once."""
    if shape.__name__ not in _ADAPTERS:
        _ADAPTERS[shape.__name__] = TypeAdapter(shape)
    return _ADAPTERS[shape.__name__]


def _load(work: Work, name: str, shape: type[T]) -> T:
    stored = work.config.get(name)
    return _adapter(shape).validate_python(dict(stored[0])) if stored is not None else shape()


def defaults_of(name: str) -> Mapping[str, object]:
    """What holds while nothing was set."""
    shape = DOCUMENTS[name]
    dumped: Mapping[str, object] = _adapter(shape).dump_python(shape(), mode="json")
    return dumped
