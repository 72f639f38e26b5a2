"""Fits the linear heads and their calibration on encoded messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from switchboard.domain.reading import IntentCategory
from switchboard.engines.encoder_heads import (
    CLASSES,
    DENSE,
    INTENTS,
    TOPICS,
    Calibration,
    Features,
    Head,
    Heads,
    softmax,
)
from switchboard.training.data import Example
from switchboard.understanding.features import BUCKETS

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # no type information

HAND_WEIGHT = 6.0
"""One label made by reading counts as many of the weak ones."""
MOST_PER_CLASS = 450
"""Weak rows of one source and intent: public sets are lopsided, customers are not."""
UNSURE_NEGATIVE = 0.3
"""Weight of "not present" in weak rows: their class names one intent and is silent on the others."""

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


class Table:
    """Features of all examples as one sparse matrix, dense columns first."""

    def __init__(self, seen: Features) -> None:
        from scipy import sparse  # type: ignore[import-untyped]  # the library ships no type information

        lengths = [len(found) for found in seen.words]
        values = np.concatenate([np.full(size, 1 / np.sqrt(size)) for size in lengths if size] or [np.zeros(0)])
        columns = np.array([bucket for found in seen.words for bucket in found], np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        hashed = sparse.csr_matrix((values, columns, starts), shape=(len(lengths), BUCKETS))
        self.matrix = sparse.hstack([sparse.csr_matrix(seen.dense), hashed * np.float32(0.5)], format="csr")


def linear_head(weights: NDArray[np.generic], bias: NDArray[np.generic]) -> Head:
    """From columns of ``Table`` back to the two parts of a head."""
    full = np.asarray(weights, np.float32)
    return Head(
        dense=np.ascontiguousarray(full[:, :DENSE].T),
        words=np.ascontiguousarray(full[:, DENSE:].T) * np.float32(0.5),
        bias=np.asarray(bias, np.float32),
    )


def logistic(strength: float) -> LogisticRegression:
    """Logistic regression with the common limits."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=150, tol=1e-3)


def balanced_rows(examples: Sequence[Example], most: int = MOST_PER_CLASS) -> list[int]:
    """Rows with an intent, at most ``most`` weak ones of each source and intent."""
    counts: dict[tuple[str, str], int] = {}
    rows = []
    for row, example in enumerate(examples):
        if example.intent is None:
            continue
        group = (example.source, example.intent)
        counts[group] = counts.get(group, 0) + 1
        if example.by_hand or counts[group] <= most:
            rows.append(row)
    return rows


def weights_of(examples: Sequence[Example], rows: Sequence[int], hand: float = HAND_WEIGHT) -> Floats:
    return np.array([hand if examples[row].by_hand else examples[row].weight for row in rows], np.float32)


def fit_intent(table: Table, examples: Sequence[Example], *, strength: float = 1.0, hand: float = HAND_WEIGHT) -> Head:
    """The main intent, one of five or none."""
    rows = balanced_rows(examples)
    target = [CLASSES.index(str(examples[row].intent)) for row in rows]
    model = logistic(strength)
    model.fit(table.matrix[rows], target, sample_weight=weights_of(examples, rows, hand))
    return linear_head(model.coef_, model.intercept_)


def fit_present(table: Table, examples: Sequence[Example], *, strength: float = 1.0) -> Head:
    """Each of the five intents by itself: is it there, as main or as further intent?"""
    rows = balanced_rows(examples)
    fitted = []
    for intent in INTENTS:
        target = [_present(examples[row], intent) for row in rows]
        weights = weights_of(examples, rows) * np.where(
            [bool(hit) or examples[row].by_hand for hit, row in zip(target, rows, strict=True)], 1.0, UNSURE_NEGATIVE
        )
        model = logistic(strength)
        model.fit(table.matrix[rows], target, sample_weight=weights)
        fitted.append((model.coef_[0], model.intercept_[0]))
    return linear_head(np.array([one for one, _ in fitted]), np.array([one for _, one in fitted]))


def _present(example: Example, intent: IntentCategory) -> int:
    return int(example.intent == intent or str(intent) in example.secondary)


