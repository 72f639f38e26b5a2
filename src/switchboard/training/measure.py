"""Measures a trained model on everything it never learned from, for its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.understanding import build_understanding
from switchboard.training.corpus import load_lessons
from switchboard.training.data import LABELS, Example, load_hand
from switchboard.training.evaluate import evaluate, evaluate_kept
from switchboard.training.metrics import Figures, ratio
from switchboard.training.own_heads import fit_linear
from switchboard.understanding.features import CUES

MEASURE = LABELS.parent / "labels_measure"
PATIENCE = 600.0
"""Seconds that a batch may take: figures never come from the rules because the machine was busy."""
OWN_HEADS = ("banking77", "clinc150")
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


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


def measure_fine(data: Path, seed: int, encode: Encode) -> dict[str, object]:
    """How often the classes of two public sets are told right by a head of their own on the model's encoder: on the official
    validation part, or on one row in ten; the official tests stay untouched."""
    figures: dict[str, object] = {}
    for source in OWN_HEADS:
        lessons = [one for one in load_lessons(data, [source], seed) if one.fine]
        names = sorted({one.fine[0] for one in lessons})
        seen = encode([one.text for one in lessons])[:, :-CUES]
        target = np.array([names.index(one.fine[0]) for one in lessons])
        away = np.array([one.held_out for one in lessons])
        if away.any() and not away.all():
            scores = fit_linear(seen[~away], target[~away], len(names), seed)(seen[away])
            right = int((scores.argmax(axis=1) == target[away]).sum())
            figures[source] = {"n": int(away.sum()), "classes": len(names), "accuracy": ratio(right, int(away.sum()))}
    return figures
