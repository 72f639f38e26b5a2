"""A plain demand for a person is an escalation; a story about one is not."""

from __future__ import annotations

import pytest

from switchboard.domain.reading import IntentCategory, Language, Topic
from switchboard.understanding.combine import ModelView, combine
from switchboard.understanding.demands import demands_person

DEMANDS = (
    "I want to talk to a human.",
    "Third time I ask: my order has not arrived. I want to speak to a manager.",
    "put me through to a supervisor",
    "@shop never got my order, who could I speak to about that?",
    "Can someone call me please",
    "how do I get hold of a real person",
    "we'd like to speak with somebody at head office",
)
STORIES = (
    "I spoke to a manager yesterday and he was rude.",
    "Still unable to get you to let me talk to a real person",
    "I waited two hours to be able to speak to someone",
    "I need to talk to a financial advisor.",
    "can someone help me with my order?",
    "what is your phone number?",
    "Where can I find an agent nearby?",
)


def view(main: IntentCategory, share: float) -> ModelView:
    others = dict.fromkeys(IntentCategory, 0.05)
    return ModelView(
        primary={**others, main: share}, present={**others, main: share}, topic=Topic.GENERAL, score=-0.3,
        score_confidence=0.8,
    )  # fmt: skip


@pytest.mark.parametrize("text", DEMANDS)
def test_a_demand_is_seen(text: str) -> None:
    assert demands_person(text)


@pytest.mark.parametrize("text", STORIES)
def test_a_story_is_not_a_demand(text: str) -> None:
    assert not demands_person(text)


@pytest.mark.parametrize("text", DEMANDS)
def test_it_comes_before_what_the_model_saw(text: str) -> None:
    seen = view(IntentCategory.COMPLAINT, 0.8)
    reading = combine(seen, text, language=Language(code="en", confidence=0.99))

    assert reading.primary.category is IntentCategory.ESCALATION
    assert [i.category for i in reading.intent.secondary_intents] == [IntentCategory.COMPLAINT]
    confidences = [i.confidence for i in reading.intent.all_intents]
    assert confidences == sorted(confidences, reverse=True)


def test_a_long_letter_is_left_to_the_model() -> None:
    assert not demands_person("They did nothing for weeks. " * 20 + "I want to speak to a manager.")
