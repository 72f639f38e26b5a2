"""Linear heads for the classes of a public set, fitted on the finished encoder: they tell how much general sense it has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.encoder_heads import softmax
from switchboard.training.network import BATCH, GENTLE, STEADY

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
ROUNDS, RATE, DECAY, DROP = 30, 5e-3, 1e-2, 0.3


def fit_linear(seen: Floats, target: Places, classes: int, seed: int) -> Callable[[Floats], Floats]:
    """A function from features (n, width) to scores (n, classes), learned from features of length 1 in each part."""
    scale = np.float32((seen.shape[1] / 3) ** 0.5)
    draw = np.random.default_rng(seed)
    kernel, bias = np.zeros((seen.shape[1], classes), np.float32), np.zeros(classes, np.float32)
    slow, square = [np.zeros_like(kernel), np.zeros_like(bias)], [np.zeros_like(kernel), np.zeros_like(bias)]
    total = ROUNDS * -(-len(seen) // BATCH)
    for step in range(1, total + 1):
        rows = draw.integers(0, len(seen), BATCH)
        given = seen[rows] * scale * (draw.random((BATCH, seen.shape[1]), np.float32) > DROP) / np.float32(1 - DROP)
        away = softmax(np.asarray(given @ kernel + bias, np.float32))
        away[np.arange(BATCH), target[rows]] -= 1
        away /= BATCH
        for place, (slope, held) in enumerate(((given.T @ away, kernel), (away.sum(axis=0), bias))):
            slow[place] = GENTLE * slow[place] + (1 - GENTLE) * slope
            square[place] = STEADY * square[place] + (1 - STEADY) * slope**2
            move = slow[place] / (1 - GENTLE**step) / (np.sqrt(square[place] / (1 - STEADY**step)) + 1e-8)
            held -= np.float32(RATE * (1 - step / (total + 1))) * (move + DECAY * held).astype(np.float32)
    return lambda asked: np.asarray(asked * scale @ kernel + bias, np.float32)
