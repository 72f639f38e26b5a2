"""Joins what the model saw with what the rules know into one reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from switchboard.domain.reading import (
    Entity,
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    ReadingSource,
    SentimentResult,
    Topic,
    sentiment_label,
)
from switchboard.understanding.demands import demands_person
from switchboard.understanding.rules import CEILING, intents_by_rules
from switchboard.understanding.signals import time_sensitive, wants_human
from switchboard.understanding.tone import sentiment_by_rules, tone

UNREADABLE = 0.30
"""Most confidence for a text without a single letter: nobody can know what it wants."""
DEMANDED = 0.9
"""Confidence of an escalation that is plainly demanded; 85 of 89 such messages in our own labels and texts were."""
PRESENT = 0.5
"""Confidence from which the model's main intent stays as a second one beside the demand."""
FOREIGN = 0.7
"""Confidence in another language than English from which the rules' intents and tone replace the model's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """What the heads say of one message. ``primary`` are calibrated chances of being the main intent (they need not add
    up to 1: the rest is "no intent"), ``present`` the chances of being there at all; ``score`` in [-1, 1]."""

    primary: Mapping[IntentCategory, float]
    present: Mapping[IntentCategory, float]
    topic: Topic
    score: float
    score_confidence: float


def combine(
    view: ModelView,
    text: str,
    *,
    language: Language,
    entities: Sequence[Entity] = (),
    embedding: Sequence[float] = (),
    version: str = "",
    present_from: float = 0.5,
) -> Reading:
    """The model's reading of a text; rules add the wish for a person, the hurry and the words of emotion."""
    intent, sentiment = ranked(view, present_from=present_from), _by_model(view, text)
    if not any(sign.isalpha() for sign in text):
        intent, sentiment = _capped(intent, UNREADABLE), sentiment_by_rules(text)
    elif foreign(language):
        intent = _capped(intents_by_rules(text, language.code), CEILING)
        sentiment = sentiment_by_rules(text, language.code)
    elif language.code != "en":
        intent = _capped(intent, CEILING)  # perhaps a language that the model never learned: a person looks
    asked = wants_human(text)
    if asked and language.code == "en" and demands_person(text):
        intent = demanded(intent, view.topic)
    return Reading(
        intent=intent,
        sentiment=sentiment,
        language=language,
        entities=tuple(entities),
        source=ReadingSource.MODEL,
        model_version=version,
        wants_human=asked,
        time_sensitive=time_sensitive(text),
        embedding=embedding,
    )


def _by_model(view: ModelView, text: str) -> SentimentResult:
    score = round(min(1.0, max(-1.0, view.score)), 3)
    return SentimentResult(
        score=score,
        label=sentiment_label(score),
        confidence=_share(view.score_confidence),
        emotional_indicators=tone(text).indicators,
    )


def foreign(language: Language) -> bool:
    """Whether the text is surely in a language that the model never learned: there the rules know more words."""
    return language.code not in ("en", "und") and language.confidence >= FOREIGN


def ranked(view: ModelView, *, present_from: float) -> IntentResult:
    """The likeliest main intent, then every other intent that is present, never surer than the first (Property 6)."""
    main = max(IntentCategory, key=lambda intent: view.primary[intent])
    top = _share(view.primary[main])
    others = sorted(
        (
            Intent(category=intent, confidence=min(top, _share(view.present[intent])), subcategory=view.topic)
            for intent in IntentCategory
            if intent is not main and view.present[intent] >= present_from
        ),
        key=lambda intent: -intent.confidence,
    )
    first = Intent(category=main, confidence=top, subcategory=view.topic)
    return IntentResult(primary_intent=first, secondary_intents=tuple(others))


def demanded(found: IntentResult, topic: Topic) -> IntentResult:
    """Escalation first, since a plain demand for a person is one whatever else is told (labelling guideline, 1.1); what
    the model saw follows, never surer."""
    kept = next((i for i in found.all_intents if i.category is IntentCategory.ESCALATION), None)
    sure = max(DEMANDED, kept.confidence if kept is not None else 0.0)
    first = Intent(category=IntentCategory.ESCALATION, confidence=sure, subcategory=topic)
    others = tuple(intent for intent in found.all_intents if intent.category is not IntentCategory.ESCALATION)
    main, *rest = others or (first,)
    told = () if main is first or main.confidence < PRESENT else (main,)
    return IntentResult(primary_intent=first, secondary_intents=(*told, *rest))


def _capped(result: IntentResult, most: float) -> IntentResult:
    first, *rest = (replace(intent, confidence=min(most, intent.confidence)) for intent in result.all_intents)
    return IntentResult(primary_intent=first, secondary_intents=tuple(rest))


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
