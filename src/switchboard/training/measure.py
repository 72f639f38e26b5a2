"""Measures a trained model on everything it never learned from, for its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.encoder_heads import features_of
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import build_understanding
from switchboard.training.corpus import load_lessons
from switchboard.training.data import LABELS, Example, load_hand
from switchboard.training.evaluate import evaluate, evaluate_kept
from switchboard.training.metrics import Figures, ratio
from switchboard.understanding.features import CUES

MEASURE = LABELS.parent / "labels_measure"
PATIENCE = 600.0
"""Seconds that a batch may take: figures never come from the rules because the machine was busy."""
Fine = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32], Sequence[str]]]


def measure_model(
    data: Path, model_dir: Path, public: Sequence[Mapping[str, object]], test: Sequence[Example]
) -> dict[str, object]:
    """On the public held-out messages, on our own test labels, and on labels of sets that nothing may learn from."""
    reader = build_understanding(model_dir, timeout=PATIENCE)
    figures: dict[str, object] = {
        "intent": evaluate("intent", public, reader),
        "sentiment": evaluate("sentiment", public, reader),
        "own_test": evaluate_kept(test, reader),
    }
    others = load_hand(data, MEASURE) if measurable(data) else []
    if others:
        figures["other_sets"] = evaluate_kept(others, reader)
    return figures


def measurable(data: Path) -> bool:
    """Whether the sets that only measure are there: a team may train without them."""
    return all((data / path.stem / f"{path.stem}.jsonl.gz").is_file() for path in MEASURE.glob("*.jsonl"))


def measure_kept(test: Sequence[Example], model_dir: Path) -> Figures:
    return evaluate_kept(test, build_understanding(model_dir, timeout=PATIENCE))


def measure_fine(data: Path, model_dir: Path, fine: Fine, seed: int) -> dict[str, object]:
    """How often the public sets' own classes are told right on the int8 encoder, on rows that nothing learned from."""
    lessons = [one for one in load_lessons(data, [*fine], seed) if one.held_out and one.fine]
    encoder = OnnxEncoder(model_dir, threads=2)
    figures: dict[str, object] = {}
    for source, (weights, bias, names) in fine.items():
        rows = [one for one in lessons if one.example.source == source]
        if rows:
            texts = [one.text for one in rows]
            scores = features_of(encoder.encode(texts), texts)[:, :-CUES] @ weights.T + bias
            right = sum(names[int(place)] in row.fine for place, row in zip(scores.argmax(axis=1), rows, strict=True))
            figures[source] = {"n": len(rows), "classes": len(names), "accuracy": ratio(right, len(rows))}
    return figures
