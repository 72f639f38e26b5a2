"""Trains the tagger of persons, places and products from our own marks and permissive public sets.

``switchboard train`` calls it; alone it runs as ``python -m switchboard.training.tagger DATA [MODEL_DIR]``, some 40 seconds.
The same data and seed give the same model.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from switchboard.domain.reading import Entity, EntityType
from switchboard.engines.onnx_encoder import MODELS
from switchboard.engines.tagger_model import load_tagger, save_tagger
from switchboard.training.card_tables import part
from switchboard.training.data import read_rows
from switchboard.training.entity_data import Tagged, load_marks, load_tagged
from switchboard.training.entity_gazetteer import AIRPORTS, FIRST_NAMES, LAST_NAMES, PLACES, chosen, countries, places
from switchboard.training.entity_scores import entity_scores
from switchboard.training.entity_sentences import sentences, varied
from switchboard.training.metrics import Figures
from switchboard.training.word_groups import word_groups
from switchboard.understanding.entities import extract_entities
from switchboard.understanding.tagger import KINDS, Tagger
from switchboard.understanding.tagger_features import ROWS, Features, Lists, folded, tokens_of, word_hash

VERSION = "2026.11-3"
SEED = 7
FOLDS = 5
EPOCHS = 6
BATCH = 1_500
"""Tokens a step."""
RATE = 0.08
DECAY = 2e-5
"""Pull of the weights towards nothing, for each token."""
HIDDEN = 0.3
"""Share of features hidden in a step."""
WRITTEN = 3_000
LEAST: Mapping[EntityType, float] = {EntityType.PERSON: 0.5, EntityType.LOCATION: 0.5, EntityType.PRODUCT: 0.5}
"""From which chance on each kind is reported before thresholds are chosen."""
CHOICES = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
"""Thresholds tried for each kind on marks that the tagger did not learn from."""
NOISE = 0.01
"""F1 on a few hundred marks says no more than this, and many of them were chosen for being hard."""
CASED = ("banking77", "bitext", "cfpb", "uci_reviews", "dstc11_track2", "ibm_cdp", "goemotions")
"""Sets with capitals where they belong: everyday words are counted in them."""
NEEDED = ("presidio_synth/presidio_synth.jsonl.gz", "wnut17/wnut17_train.conll.gz", "wnut17/wnut17_dev.conll.gz")
"""Sets that only the tagger learns from; all others the training of the heads needs too."""
MOST_PLACES = 2
"""Number ranges a town must have to be listed."""

_RISKY = """
la us of kent queens midway cork porto georgia jordan chad turkey guinea victoria hamilton split bend mobile reading
bath derby norman gary jackson lincoln madison concord jersey mesa york salem aspen hull preston chester durham
princeton regina helena newport everett logan slough stoke orly bari kos mecca dover lancaster bethlehem cali irving
roswell casper billings henderson compton burlington lexington butte flint vail erie macon camden salvador faro
broadway darwin kingston montgomery
"""
"""Places that are as often a word or a name."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Tokens of many texts as the fit needs them: rows of the table, wanted kind, and how much each counts."""

    ids: NDArray[np.uint64]
    wanted: NDArray[np.intp]
    weights: Floats


def build_lists(data: Path) -> Lists:
    """Everyday words counted in the cased sets; names and places from the written lists and the numbering plans;
    groups of words from the encoder."""
    common = _common(data)
    towns = {name for name in places(MOST_PLACES) if " " in name or name not in common}
    return Lists(
        common=_hashes(common),
        first_names=_hashes(FIRST_NAMES.split()),
        last_names=_hashes(LAST_NAMES.split()),
        places=_hashes({*towns, *map(folded, chosen(PLACES))}),
        cities=_hashes({*map(folded, chosen(PLACES)), *countries()} - {*_RISKY.split()}),
        airports=_hashes(AIRPORTS.split()),
        groups=word_groups(),
    )


def _hashes(words: Iterable[str]) -> frozenset[int]:
    return frozenset(map(word_hash, words))


def _common(data: Path) -> set[str]:
    """Words seen at least four times in small letters, and mostly so."""
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for source in CASED:
        for _, row in read_rows(data, source):
            for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", str(row["text"])[:2_000]):
                (small if word.islower() else large)[folded(word)] += 1
    return {word for word, count in small.items() if count >= 4 and count > large[word]}


def table_of(examples: Sequence[Tagged], features: Features) -> Table:
    """All tokens of the examples, with the kind of the span they lie in."""
    ids, wanted, weights = [], [], []
    for example in examples:
        tokens = tokens_of(example.text)
        if not tokens:
            continue
        kinds, counts = np.zeros(len(tokens), np.intp), np.full(len(tokens), example.weight, np.float32)
        for place, token in enumerate(tokens):
            for start, end, kind in example.spans:
                if token.start < end and start < token.end:
                    kinds[place] = KINDS.index(kind)
                    counts[place] *= kind is not None and token.text.lower() != "in"  # joined later: "Seville in Ohio"
        ids.append(features.ids(tokens))
        wanted.append(kinds)
        weights.append(counts)
    return Table(ids=np.concatenate(ids), wanted=np.concatenate(wanted), weights=np.concatenate(weights))


