"""Reads a message by rules alone: quick, modest in its confidence, and always there when the model is not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from switchboard.domain.reading import (
    Entity,
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    ReadingSource,
    Topic,
)
from switchboard.understanding.foreign import LANGUAGES, intent_scores_in
from switchboard.understanding.lexicon import TOPIC_WORDS
from switchboard.understanding.signals import outside_step, time_sensitive, wants_human
from switchboard.understanding.text import plain, words
from switchboard.understanding.tone import sentiment_by_rules, tone, tone_in

RULES_VERSION = "rules-1"
DETECTED = 0.30
"""Evidence from which an intent counts as detected."""
CEILING = 0.69
"""Rules never claim more: what they read always goes before a person's eye (decisions, "Understanding")."""

_CUES: Mapping[IntentCategory, Sequence[tuple[re.Pattern[str], float]]] = {
    IntentCategory.COMPLAINT: (
        (re.compile(r"\b(?:complaint|complain|unacceptable|worst|terrible|ridiculous|disappointed|fed up|"
        r"beschwerde|plainte|queja|reclamo|reclamação|klacht)\b"), 0.5),
        (re.compile(r"\b(?:still|again|twice|third time|supposed to|promised|overdue|never (?:arrived|"
        r"received|got)|weeks? late|days? late)\b"), 0.35),
        (re.compile(r"\b(?:broken|damaged|defective|not work\w{0,4}|doesn't work|won't|wrong|missing|"
        r"overcharged|rude|ignored|crash\w{0,3}|failed|kaputt|roto|cassé)\b"), 0.35),
    ),
    IntentCategory.REQUEST: (
        (re.compile(r"\b(?:please|pls|plz|bitte|por favor|per favore|s'il vous plaît|alstublieft)\b"), 0.25),
        (re.compile(r"\b(?:i need|i want|i'd like|i would like|we need|help me|i wanna|ich möchte|ich "
        r"brauche|je veux|je voudrais|quiero|necesito|vorrei|voglio|quero|preciso|ik wil)\b"), 0.35),
        (re.compile(r"\b(?:cancel|refund|return|change|update|send|book|open|close|unlock|reset|activate|"
        r"replace|fix|check|transfer|remove|delete|stornieren|annuler|cancelar|annullare|annuleren)\b"), 0.25),
        (re.compile(r"\b(?:can|could|will|would) (?:you|u|someone|somebody)\b"), 0.35),
        (re.compile(r"\bi (?:lost|forgot|mistyped)\b|\bmy (?:card|wallet|phone) (?:was|got|is) (?:lost|"
        r"stolen)\b"), 0.4),
    ),
    IntentCategory.INQUIRY: (
        (re.compile(r"[?？¿]"), 0.35),
        (re.compile(r"\b(?:how|what|when|where|why|which|who|is there|are there|do you|does|can i|may i|is "
        r"it possible)\b"), 0.3),
        (re.compile(r"^(?:wie|was|wann|wo|warum|comment|quand|où|pourquoi|cómo|cuándo|dónde|qué|come|quando|"
        r"dove|como|onde|hoe|wanneer|waar)\b"), 0.45),
    ),
    IntentCategory.FEEDBACK: (
        (re.compile(r"\b(?:thank you|thanks|love|great|awesome|excellent|amazing|recommend|best|delicious|"
        r"well done|danke|merci|gracias|grazie|obrigad[oa]|bedankt)\b"), 0.4),
        (re.compile(r"\b(?:suggest|suggestion|feedback|would be nice|you should|wish you|feature|bring back)\b"), 0.4),
    ),
}  # fmt: skip
_TOPICS = {word: topic for topic, listed in TOPIC_WORDS.items() for word in listed.split()}


def intent_scores(text: str, language: str = "") -> dict[IntentCategory, float]:
    """Evidence for each intent in [0, ``CEILING``], without probability's meaning; by the words of ``language`` where we
    have lists for it."""
    if language in LANGUAGES:
        found = dict(intent_scores_in(language, text, tone_in(language, text).score))
        escalation = _outside_the_service(text)
        most = escalation - 0.01 if escalation else CEILING  # the step outside comes first (guideline 1.1)
        return {IntentCategory.ESCALATION: escalation, **{intent: min(most, score) for intent, score in found.items()}}
    low = plain(text)
    scores = {intent: sum(weight for cue, weight in cues if cue.search(low)) for intent, cues in _CUES.items()}
    mood = tone(text).score
    scores[IntentCategory.COMPLAINT] += max(0.0, -mood) * 0.5
    scores[IntentCategory.FEEDBACK] += max(0.0, mood) * 0.3
    scores[IntentCategory.ESCALATION] = _outside_the_service(text)
    if scores[IntentCategory.COMPLAINT] >= 0.35:
        scores[IntentCategory.INQUIRY] *= 0.7
        scores[IntentCategory.FEEDBACK] *= 0.5
    return {intent: min(CEILING, score) for intent, score in scores.items()}


def _outside_the_service(text: str) -> float:
    return CEILING if wants_human(text) else 0.55 * outside_step(text)


def topic_by_rules(text: str) -> Topic:
    """The topic with most words in the text; ``general`` when none is named."""
    counts: dict[Topic, int] = {}
    for word in words(plain(text)):
        if topic := _TOPICS.get(word):
            counts[topic] = counts.get(topic, 0) + 1
    return max(counts, key=lambda topic: counts[topic]) if counts else Topic.GENERAL


def intents_by_rules(text: str, language: str = "") -> IntentResult:
    """All intents with evidence, strongest first; without any, an inquiry of little confidence."""
    topic = topic_by_rules(text)
    scores = intent_scores(text, language)
    found = [
        Intent(category=intent, confidence=round(scores[intent], 3), subcategory=topic)
        for intent in sorted(IntentCategory, key=lambda intent: -scores[intent])
        if scores[intent] >= DETECTED
    ]
    if not found:
        found = [Intent(category=IntentCategory.INQUIRY, confidence=0.2, subcategory=topic)]
    return IntentResult(primary_intent=found[0], secondary_intents=tuple(found[1:]))


def read_by_rules(text: str, *, language: Language, entities: Sequence[Entity] = ()) -> Reading:
    """A whole reading without a model; ``language`` and ``entities`` were found before."""
    return Reading(
        intent=intents_by_rules(text, language.code),
        sentiment=sentiment_by_rules(text, language.code),
        language=language,
        entities=tuple(entities),
        source=ReadingSource.RULES,
        model_version=RULES_VERSION,
        wants_human=wants_human(text),
        time_sensitive=time_sensitive(text),
    )
