"""Joins models that were fine-tuned from the same published weights into one of the same size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from switchboard.engines.encoder_heads import TUNED_DENSE, Network, load_heads
from switchboard.errors import InvalidInput
from switchboard.training.encoder_export import Weights, read_back


def join_models(folders: Sequence[Path]) -> tuple[Weights, Network]:
    """The mean of their encoders' weights, and their heads side by side, each of which counts the same.

    Runs from the same start end up near enough to each other for their mean to be better than any of them ("model soups",
    Wortsman et al., 2022). The hidden units of heads do not correspond to one another, so these are kept apart: one row of
    scores is the mean of what each head makes of the joined encoder. Raises ``InvalidInput`` when a folder holds heads made
    for a frozen encoder.
    """
    encoders = [read_back(folder / "encoder.onnx") for folder in folders]
    weights = {name: np.asarray(np.mean([one[name] for one in encoders], axis=0), np.float32) for name in encoders[0]}
    return weights, side_by_side([load_heads(folder).network for folder in folders])


def side_by_side(networks: Sequence[Network]) -> Network:
    """One network whose scores are the mean of theirs. Raises ``InvalidInput`` when they read other features."""
    if any(len(network.inner) != TUNED_DENSE for network in networks):
        raise InvalidInput(
            "a model's heads were made for a frozen encoder",
            field="join",
            fix="join models that were trained without --heads-only",
        )
    share = np.float32(1 / len(networks))
    return Network(
        inner=np.concatenate([network.inner for network in networks], axis=1),
        inner_bias=np.concatenate([network.inner_bias for network in networks]),
        outer=np.concatenate([network.outer for network in networks]) * share,
        outer_bias=np.mean([network.outer_bias for network in networks], axis=0, dtype=np.float32),
    )
