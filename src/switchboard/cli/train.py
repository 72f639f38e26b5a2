"""Trains the model again, from the public sets, our own labels and those of a team."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from switchboard.training.train import SEED
from switchboard.training.train import train as run


def train(
    *,
    data: Annotated[Path, Parameter(help="Folder with the public sets, their mapping and the labelled examples.")],
    out: Annotated[Path, Parameter(help="Folder for the model; understanding.model_dir takes it.")],
    labels: Annotated[Path | None, Parameter(help="Your own corrected messages, as export-labels writes them.")] = None,
    cache: Annotated[Path | None, Parameter(help="Where encoded texts are kept for the next run.")] = None,
    seed: Annotated[int, Parameter(help="The same data and seed give the same model.")] = SEED,
    weights: Annotated[Path | None, Parameter(help="Folder of the published weights, if not installed.")] = None,
    from_: Annotated[Path | None, Parameter(name="--from", help="A model folder to go on from.")] = None,
    join: Annotated[Path | None, Parameter(help="Another model folder, averaged with that of --from before.")] = None,
    heads_only: Annotated[bool, Parameter(help="Leave the encoder as it is: minutes, without PyTorch.")] = False,
) -> None:
    """Train the model again and measure it; prints the figures as JSON."""
    figures = run(
        data,
        out,
        seed=seed,
        team=labels,
        cache=cache,
        weights=weights,
        start=from_,
        join=join,
        heads_only=heads_only,
    )
    print(json.dumps(figures, indent=2))
