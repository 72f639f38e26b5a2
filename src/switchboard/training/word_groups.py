"""Groups of words that are used alike, from the sentence encoder's own table of words: towns with towns, names with names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.onnx_encoder import MODELS
from switchboard.engines.tagger_model import load_tagger
from switchboard.training.encoder_export import read_back
from switchboard.understanding.tagger_features import NARROW, word_hash

WIDE_GROUPS, NARROW_GROUPS = 100, 600
ROUNDS = 15
TABLE = "embeddings.word_embeddings.weight"
Floats = NDArray[np.float32]


def word_groups(folder: Path = MODELS, seed: int = 7) -> Mapping[int, int]:
    """Hash of each whole word of the encoder's vocabulary (some 22,000) to its group, as ``Lists.groups`` holds it.

    Reading the graph needs the package ``onnx``; without it the groups of the shipped tagger are taken over.
    """
    if find_spec("onnx") is None:
        return load_tagger().lists.groups
    vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    words = [(word, row) for word, row in vocabulary.items() if word.isalpha() and len(word) > 1]
    table = read_back(folder / "encoder.onnx")[TABLE][[row for _, row in words]]
    table = table - table.mean(axis=0)
    table /= np.linalg.norm(table, axis=1, keepdims=True) + np.float32(1e-9)
    wide, narrow = (grouped(table, count, seed) for count in (WIDE_GROUPS, NARROW_GROUPS))
    return {
        word_hash(word): int(one) * NARROW + int(other)
        for (word, _), one, other in zip(words, wide, narrow, strict=True)
    }


def grouped(rows: Floats, count: int, seed: int = 7) -> NDArray[np.intp]:
    """The group of each row (n, width) of unit length, by k-means on angles."""
    middles = rows[np.random.default_rng(seed).choice(len(rows), count, replace=False)]
    for _ in range(ROUNDS):
        nearest = (rows @ middles.T).argmax(axis=1)
        sums = np.zeros_like(middles)
        np.add.at(sums, nearest, rows)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        middles = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), middles).astype(np.float32)
    return np.asarray((rows @ middles.T).argmax(axis=1))
