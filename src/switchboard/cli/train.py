"""Trains the model again, from the public sets and our own labels."""

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
    cache: Annotated[Path | None, Parameter(help="Where encoded texts are kept for the next run.")] = None,
    seed: Annotated[int, Parameter(help="The same data and seed give the same model.")] = SEED,
) -> None:
    """Train the model again and measure it; prints the figures as JSON."""
    print(json.dumps(run(data, out, seed=seed, cache=cache), indent=2))
