"""Fits heads to an encoder that stays as it is, and calibrates heads on messages that they never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from switchboard.engines.encoder_heads import OUTPUTS, Calibration, Heads, Network, features_of
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.training.cache import EncodedTexts
from switchboard.training.data import Example
from switchboard.training.fitting import fit_calibration, fit_on
from switchboard.training.network import Recipe

FOLDS = 5
PART = 64
"""Texts read at a time."""

Floats = NDArray[np.float32]


def calibrated(
    version: str, network: Network, examples: Sequence[Example], model_dir: Path, progress: Progress
) -> Heads:
    """Heads around a network, calibrated on messages that neither it nor its encoder learned from."""
    scores = read_whole(network, model_dir, [example.text for example in examples], progress)
    return Heads(version=version, network=network, calibration=fit_calibration(scores, examples))


def read_whole(network: Network, model_dir: Path, texts: Sequence[str], progress: Progress) -> Floats:
    """Scores (n, OUTPUTS) of texts as they are read in service, long ones in windows."""
    encoder = OnnxEncoder(model_dir, threads=2)
    task = progress.add_task("reading", total=len(texts))
    out = np.zeros((len(texts), OUTPUTS), np.float32)
    for start in range(0, len(texts), PART):
        part = texts[start : start + PART]
        out[start : start + len(part)] = network.read(encoder.encode_whole(part), part)
        progress.advance(task, len(part))
    return out


def fit_heads(
    examples: Sequence[Example], model_dir: Path, progress: Progress, cache: Path, recipe: Recipe, seed: int
) -> tuple[Network, Calibration]:
    """Heads fitted on all examples, calibrated on those by hand by networks that did not see them."""
    seen = encode_all(model_dir, [example.text for example in examples], progress, cache)
    outside, hand = predict_outside(seen, examples, progress, recipe, seed)
    task = progress.add_task("final fit", total=recipe.members)
    network = fit_on(seen, examples, recipe, seed, lambda: progress.advance(task))
    return network, fit_calibration(outside, hand)


def encode_all(model_dir: Path, texts: Sequence[str], progress: Progress, cache: Path) -> Floats:
    """Features of many texts, with a progress bar; what was encoded before comes from ``cache``."""
    task = progress.add_task("encoding", total=len(texts))
    store = EncodedTexts(cache, OnnxEncoder(model_dir, threads=2), model_dir)
    return features_of(store.encode(texts, lambda done: progress.advance(task, done)), texts)


def predict_outside(
    seen: Floats, examples: Sequence[Example], progress: Progress, recipe: Recipe, seed: int
) -> tuple[Floats, list[Example]]:
    """Scores for every message that is wholly labelled by hand, from networks that never saw it, and these messages in the
    same order."""
    hand = [row for row, example in enumerate(examples) if whole(example)]
    folds = np.random.default_rng(seed).permutation(len(hand)) % FOLDS
    out = np.zeros((len(hand), OUTPUTS), np.float32)
    task = progress.add_task("cross-validation", total=FOLDS * recipe.members)
    for fold in range(FOLDS):
        places = [int(place) for place in np.flatnonzero(folds == fold)]
        rows = [hand[place] for place in places]
        network = fit_on(seen, hidden(examples, rows), recipe, seed, lambda: progress.advance(task))
        out[places] = network(seen[rows])
    return out, [examples[row] for row in hand]


def whole(example: Example) -> bool:
    return example.by_hand and example.intent is not None and example.score is not None


def hidden(examples: Sequence[Example], rows: Sequence[int]) -> list[Example]:
    """The examples with the labels of some rows taken away."""
    away = set(rows)
    return [
        replace(example, intent=None, topic=None, score=None) if row in away else example
        for row, example in enumerate(examples)
    ]
