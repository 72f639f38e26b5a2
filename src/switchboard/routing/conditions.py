"""What a business may write into its own rules: fields, words and numbers. Data only, never code or patterns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from switchboard.errors import InvalidInput

MOST_CONDITIONS = 20
MOST_VALUES = 200
LONGEST_VALUE = 200
_WORD = re.compile(r"\w+")
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Field(StrEnum):
    """What a condition may look at. ``TEXT`` is the message itself."""

    INTENT = "intent"
    TOPIC = "topic"
    CHANNEL = "channel"
    LANGUAGE = "language"
    CUSTOMER_VALUE = "customer_value"
    TEXT = "text"
    URGENCY = "urgency"
    CONFIDENCE = "confidence"
    SENTIMENT = "sentiment"
    AUTOMATION_ATTEMPTS = "automation_attempts"
    AFTER_HOURS = "after_hours"


NUMBERS = frozenset({Field.URGENCY, Field.CONFIDENCE, Field.SENTIMENT, Field.AUTOMATION_ATTEMPTS})


class Comparison(StrEnum):
    """``CONTAINS_*``: whole words or phrases of the text, whatever their case. ``AT_*``: numbers, inclusive."""

    IS_ANY_OF = "is_any_of"
    IS_NONE_OF = "is_none_of"
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    field: Field
    test: Comparison
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRule:
    """A routing rule or an escalation trigger of the business: all its conditions must hold. ``to_human`` keeps
    automation away, ``escalate`` also marks the conversation; ``skills`` and ``agent_id`` go into the search for a person.
    No rule can force automation: that would get round the confidence and urgency limits."""

    name: str
    when: tuple[Condition, ...]
    to_human: bool = True
    escalate: bool = False
    skills: frozenset[str] = field(default_factory=frozenset)
    agent_id: str | None = None
    enabled: bool = True


Facts = Mapping[Field, str | float | bool | None]


def holds(rule: CustomRule, facts: Facts) -> tuple[bool, str]:
    """Whether the rule fires, and the condition that decided (without the customer's words)."""
    if not rule.enabled:
        return False, "turned off"
    for condition in rule.when:
        if not condition_holds(condition, facts):
            return False, f"{condition.field.value} {condition.test.value.replace('_', ' ')}: no"
    seen = ", ".join(f"{c.field.value} {c.test.value.replace('_', ' ')} {'/'.join(c.values[:5])}" for c in rule.when)
    return bool(rule.when), seen or "it has no conditions"


def condition_holds(condition: Condition, facts: Facts) -> bool:
    """A fact that is unknown matches nothing, not even "none of"."""
    fact = facts.get(condition.field)
    if fact is None:
        return False
    if condition.test in (Comparison.AT_LEAST, Comparison.AT_MOST):
        number, limit = float(fact), float(condition.values[0])
        return number >= limit if condition.test is Comparison.AT_LEAST else number <= limit
    if condition.test in (Comparison.CONTAINS_ANY, Comparison.CONTAINS_ALL):
        among = any if condition.test is Comparison.CONTAINS_ANY else all
        text = Words(str(fact))
        return among(text.contain(value) for value in condition.values)
    known = {value.casefold() for value in condition.values}
    return (_plain(fact) in known) == (condition.test is Comparison.IS_ANY_OF)


def _plain(fact: str | float | bool) -> str:
    if isinstance(fact, float) and fact.is_integer():
        return str(int(fact))
    return str(fact).casefold()


class Words:
    """A text cut into words once, so that many phrases can be looked up in linear time."""

    def __init__(self, text: str) -> None:
        self._folded = fold(text)
        self._padded = _spaced(self._folded)

    def contain(self, phrase: str) -> bool:
        """Whole words in that order; scripts without spaces match anywhere."""
        folded, padded = _phrase(phrase)
        if not padded.strip():
            return False
        return folded in self._folded if _WITHOUT_SPACES.search(folded) else padded in self._padded


def fold(text: str) -> str:
    """Case and width do not matter, nor which apostrophe was typed."""
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()


def _spaced(folded: str) -> str:
    return f" {' '.join(_WORD.findall(folded))} "


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> tuple[str, str]:
    folded = fold(phrase)
    return folded, _spaced(folded)


def parse_rule(data: Mapping[str, object]) -> CustomRule:
    """A rule as the API takes it: ``{"name", "when": [{"field", "test", "values"}], "to_human", "escalate", "skills",
    "agent_id", "enabled"}``. Raises ``InvalidInput`` naming the field, the limit and how to mend it."""
    unknown = sorted(set(data) - {"name", "when", "to_human", "escalate", "skills", "agent_id", "enabled"})
    if unknown:
        raise _invalid(unknown[0], "a known field", "Remove it or correct its spelling.")
    when = data.get("when")
    if not isinstance(when, Sequence) or isinstance(when, str) or not 1 <= len(when) <= MOST_CONDITIONS:
        raise _invalid("when", f"1 to {MOST_CONDITIONS} conditions", "List at least one condition.")
    agent_id = data.get("agent_id")
    return CustomRule(
        name=_text(data.get("name"), "name"),
        when=tuple(_condition(item, place) for place, item in enumerate(when)),
        to_human=_flag(data, "to_human", True),
        escalate=_flag(data, "escalate", False),
        skills=frozenset(_texts(data.get("skills", ()), "skills")),
        agent_id=None if agent_id is None else _text(agent_id, "agent_id"),
        enabled=_flag(data, "enabled", True),
    )


def _condition(item: object, place: int) -> Condition:
    where = f"when[{place}]"
    if not isinstance(item, Mapping) or set(item) != {"field", "test", "values"}:
        raise _invalid(where, "exactly field, test and values", "Give these three.")
    try:
        seen, test = Field(item["field"]), Comparison(item["test"])
    except ValueError:
        fields, tests = ", ".join(Field), ", ".join(Comparison)
        raise _invalid(where, f"fields: {fields}; tests: {tests}", "Use one of these.") from None
    values = _texts(item["values"], f"{where}.values")
    if not values:
        raise _invalid(f"{where}.values", "at least one value", "Add a value.")
    _check_pair(seen, test, values, where)
    return Condition(field=seen, test=test, values=values)


def _check_pair(seen: Field, test: Comparison, values: tuple[str, ...], where: str) -> None:
    if test in (Comparison.AT_LEAST, Comparison.AT_MOST) and (
        seen not in NUMBERS or len(values) != 1 or not _is_number(values[0])
    ):
        raise _invalid(
            where, f"one number, for {', '.join(sorted(NUMBERS))}", "Compare a number field with one number."
        )
    if test in (Comparison.CONTAINS_ANY, Comparison.CONTAINS_ALL) and seen is not Field.TEXT:
        raise _invalid(where, "contains_* only for text", "Use is_any_of for this field.")
    if seen is Field.TEXT and test not in (Comparison.CONTAINS_ANY, Comparison.CONTAINS_ALL):
        raise _invalid(where, "text only with contains_any or contains_all", "Use one of these tests.")


def _is_number(value: str) -> bool:
    try:
        return abs(float(value)) < 1e9
    except ValueError:
        return False


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence | frozenset | set) or isinstance(value, str) or len(value) > MOST_VALUES:
        raise _invalid(where, f"a list of at most {MOST_VALUES}", "Give a list.")
    return tuple(_text(str(item) if isinstance(item, int | float) else item, where) for item in value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST_VALUE:
        raise _invalid(where, f"text of 1 to {LONGEST_VALUE} characters", "Shorten it or fill it in.")
    return value.strip()


def _flag(data: Mapping[str, object], name: str, default: bool) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise _invalid(name, "true or false", "Use true or false.")
    return value


def _invalid(where: str, limit: str, fix: str) -> InvalidInput:
    return InvalidInput(f"The rule's {where} is not valid: {limit}.", field=where, limit=limit, fix=fix)
