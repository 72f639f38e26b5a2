"""Trains the heads of the shipped model from the public sets and our own labels, and writes the model card.

Run as ``switchboard train --data DATA --out MODEL_DIR``. The same data and seed give the same model.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from switchboard.engines.encoder_heads import OUTPUTS, Heads, Network, features_of, save_heads
from switchboard.engines.onnx_encoder import MODELS, OnnxEncoder
from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.training.cache import EncodedTexts, default_cache
from switchboard.training.card import write_card
from switchboard.training.data import LABELS, PERMISSIVE, Example, Part, load_hand, load_weak, part_of
from switchboard.training.evaluate import evaluate, evaluate_kept
from switchboard.training.fitting import fit_calibration, kept, targets_of
from switchboard.training.network import Recipe, fit_network
from switchboard.understanding.text import tidy

VERSION = "2026.11-3"
FOLDS = 5
SEED = 7
RECIPE = Recipe()

Floats = NDArray[np.float32]


def train(
    data: Path,
    target: Path,
    *,
    seed: int = SEED,
    labels: Path = LABELS,
    cache: Path | None = None,
    recipe: Recipe = RECIPE,
) -> dict[str, object]:
    """Fit heads for the encoder in ``target`` (the shipped one is copied there when it has none), calibrate them, measure
    on messages they never learned from, and write ``heads.npz``, ``heads.json`` and the card. Returns the card's figures.

    ``cache`` keeps encoded texts between runs. Raises ``InvalidInput`` when ``data`` is incomplete.
    """
    public = labelled_examples(data)
    examples = without(load_weak(data, seed=seed), load_hand(data, labels), [str(row["text"]) for row in public])
    kept_out = [example for example in examples if is_test(example)]
    examples = [example for example in examples if not is_test(example)]
    with_encoder(target)
    with Progress() as progress:
        seen = encode_all(target, [example.text for example in examples], progress, cache or default_cache())
        outside, hand = predict_outside(seen, examples, progress, recipe, seed)
        calibration = fit_calibration(outside, hand)
        task = progress.add_task("final fit", total=recipe.members)
        network = fit_on(seen, examples, recipe, seed, lambda: progress.advance(task))
        save_heads(Heads(version=VERSION, network=network, calibration=calibration), target)
    reader = build_understanding(target, timeout=600.0)
    figures: dict[str, object] = {
        "intent": evaluate("intent", public, reader),
        "sentiment": evaluate("sentiment", public, reader),
        "own_test": evaluate_kept(kept_out, reader),
    }
    write_card(target, version=VERSION, examples=[*examples, *kept_out], figures=figures, calibration=calibration)
    return figures


def labelled_examples(data: Path) -> list[dict[str, object]]:
    """The public held-out messages. Raises ``InvalidInput`` when ``data`` is not a folder with all training sets."""
    needed = ["labelled-examples.jsonl", "mapping/label_mapping.csv", *(f"{one}/{one}.jsonl.gz" for one in PERMISSIVE)]
    missing = [name for name in needed if not (data / name).is_file()]
    if missing:
        raise InvalidInput(
            "the training data are incomplete",
            field="data",
            limit=missing[0],
            fix="give the folder that holds all sets",
        )
    return [json.loads(line) for line in (data / "labelled-examples.jsonl").read_text("utf-8").splitlines()]


def with_encoder(target: Path) -> None:
    """Copy the shipped encoder into a folder that has none."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("encoder.onnx", "tokenizer.json"):
        if not (target / name).exists():
            shutil.copyfile(MODELS / name, target / name)


def is_test(example: Example) -> bool:
    return example.by_hand and part_of(example.key) is Part.TEST


def without(weak: Sequence[Example], hand: Sequence[Example], held_out: Sequence[str]) -> list[Example]:
    """All examples but those of the test, each text once; a message labelled by hand loses its weak label."""
    barred = {tidy(text).lower() for text in held_out}
    own = []
    for example in hand:
        if (text := tidy(example.text).lower()) not in barred:
            barred.add(text)
            own.append(example)
    return [*(example for example in weak if tidy(example.text).lower() not in barred), *own]


def encode_all(model_dir: Path, texts: Sequence[str], progress: Progress, cache: Path) -> Floats:
    """Features of many texts, with a progress bar; what was encoded before comes from ``cache``."""
    task = progress.add_task("encoding", total=len(texts))
    store = EncodedTexts(cache, OnnxEncoder(model_dir, threads=2), model_dir)
    return features_of(store.encode(texts, lambda done: progress.advance(task, done)), texts)


def fit_on(
    seen: Floats, examples: Sequence[Example], recipe: Recipe, seed: int, advance: Callable[[], None] = lambda: None
) -> Network:
    """The network fitted on what the recipe takes of the examples; row i of ``seen`` belongs to example i."""
    rows = kept(examples, recipe.most)
    return fit_network(seen[rows], targets_of([examples[row] for row in rows], recipe), recipe, seed, advance)


def predict_outside(
    seen: Floats, examples: Sequence[Example], progress: Progress, recipe: Recipe, seed: int
) -> tuple[Floats, list[Example]]:
    """Scores for every hand-labelled message from networks that never saw it, and these messages in the same order."""
    hand = [row for row, example in enumerate(examples) if example.by_hand]
    folds = np.random.default_rng(seed).permutation(len(hand)) % FOLDS
    out = np.zeros((len(hand), OUTPUTS), np.float32)
    task = progress.add_task("cross-validation", total=FOLDS * recipe.members)
    for fold in range(FOLDS):
        places = [int(place) for place in np.flatnonzero(folds == fold)]
        rows = [hand[place] for place in places]
        network = fit_on(seen, hidden(examples, rows), recipe, seed, lambda: progress.advance(task))
        out[places] = network(seen[rows])
    return out, [examples[row] for row in hand]


def hidden(examples: Sequence[Example], rows: Sequence[int]) -> list[Example]:
    """The examples with the labels of some rows taken away."""
    away = set(rows)
    return [
        replace(example, intent=None, topic=None, score=None) if row in away else example
        for row, example in enumerate(examples)
    ]
