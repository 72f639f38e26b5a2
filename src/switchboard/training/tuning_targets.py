"""Soft labels for fine-tuning: what a message should be read as, where several sources speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.encoder_heads import CLASSES, KINDS, TOPICS
from switchboard.training.corpus import Lesson
from switchboard.training.data import Example
from switchboard.training.plan import Fine

Floats = NDArray[np.float32]


def silent(example: Example) -> Example:
    return replace(example, intent=None, topic=None, score=None)


def blend(wanted: Floats, example: Example, trust: float) -> None:
    """Move one row of soft labels towards what the class mapping says, in place."""
    sure = min(1.0, example.weight)
    if example.intent is not None:
        wanted[KINDS["intent"]] *= 1 - trust * sure
        wanted[KINDS["intent"].start + CLASSES.index(example.intent)] += trust * sure
    if example.topic is not None:
        wanted[KINDS["topic"]] *= 1 - 0.8 * sure
        wanted[KINDS["topic"].start + TOPICS.index(example.topic)] += 0.8 * sure
    wanted[KINDS["score"]] = np.clip(wanted[KINDS["score"]], -1, 1)
    if example.score is not None:
        wanted[KINDS["score"]] = 0.5 * wanted[KINDS["score"]] + 0.5 * example.score


def fine_of(lesson: Lesson, classes: Mapping[str, Sequence[str]]) -> Fine:
    if not lesson.fine:
        return None
    source = lesson.example.source
    return source, tuple(classes[source].index(name) for name in lesson.fine)


def shared(wanted: Floats, example: Example, share: float) -> None:
    """Give the further intents of one row a small share of the main one's, in place."""
    if example.intent is None or not example.secondary:
        return
    wanted[KINDS["intent"]] *= 1 - share
    for intent in example.secondary:
        wanted[KINDS["intent"].start + CLASSES.index(intent)] += share / len(example.secondary)