def fit_topic(table: Table, examples: Sequence[Example], *, strength: float = 1.0) -> Head:
    """The topic, one of twelve."""
    counts: dict[tuple[str, str], int] = {}
    rows = []
    for row, example in enumerate(examples):
        if example.topic is None:
            continue
        group = (example.source, str(example.topic))
        counts[group] = counts.get(group, 0) + 1
        if example.by_hand or counts[group] <= MOST_PER_CLASS:
            rows.append(row)
    target = [TOPICS.index(topic) for row in rows if (topic := examples[row].topic)]
    model = logistic(strength)
    model.fit(table.matrix[rows], target, sample_weight=weights_of(examples, rows, 8.0))
    weights, bias = np.zeros((len(TOPICS), table.matrix.shape[1]), np.float32), np.full(len(TOPICS), -9.0, np.float32)
    weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return linear_head(weights, bias)


def fit_score(table: Table, examples: Sequence[Example], *, strength: float = 3.0) -> Head:
    """The tone in [-1, 1] by ridge regression."""
    from sklearn.linear_model import Ridge

    rows = [row for row, example in enumerate(examples) if example.score is not None]
    target = [score for row in rows if (score := examples[row].score) is not None]
    model = Ridge(alpha=strength, solver="sparse_cg", tol=1e-3)
    model.fit(table.matrix[rows], target, sample_weight=weights_of(examples, rows))
    return linear_head(model.coef_.reshape(1, -1), np.atleast_1d(model.intercept_))


def fit_temperature(scores: Floats, target: NDArray[np.intp]) -> float:
    """The temperature with the least log loss."""
    choices = np.geomspace(0.4, 4.0, 60)
    losses = [-np.log(softmax(scores / np.float32(t))[np.arange(len(target)), target] + 1e-9).mean() for t in choices]
    return float(choices[int(np.argmin(losses))])


def fit_honesty(confidence: Floats, right: NDArray[np.bool_]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Map from raw to observed confidence at ten knots, rising without steps so that the order of messages stays."""
    groups = np.array_split(np.argsort(confidence), 10)
    raw = [float(confidence[group].mean()) for group in groups]
    seen = rising([float((right[group].sum() + 1) / (len(group) + 2)) for group in groups])
    strict = [min(0.99, share + place * 1e-4) for place, share in enumerate(seen)]
    end = max(0.97, strict[-1] + 2e-3)
    return (0.0, *raw, 1.0), (0.0, *strict, end)


def rising(values: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls: neighbours out of order share their mean (pool adjacent violators)."""
    blocks: list[list[float]] = []
    for value in values:
        blocks.append([value])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1].extend(last)
    return [float(np.mean(block)) for block in blocks for _ in block]


def fit_calibration(scores: Floats, examples: Sequence[Example], tone: Floats, present: Floats) -> Calibration:
    """From predictions on messages that the heads did not learn from. Every example is labelled by hand."""
    target = np.array([CLASSES.index(str(example.intent)) for example in examples])
    temperature = fit_temperature(scores, target)
    chances = softmax(scores / np.float32(temperature))[:, : len(INTENTS)]
    raw, honest = fit_honesty(chances.max(axis=1), chances.argmax(axis=1) == target)
    error = tone - np.array([example.score for example in examples], np.float32)
    return Calibration(
        temperature=temperature,
        raw=raw,
        honest=honest,
        present_from=fit_threshold(present, examples),
        score_spread=float(max(0.1, np.sqrt(np.mean(error**2)))),
    )


def fit_threshold(present: Floats, examples: Sequence[Example]) -> float:
    """The chance from which naming a further intent is right most often (best F1 over further intents)."""

    def quality(least: float) -> float:
        hits = named = there = 0
        for row, example in enumerate(examples):
            further = {str(i) for c, i in zip(present[row], INTENTS, strict=True) if c >= least and i != example.intent}
            hits, named, there = (
                hits + len(further & set(example.secondary)),
                named + len(further),
                there + len(example.secondary),
            )
        return 2 * hits / max(1, named + there)

    return float(max(np.arange(0.2, 0.85, 0.05), key=quality))


def fit_all(table: Table, examples: Sequence[Example], version: str, calibration: Calibration) -> Heads:
    return Heads(
        version=version,
        intent=fit_intent(table, examples),
        present=fit_present(table, examples),
        topic=fit_topic(table, examples),
        score=fit_score(table, examples),
        calibration=calibration,
    )
