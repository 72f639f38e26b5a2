"""Fits the small network that reads intent, presence, topic and tone from the encoder's numbers, by Adam with dropout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.encoder_heads import KINDS, OUTPUTS, Network, softmax

BATCH = 256
GENTLE, STEADY = 0.9, 0.999
"""How long Adam remembers slopes and their squares."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the network is fitted, chosen on the calibration split.

    ``members`` networks of ``width`` hidden units are averaged; ``hand``: one label made by reading counts as many weak
    ones; ``most``: weak rows of one source and intent, since public sets are lopsided and customers are not; ``balance``:
    0 leaves the weights of the intents as they are, 1 makes them equal; ``decay`` shrinks weights with every step;
    ``blur`` and ``drop`` are the shares of inputs and of hidden units left out at random.
    """

    width: int = 128
    members: int = 4
    rounds: int = 15
    hand: float = 6.0
    most: int = 250
    balance: float = 0.3
    rate: float = 2e-3
    decay: float = 0.05
    blur: float = 0.1
    drop: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the network should say of each row, columns as in ``OUTPUTS``, and what each column of it counts (0: unknown)."""

    wanted: Floats
    weights: Floats


def fit_network(
    dense: Floats, targets: Targets, recipe: Recipe, seed: int, advance: Callable[[], None] = lambda: None
) -> Network:
    """The average of ``recipe.members`` networks. ``dense`` (n, DENSE). The same seed gives the same network."""
    mean, spread = dense.mean(axis=0), dense.std(axis=0) + np.float32(1e-3)
    scaled = (dense - mean) / spread
    parts = []
    for member in range(recipe.members):
        parts.append(_one(scaled, targets, recipe, np.random.default_rng([seed, member])))
        advance()
    inner = np.concatenate([part[0] for part in parts], axis=1) / spread[:, None]
    return Network(
        inner=inner.astype(np.float32),
        inner_bias=(np.concatenate([part[1] for part in parts]) - mean @ inner).astype(np.float32),
        outer=(np.concatenate([part[2] for part in parts]) / recipe.members).astype(np.float32),
        outer_bias=np.mean([part[3] for part in parts], axis=0, dtype=np.float32),
    )


def _one(scaled: Floats, targets: Targets, recipe: Recipe, rng: np.random.Generator) -> list[Floats]:
    size, wide = scaled.shape
    weights = _start(wide, recipe.width, rng)
    slow, square = [np.zeros_like(part) for part in weights], [np.zeros_like(part) for part in weights]
    steps, total = 0, recipe.rounds * -(-size // BATCH)
    for _ in range(recipe.rounds):
        order = rng.permutation(size)
        for start in range(0, size, BATCH):
            rows = order[start : start + BATCH]
            slopes = _slopes(scaled[rows], targets.wanted[rows], targets.weights[rows], weights, recipe, rng)
            steps += 1
            rate = recipe.rate * (1 - steps / (total + 1))
            for place, slope in enumerate(slopes):
                slow[place] = GENTLE * slow[place] + (1 - GENTLE) * slope
                square[place] = STEADY * square[place] + (1 - STEADY) * slope**2
                move = slow[place] / (1 - GENTLE**steps) / (np.sqrt(square[place] / (1 - STEADY**steps)) + 1e-8)
                shrink = recipe.decay * weights[place] if place in (0, 2) else 0
                weights[place] = (weights[place] - rate * (move + shrink)).astype(np.float32)
    return weights


def _start(wide: int, width: int, rng: np.random.Generator) -> list[Floats]:
    inner = rng.normal(0, wide**-0.5, (wide, width)).astype(np.float32)
    outer = rng.normal(0, 0.5 * width**-0.5, (width, OUTPUTS)).astype(np.float32)
    return [inner, np.zeros(width, np.float32), outer, np.zeros(OUTPUTS, np.float32)]


def _slopes(
    given: Floats, wanted: Floats, counts: Floats, weights: list[Floats], recipe: Recipe, rng: np.random.Generator
) -> list[Floats]:
    """Slopes of the loss of one batch by all weights."""
    inner, inner_bias, outer, outer_bias = weights
    seen = (given * (rng.random(given.shape, np.float32) > recipe.blur)).astype(np.float32)
    sums = seen @ inner + inner_bias
    passed = ((sums > 0) * (rng.random(sums.shape, np.float32) > recipe.drop) / (1 - recipe.drop)).astype(np.float32)
    middle = (sums * passed).astype(np.float32)
    away = (activated(middle @ outer + outer_bias) - wanted) * counts / np.float32(len(given))
    back = (away @ outer.T) * passed
    return [seen.T @ back, back.sum(axis=0), middle.T @ away, away.sum(axis=0)]


def activated(scores: Floats) -> Floats:
    """Scores to chances (the tone stays as it is); with these the slope of each loss is simply what is off."""
    out = scores.copy()
    out[:, KINDS["intent"]] = softmax(scores[:, KINDS["intent"]])
    out[:, KINDS["present"]] = 1 / (1 + np.exp(-np.clip(scores[:, KINDS["present"]], -30, 30)))
    out[:, KINDS["topic"]] = softmax(scores[:, KINDS["topic"]])
    return out
