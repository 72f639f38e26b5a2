"""Trains the heads of the shipped model from the public sets and our own labels, and writes the model card.

Run as ``python -m switchboard.training.train DATA MODEL_DIR`` (extra ``train``). The same data and seed give the same model.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from switchboard.engines.encoder_heads import Calibration, Features, features_of, save_heads
from switchboard.engines.onnx_encoder import Encoded, OnnxEncoder
from switchboard.engines.understanding import build_understanding
from switchboard.training.card import write_card
from switchboard.training.data import Example, load_hand, load_weak
from switchboard.training.evaluate import evaluate
from switchboard.training.fitting import Table, fit_all, fit_calibration, fit_intent, fit_present, fit_score
from switchboard.understanding.text import tidy

VERSION = "2026.11-2"
FOLDS = 5
SEED = 7
UNCALIBRATED = Calibration(temperature=1.0, raw=(0.0, 1.0), honest=(0.0, 1.0), present_from=0.5, score_spread=0.3)

Floats = NDArray[np.float32]


def train(data: Path, target: Path, *, seed: int = SEED) -> dict[str, object]:
    """Fit heads for the encoder in ``target``, calibrate them, measure on ``labelled-examples.jsonl`` (never learned
    from), and write ``heads.npz``, ``heads.json`` and the card. Returns the card's figures."""
    test = [json.loads(line) for line in (data / "labelled-examples.jsonl").read_text("utf-8").splitlines()]
    examples = without(load_weak(data, seed=seed), load_hand(data), [str(row["text"]) for row in test])
    with Progress() as progress:
        encoder = OnnxEncoder(target)
        seen = encode_all(encoder, [example.text for example in examples], progress)
        table = Table(seen)
        hand = [row for row, example in enumerate(examples) if example.by_hand]
        outside = predict_outside(table, seen, examples, hand, progress, seed)
        calibration = fit_calibration(outside[0], [examples[row] for row in hand], outside[1], outside[2])
        task = progress.add_task("final fit", total=1)
        save_heads(fit_all(table, examples, VERSION, calibration), target)
        progress.advance(task)
    reader = build_understanding(target, timeout=600.0)
    figures: dict[str, object] = {
        "intent": evaluate("intent", test, reader),
        "sentiment": evaluate("sentiment", test, reader),
        "cross_validated": cross_validated(outside, [examples[row] for row in hand], calibration),
    }
    write_card(target, version=VERSION, examples=examples, figures=figures, calibration=calibration)
    return figures


def without(weak: Sequence[Example], hand: Sequence[Example], held_out: Sequence[str]) -> list[Example]:
    """All examples but those of the test; a message labelled by hand loses its weak label."""
    barred = {tidy(text).lower() for text in held_out}
    own = [example for example in hand if tidy(example.text).lower() not in barred]
    barred |= {tidy(example.text).lower() for example in own}
    return [*(example for example in weak if tidy(example.text).lower() not in barred), *own]


def encode_all(encoder: OnnxEncoder, texts: Sequence[str], progress: Progress) -> Features:
    """Features of many texts, with a progress bar."""
    task = progress.add_task("encoding", total=len(texts))
    parts = []
    for start in range(0, len(texts), 256):
        parts.append(encoder.encode(texts[start : start + 256]))
        progress.advance(task, 256)
    encoded = Encoded(
        pooled=np.concatenate([part.pooled for part in parts]),
        middle=np.concatenate([part.middle for part in parts]),
        embedding=np.concatenate([part.embedding for part in parts]),
    )
    return features_of(encoded, texts)


def predict_outside(
    table: Table, seen: Features, examples: Sequence[Example], hand: Sequence[int], progress: Progress, seed: int
) -> tuple[Floats, Floats, Floats]:
    """Scores for every hand-labelled message from heads that never saw it: main intent, tone, chances of presence."""
    folds = np.random.default_rng(seed).permutation(len(hand)) % FOLDS
    intent, tone, present = (np.zeros((len(hand), width), np.float32) for width in (6, 1, 5))
    task = progress.add_task("cross-validation", total=FOLDS)
    for fold in range(FOLDS):
        out = [int(place) for place in np.flatnonzero(folds == fold)]
        hidden = {hand[place] for place in out}
        masked = [
            replace(example, intent=None, topic=None, score=None) if row in hidden else example
            for row, example in enumerate(examples)
        ]
        rows = [hand[place] for place in out]
        part = Features(dense=seen.dense[rows], words=[seen.words[row] for row in rows])
        intent[out] = fit_intent(table, masked)(part)
        tone[out] = np.clip(fit_score(table, masked)(part), -1, 1)
        present[out] = 1 / (1 + np.exp(-np.clip(fit_present(table, masked)(part), -30, 30)))
        progress.advance(task)
    return intent, tone[:, 0], present


def cross_validated(
    outside: tuple[Floats, Floats, Floats], examples: Sequence[Example], fitted: Calibration
) -> dict[str, object]:
    """Figures on our own labels, each message predicted by heads that did not learn from it."""
    from switchboard.engines.encoder_heads import CLASSES, INTENTS, softmax
    from switchboard.training.metrics import calibration, classification, tone_error

    chances = softmax(outside[0] / np.float32(fitted.temperature))[:, : len(INTENTS)]
    honest = np.interp(chances, fitted.raw, fitted.honest)
    main = [CLASSES[int(place)] for place in honest.argmax(axis=1)]
    actual = [str(example.intent) for example in examples]
    right = [one == two for one, two in zip(actual, main, strict=True)]
    clear = [place for place, intent in enumerate(actual) if intent != "none"]
    return {
        "intent": classification([actual[place] for place in clear], [main[place] for place in clear]),
        "calibration": calibration([float(top) for top in honest.max(axis=1)], right),
        "score": tone_error([float(example.score or 0.0) for example in examples], [float(one) for one in outside[1]]),
    }


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]))
