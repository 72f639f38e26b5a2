"""Prepares labels for the network that is fitted on encoded messages, and fits its calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from switchboard.domain.reading import IntentCategory, sentiment_label
from switchboard.engines.encoder_heads import (
    CLASSES,
    INTENTS,
    KINDS,
    OUTPUTS,
    TOPICS,
    Calibration,
    Network,
    band_share,
    doubts,
    idle,
    leaning,
    softmax,
)
from switchboard.training.data import Example
from switchboard.training.network import Recipe, Targets, activated, fit_network

UNSURE_NEGATIVE = 0.3
"""Weight of "not present" in weak rows: their class names one intent and is silent on the others."""
IDLE = 0.05
"""What a message without intent counts in calibration where it looks as if it had one: sets of commands and chatter supply more
of them than customers do. Where "no intent" comes near, all count, so that such messages stay below what is automated."""
SCORE_WEIGHT = 2.0
"""What the squared error of the tone counts beside the log losses."""

LEANS = np.arange(0.8, 3.25, 0.1)
BESIDE = 5
"""Values that are looked at together where few messages decide."""

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


def kept(examples: Sequence[Example], most: int) -> list[int]:
    """Rows to learn from: all hand labels, and at most ``most`` weak ones of each source and intent (tone alone: four
    times as many)."""
    counts: Counter[tuple[str, str | None]] = Counter()
    rows = []
    for row, example in enumerate(examples):
        if example.intent is None and example.topic is None and example.score is None:
            continue
        group = (example.source, example.intent)
        counts[group] += not example.by_hand
        if example.by_hand or counts[group] <= (most if example.intent else 4 * most):
            rows.append(row)
    return rows


def targets_of(examples: Sequence[Example], recipe: Recipe) -> Targets:
    """What the network should say of each example, and how much that counts."""
    wanted, weights = (np.zeros((len(examples), OUTPUTS), np.float32) for _ in range(2))
    for row, example in enumerate(examples):
        own = recipe.hand if example.by_hand else example.weight
        if example.intent is not None:
            present = np.array([_present(example, intent) for intent in INTENTS], np.float32)
            wanted[row, KINDS["intent"].start + CLASSES.index(example.intent)] = 1
            wanted[row, KINDS["present"]] = present
            weights[row, KINDS["intent"]] = own
            weights[row, KINDS["present"]] = own * np.where(present + example.by_hand > 0, 1.0, UNSURE_NEGATIVE)
        if example.topic is not None:
            wanted[row, KINDS["topic"].start + TOPICS.index(example.topic)] = 1
            weights[row, KINDS["topic"]] = own
        if example.score is not None:
            wanted[row, KINDS["score"]] = example.score
            weights[row, KINDS["score"]] = own * SCORE_WEIGHT
    _balance(wanted, weights, recipe.balance)
    return Targets(wanted=wanted, weights=weights / max(1e-6, float(weights[:, 0].mean())))


def _balance(wanted: Floats, weights: Floats, power: float) -> None:
    """Make rare intents count more, in place."""
    place = KINDS["intent"]
    totals = (wanted[:, place] * weights[:, place]).sum(axis=0)
    there = totals > 0
    factor = np.ones_like(totals)
    factor[there] = (totals[there].mean() / totals[there]) ** power
    known = wanted[:, place].any(axis=1)
    weights[known, place] *= (wanted[known, place] @ factor)[:, None]


def _present(example: Example, intent: IntentCategory) -> int:
    return int(example.intent == intent or str(intent) in example.secondary)


def fit_confidence(chances: Floats, right: NDArray[np.bool_], counts: Floats) -> tuple[float, ...]:
    """Weights of ``doubts`` by logistic regression, which a few hundred messages settle. ``chances`` (n, 6) are raw,
    ``counts`` (n) is what each message counts. A surer message never becomes less sure."""
    steep, *others = _logistic(doubts(chances), right, counts)
    return (max(0.05, steep), *others)


def fit_band(scores: Floats, spread: float, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift by which the share of a tone's band becomes the chance that its label is right."""
    shares = np.clip([band_share(float(score), spread) for score in scores], 0.001, 0.999)
    sides = np.stack([np.log(shares / (1 - shares)), np.ones(len(shares))], axis=1)
    slope, shift = _logistic(sides.astype(np.float32), right, np.ones(len(scores), np.float32))
    return max(0.05, slope), shift


def _logistic(sides: Floats, right: NDArray[np.bool_], counts: Floats) -> tuple[float, ...]:
    """Weights of logistic regression, all but the last held near 0."""
    rows, weights = sides.astype(np.float64), counts.astype(np.float64)
    held = np.array([1.0] * (sides.shape[1] - 1) + [0.0])
    curve = np.zeros(sides.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ curve))
        slope = rows.T @ (weights * (chance - right)) + held * curve
        bend = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + np.diag(held + 1e-6)
        curve = curve - np.linalg.solve(bend, slope)
    return tuple(map(float, curve))


def fit_calibration(out: Floats, examples: Sequence[Example]) -> Calibration:
    """From the network's scores (n, OUTPUTS) on messages that it did not learn from. Every example is labelled by hand."""
    target = np.array([CLASSES.index(str(example.intent)) for example in examples])
    lean = fit_lean(softmax(out[:, KINDS["intent"]]), target)
    chances = leaning(softmax(out[:, KINDS["intent"]]), lean)
    counts = np.where((target == len(INTENTS)) & ~idle(chances), IDLE, 1.0).astype(np.float32)
    tone = np.clip(out[:, KINDS["score"]][:, 0], -1, 1)
    meant = np.array([example.score for example in examples], np.float32)
    spread = float(max(0.1, np.sqrt(np.mean((tone - meant) ** 2))))
    right = [
        sentiment_label(round(float(one), 3)) == sentiment_label(float(two))
        for one, two in zip(tone, meant, strict=True)
    ]
    return Calibration(
        sure=fit_confidence(chances, chances[:, :-1].argmax(axis=1) == target, counts),
        present_from=fit_threshold(activated(out)[:, KINDS["present"]], examples),
        score_spread=spread,
        band=fit_band(tone, spread, np.array(right, np.bool_)),
        lean=lean,
    )


def fit_lean(chances: Floats, target: Places) -> float:
    """How many times an escalation should count: the best F1 of escalations among messages with an intent, where the values
    beside it count as well, since a handful of messages makes the difference. ``chances`` (n, 6) are raw, ``target`` (n) the
    right columns."""
    place, some = INTENTS.index(IntentCategory.ESCALATION), target < len(INTENTS)
    meant = target[some] == place
    found = []
    for lean in LEANS:
        said = leaning(chances, float(lean))[some, :-1].argmax(axis=1) == place
        found.append(2 * float((said & meant).sum()) / max(1.0, float(said.sum() + meant.sum())))
    around = np.convolve(found, np.full(BESIDE, 1 / BESIDE), "valid")
    return round(float(LEANS[around.argmax() + BESIDE // 2]), 2)


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


def fit_on(
    seen: Floats, examples: Sequence[Example], recipe: Recipe, seed: int, advance: Callable[[], None] = lambda: None
) -> Network:
    """The network fitted on what the recipe takes of the examples; row i of ``seen`` belongs to example i."""
    rows = kept(examples, recipe.most)
    return fit_network(seen[rows], targets_of([examples[row] for row in rows], recipe), recipe, seed, advance)
