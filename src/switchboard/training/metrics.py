"""Measures of how well messages are read: accuracy, macro-F1, calibration error, coverage, error of the tone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)
Figures = dict[str, object]

LEVELS = (0.70, 0.85)
"""Confidence levels of the specification: review below the first, automation from the second."""


def classification(actual: Sequence[str], predicted: Sequence[str]) -> Figures:
    """Accuracy, macro-F1 over the labels that occur, and per label precision, recall, F1 and support."""
    per_class = {label: _class_figures(label, actual, predicted) for label in sorted(set(actual))}
    right = sum(one == two for one, two in zip(actual, predicted, strict=True))
    return {
        "n": len(actual),
        "accuracy": ratio(right, len(actual)),
        "macro_f1": round(sum(figures["f1"] for figures in per_class.values()) / max(1, len(per_class)), 4),
        "per_class": per_class,
        "confusion": confusion(actual, predicted),
    }


def _class_figures(label: str, actual: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    hits = sum(one == two == label for one, two in zip(actual, predicted, strict=True))
    support, named = sum(one == label for one in actual), sum(two == label for two in predicted)
    return {
        "precision": ratio(hits, named),
        "recall": ratio(hits, support),
        "f1": ratio(2 * hits, support + named),
        "support": support,
    }


def confusion(actual: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Actual label to predicted label to count."""
    table: dict[str, dict[str, int]] = {}
    for one, two in zip(actual, predicted, strict=True):
        row = table.setdefault(one, {})
        row[two] = row.get(two, 0) + 1
    return table


def calibration(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> Figures:
    """Expected calibration error over equal bins, coverage and precision at the specification's levels, and the bins that
    hold messages: from, n, mean confidence, share that was right."""
    error, held = 0.0, []
    for place in range(bins):
        inside = [
            (sure, hit)
            for sure, hit in zip(confidence, right, strict=True)
            if place / bins <= sure < (place + 1) / bins or (place == bins - 1 and sure == 1.0)
        ]
        surest, hits = sum(sure for sure, _ in inside), sum(hit for _, hit in inside)
        error += abs(surest - hits)
        if inside:
            held.append([place / bins, len(inside), ratio(surest, len(inside)), ratio(hits, len(inside))])
    return {
        "ece": round(error / max(1, len(right)), 4),
        **{f"at_{level:.2f}": _at(level, confidence, right) for level in LEVELS},
        "bins": held,
    }


def _at(level: float, confidence: Sequence[float], right: Sequence[bool]) -> dict[str, float]:
    kept = [hit for sure, hit in zip(confidence, right, strict=True) if sure >= level]
    return {"coverage": ratio(len(kept), len(right)), "precision": ratio(sum(kept), len(kept)), "n": len(kept)}


def curve(confidence: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Coverage and precision for every level of confidence from 0 to 0.95 in steps of 0.05; levels that nothing reaches are
    left out."""
    levels = [round(step * 0.05, 2) for step in range(20)]
    points = [{"level": level, **_at(level, confidence, right)} for level in levels]
    return [point for point in points if point["n"]]


def detection(wanted: Sequence[bool], found: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of a yes or no; ``support`` is how many are there."""
    hits = sum(one and two for one, two in zip(wanted, found, strict=True))
    return {
        "precision": ratio(hits, sum(found)),
        "recall": ratio(hits, sum(wanted)),
        "f1": ratio(2 * hits, sum(wanted) + sum(found)),
        "support": sum(wanted),
    }


def tone_error(actual: Sequence[float], predicted: Sequence[float]) -> Figures:
    """Mean absolute error and correlation of the tone."""
    size = max(1, len(actual))
    mean_one, mean_two = sum(actual) / size, sum(predicted) / size
    both = sum((one - mean_one) * (two - mean_two) for one, two in zip(actual, predicted, strict=True))
    spread = (sum((one - mean_one) ** 2 for one in actual) * sum((two - mean_two) ** 2 for two in predicted)) ** 0.5
    error = sum(abs(one - two) for one, two in zip(actual, predicted, strict=True))
    return {"mae": round(error / size, 4), "r": round(both / spread, 4) if spread else 0.0}


def spans(pairs: Sequence[tuple[Mapping[str, set[str]], Mapping[str, set[str]]]]) -> Figures:
    """Entities by type and text (wanted, found): micro and per-type precision, recall, F1."""
    kinds = sorted({kind for wanted, found in pairs for kind in (*wanted, *found)})
    per_type = {kind: _span_figures([(w.get(kind, set()), f.get(kind, set())) for w, f in pairs]) for kind in kinds}
    flat = [({(k, v) for k in w for v in w[k]}, {(k, v) for k in f for v in f[k]}) for w, f in pairs]
    return {"n": len(pairs), **_span_figures(flat), "per_type": per_type}


def _span_figures(pairs: Sequence[tuple[set[Label], set[Label]]]) -> dict[str, float]:
    hits = sum(len(wanted & found) for wanted, found in pairs)
    wanted_count, found_count = sum(len(wanted) for wanted, _ in pairs), sum(len(found) for _, found in pairs)
    return {
        "precision": ratio(hits, found_count),
        "recall": ratio(hits, wanted_count),
        "f1": ratio(2 * hits, wanted_count + found_count),
        "support": wanted_count,
    }


def ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0