def fit(table: Table, seed: int = SEED) -> Floats:
    """Weights (ROWS, kinds) by AdaGrad on the log loss, averaged over the last half of the steps.

    In each step a share of what is seen of a word is hidden, so that no single feature decides.
    """
    chance = np.random.default_rng(seed)
    weights = np.zeros((ROWS, len(KINDS)), np.float32)
    squares = np.full((ROWS, len(KINDS)), 1e-2, np.float32)
    mean = np.zeros_like(weights)
    steps, averaged = EPOCHS * -(-len(table.wanted) // BATCH), 0
    for step, rows in enumerate(_batches(len(table.wanted), chance)):
        ids = table.ids[rows]
        seen = (chance.random(ids.shape, np.float32) >= HIDDEN).astype(np.float32) / (1 - HIDDEN)
        scores = np.einsum("tfk,tf->tk", weights[ids], seen)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        chances[np.arange(len(rows)), table.wanted[rows]] -= 1
        error = chances * table.weights[rows][:, None]
        flat = ids.ravel()
        change = np.stack(
            [np.bincount(flat, (error[:, [kind]] * seen).ravel(), ROWS) for kind in range(len(KINDS))], axis=1
        )
        change = change.astype(np.float32) + DECAY * BATCH * weights
        squares += change**2
        weights -= RATE * change / np.sqrt(squares)
        if step >= steps // 2:
            mean += weights
            averaged += 1
    return np.asarray(mean / max(1, averaged), np.float32)


def _batches(count: int, chance: np.random.Generator) -> Iterable[NDArray[np.intp]]:
    for _ in range(EPOCHS):
        order = chance.permutation(count)
        yield from (order[start : start + BATCH] for start in range(0, count, BATCH))


def rare_names(examples: Sequence[Tagged]) -> list[str]:
    """Names of persons in the public sets: what the sentences and variations draw from beside the lists."""
    return [
        one.text[start:end]
        for one in examples
        if one.source in {"nlupp", "presidio_synth"}
        for start, end, kind in one.spans
        if kind is EntityType.PERSON
    ]


def learned_from(examples: Sequence[Tagged], seed: int = SEED) -> list[Tagged]:
    """The examples, the ones marked by hand again with other names, and the written sentences."""
    rare = rare_names(examples)
    own = [one for one in examples if one.by_hand]
    return [*examples, *varied(own, 3, rare, seed), *sentences(WRITTEN, rare, seed)]


def cross_validated(
    data: Path, lists: Lists, seed: int = SEED, step: Callable[[], None] = lambda: None
) -> tuple[Mapping[EntityType, float], Figures]:
    """Thresholds by which taggers find most on training marks that they did not learn from, and their figures with them.
    ``step`` is called after each of the ``FOLDS`` taggers."""
    examples, rows = load_tagged(data, seed), load_marks(data, "train")
    own = [place for place, one in enumerate(examples) if one.source == "own marks"]
    folds = np.random.default_rng(seed).permutation(len(own)) % FOLDS
    readers = []
    for fold in range(FOLDS):
        away = {own[place] for place in np.flatnonzero(folds == fold)}
        readers.append(trained([one for place, one in enumerate(examples) if place not in away], lists, seed))
        step()

    def scores(least: Mapping[EntityType, float]) -> Figures:
        strict = [replace(reader, least=least) for reader in readers]
        return scored(rows, [strict[fold] for fold in folds])

    tried = {choice: scores(dict.fromkeys(LEAST, choice)) for choice in CHOICES}
    least = {
        kind: chosen_threshold(kind, {choice: _f1(figures, kind) for choice, figures in tried.items()})
        for kind in LEAST
    }
    return least, scores(least)


def chosen_threshold(kind: EntityType, f1: Mapping[float, float]) -> float:
    """The choice nearest to the even chance among those that are as good as the best within ``NOISE``."""
    good = [choice for choice, share in f1.items() if share >= max(f1.values()) - NOISE]
    return min(good, key=lambda choice: (abs(choice - LEAST[kind]), -f1[choice]))


def _f1(figures: Figures, kind: EntityType) -> float:
    return float(str(part(figures, "strict", "per_type", str(kind)).get("f1", 0)))


def scored(rows: Sequence[Mapping[str, object]], readers: Sequence[Tagger]) -> Figures:
    """Figures of the i-th reader on the i-th row."""
    return entity_scores(rows, [predicted(str(row["text"]), reader) for row, reader in zip(rows, readers, strict=True)])


AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


def predicted(text: str, tagger: Tagger) -> tuple[Entity, ...]:
    return extract_entities(text, at=AT, language="en", tagger=tagger)


def trained(
    examples: Sequence[Tagged], lists: Lists, seed: int = SEED, least: Mapping[EntityType, float] = LEAST
) -> Tagger:
    table = table_of(learned_from(examples, seed), Features(lists))
    return Tagger(version=VERSION, table=fit(table, seed), lists=lists, least=least)


def missing_sets(data: Path) -> list[str]:
    """What the tagger cannot do without and ``data`` does not hold."""
    return [name for name in NEEDED if not (data / name).is_file()]


def train_tagger(
    data: Path, target: Path = MODELS, *, seed: int = SEED, progress: Progress | None = None
) -> dict[str, object]:
    """Choose thresholds, fit the tagger, write ``tagger.npz`` into ``target``. Returns the figures: ``measured`` on marks that
    nothing learns from, ``cross_validated`` on the training marks, ``least`` the thresholds, ``learned`` marks of each set."""
    bar = progress or Progress(disable=True)
    task = bar.add_task("names and places", total=FOLDS + 1)
    examples, lists = load_tagged(data, seed), build_lists(data)
    least, held = cross_validated(data, lists, seed, lambda: bar.advance(task))
    tagger = trained(examples, lists, seed, least)
    bar.advance(task)
    save_tagger(tagger, target)
    rows = load_marks(data, "measure")
    return {
        "version": VERSION,
        "measured": scored(rows, [load_tagger(target)] * len(rows)),
        "cross_validated": held,
        "least": {str(kind): share for kind, share in least.items()},
        "learned": dict(sorted(Counter(one.source for one in examples).items())),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else MODELS
    print(json.dumps(train_tagger(Path(sys.argv[1]), folder), indent=1))
