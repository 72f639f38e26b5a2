"""A small network on top of the encoder: main intent, intents present, topic and tone, with calibrated confidence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erf, exp, log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switchboard.domain.reading import IntentCategory, Topic
from switchboard.engines.onnx_encoder import MODELS, Encoded, Windows
from switchboard.understanding.combine import ModelView
from switchboard.understanding.features import CUES, cues

Floats = NDArray[np.float32]

DENSE = 384 + 768 + CUES
TUNED_DENSE = 384 + DENSE
"""Width of all features; networks made for a frozen encoder read only the last ``DENSE``, without the first token."""
INTENTS: tuple[IntentCategory, ...] = tuple(IntentCategory)
TOPICS: tuple[Topic, ...] = tuple(Topic)
CLASSES = (*(str(intent) for intent in INTENTS), "none")
"""Columns of the main-intent head: the five intents in order of precedence, then "no intent"."""
KINDS = {"intent": slice(0, 6), "present": slice(6, 11), "topic": slice(11, 23), "score": slice(23, 24)}
"""Columns of the network's output by what they say."""
OUTPUTS = 24
PARTS = ("inner", "inner_bias", "outer", "outer_bias")
DOUBTS = 4
"""How many things bear on the confidence of the main intent."""
NEAR = 0.5
"""From this share of the likeliest intent's chance on, "no intent" comes near it."""
_BOUNDS = (-1.0, -0.65, -0.25, 0.25, 0.65, 1.0)


def features_of(encoded: Encoded, texts: Sequence[str]) -> Floats:
    """What the network reads of encoded texts, (n, TUNED_DENSE): first token, mean and lower layers, each at length 1, and
    cues; the same in training and in service."""
    first, middle = _unit(encoded.pooled), _unit(encoded.middle)
    seen = np.array([cues(text) for text in texts], np.float32).reshape(len(texts), CUES)
    return np.concatenate([first, encoded.embedding, middle, seen], axis=1)


def _unit(part: Floats) -> Floats:
    return np.asarray(part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-6), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One hidden layer of h rectified units: ``inner`` (TUNED_DENSE or DENSE, h), ``outer`` (h, OUTPUTS) and their biases."""

    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def __call__(self, dense: Floats) -> Floats:
        """Scores (n, OUTPUTS) of features (n, TUNED_DENSE), of which the last ``len(inner)`` are read."""
        hidden = np.maximum(dense[:, -len(self.inner) :] @ self.inner + self.inner_bias, 0)
        return np.asarray(hidden @ self.outer + self.outer_bias, np.float32)

    def read(self, windows: Windows, texts: Sequence[str]) -> Floats:
        """Scores (n, OUTPUTS) of texts read whole."""
        return joined(self(features_of(windows.encoded, [texts[owner] for owner in windows.owner])), windows)


def joined(scores: Floats, windows: Windows) -> Floats:
    """One row a text from the scores of its windows: an intent is as likely as where it shows most, for one sentence in a
    long letter may decide what it wants; topic and tone are those of the whole."""
    if windows.one_each:
        return scores
    out = windows.mean(scores)
    for kind in ("intent", "topic"):
        logs = np.log(softmax(scores[:, KINDS[kind]]) + np.float32(1e-9))
        out[:, KINDS[kind]] = np.maximum.reduceat(logs, windows.firsts) if kind == "intent" else windows.mean(logs)
    out[:, KINDS["present"]] = np.maximum.reduceat(scores[:, KINDS["present"]], windows.firsts)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Fitted on a split of its own: what the confidence of the main intent depends on (weights of ``doubts``), the chance
    from which an intent counts as present, the spread of the tone's error, slope and shift from the log odds of the
    tone's band to those of its being right, and how many times its raw chance an escalation counts: of the two mistakes,
    to miss one is the worse."""

    sure: tuple[float, ...]
    present_from: float
    score_spread: float
    band: tuple[float, float] = (1.0, 0.0)
    lean: float = 1.0

    def chances(self, out: Floats) -> Floats:
        """Chances (n, 6) of the main intent, or none, for scores (n, OUTPUTS)."""
        return leaning(softmax(out[:, KINDS["intent"]]), self.lean)

    def confidence(self, chances: Floats) -> Floats:
        """The chance (n) that the likeliest intent is the right one, for ``chances`` (n, 6)."""
        return np.asarray(1 / (1 + np.exp(-doubts(chances) @ np.array(self.sure, np.float32))), np.float32)

    def band_confidence(self, score: float) -> float:
        """The chance that the label of a tone is the right one."""
        share = min(0.999, max(0.001, band_share(score, self.score_spread)))
        slope, shift = self.band
        return 1 / (1 + exp(-slope * log(share / (1 - share)) - shift))


def leaning(chances: Floats, lean: float) -> Floats:
    """``chances`` (n, 6) in which an escalation counts ``lean`` times, but not where "no intent" comes near: a greeting is
    none."""
    out = chances.copy()
    out[~idle(chances), INTENTS.index(IntentCategory.ESCALATION)] *= lean
    return np.asarray(out / out.sum(axis=1, keepdims=True), np.float32)


def doubts(chances: Floats) -> Floats:
    """What bears on whether the likeliest intent is right, (n, 4): its log odds, the log odds of "no intent", whether that
    comes near it, and 1."""
    top, none = (np.clip(part, 1e-4, 1 - 1e-4) for part in (chances[:, :-1].max(axis=1), chances[:, -1]))
    odds = [np.log(part / (1 - part)) for part in (top, none)]
    return np.stack([*odds, idle(chances), np.ones_like(top)], axis=1)


def idle(chances: Floats) -> NDArray[np.bool_]:
    """Where "no intent" is at least half as likely as the likeliest intent."""
    return np.asarray(chances[:, -1] > NEAR * chances[:, :-1].max(axis=1), np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The network and calibration of one model version."""

    version: str
    network: Network
    calibration: Calibration

    def views(self, out: Floats) -> list[ModelView]:
        """One view a row of the network's scores."""
        chances = self.calibration.chances(out)
        main = chances[:, :-1] / chances[:, :-1].max(axis=1, keepdims=True)
        main *= self.calibration.confidence(chances)[:, None]
        present = 1 / (1 + np.exp(-np.clip(out[:, KINDS["present"]], -30, 30)))
        topics, scores = out[:, KINDS["topic"]].argmax(axis=1), np.clip(out[:, KINDS["score"]][:, 0], -1, 1)
        return [
            ModelView(
                primary=dict(zip(INTENTS, map(float, main[row]), strict=True)),
                present=dict(zip(INTENTS, map(float, present[row]), strict=True)),
                topic=TOPICS[int(topics[row])],
                score=float(scores[row]),
                score_confidence=self.calibration.band_confidence(float(scores[row])),
            )
            for row in range(len(out))
        ]


def softmax(scores: Floats) -> Floats:
    spread = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(spread / spread.sum(axis=1, keepdims=True), np.float32)


def band_share(score: float, spread: float) -> float:
    """Chance that the true tone lies in the same of the five bands as ``score``, for a normal error of ``spread``."""
    low, high = next((one, two) for one, two in pairwise(_BOUNDS) if score <= two)
    below = -9.0 if low == -1.0 else (low - score) / (spread * sqrt(2))
    above = 9.0 if high == 1.0 else (high - score) / (spread * sqrt(2))
    return 0.5 * (erf(above) - erf(below))


def save_heads(heads: Heads, folder: Path) -> None:
    """Write ``heads.npz`` (half precision) and ``heads.json`` (version and calibration)."""
    arrays = {part: getattr(heads.network, part).astype(np.float16) for part in PARTS}
    np.savez_compressed(folder / "heads.npz", **arrays)
    fitted = heads.calibration
    meta = {
        "version": heads.version,
        "intents": list(CLASSES),
        "topics": [str(topic) for topic in TOPICS],
        "sure": fitted.sure,
        "present_from": fitted.present_from,
        "score_spread": fitted.score_spread,
        "band": fitted.band,
        "lean": fitted.lean,
    }
    (folder / "heads.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


def load_heads(folder: Path = MODELS) -> Heads:
    """Read the heads. Raises ``OSError`` when files are missing, ``ValueError`` when they do not fit this program."""
    meta = json.loads((folder / "heads.json").read_text(encoding="utf-8"))
    if meta["intents"] != list(CLASSES) or meta["topics"] != [str(topic) for topic in TOPICS]:
        raise ValueError("the heads were trained for other labels: train again with this version")
    if len(meta.get("sure", ())) != DOUBTS or len(meta.get("band", ())) != 2:
        raise ValueError("the heads were calibrated in another way: train again with this version")
    with np.load(folder / "heads.npz") as arrays:
        if set(arrays.files) != set(PARTS) or len(arrays["inner"]) not in (DENSE, TUNED_DENSE):
            raise ValueError("the heads were trained on other features: train again with this version")
        parts = {part: np.asarray(arrays[part], np.float32) for part in PARTS}
    calibration = Calibration(
        sure=tuple(map(float, meta["sure"])),
        present_from=float(meta["present_from"]),
        score_spread=float(meta["score_spread"]),
        band=(float(meta["band"][0]), float(meta["band"][1])),
        lean=float(meta.get("lean", 1.0)),
    )
    return Heads(version=str(meta["version"]), network=Network(**parts), calibration=calibration)
