"""Reads and writes the tagger's file: its table, its lists and from which chance each kind is reported."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from switchboard.domain.reading import EntityType
from switchboard.engines.onnx_encoder import MODELS
from switchboard.understanding.tagger import KINDS, Tagger
from switchboard.understanding.tagger_features import ROWS, Lists

FILE = "tagger.npz"
_LISTS = tuple(one.name for one in fields(Lists) if one.name != "groups")
STEP = 32.0
"""Weights are kept in bytes: a byte is a ``STEP``th."""


def save_tagger(tagger: Tagger, folder: Path = MODELS) -> None:
    """Write ``tagger.npz``: weights as bytes, lists as hashes, everything else as JSON."""
    lists = {name: np.array(sorted(getattr(tagger.lists, name)), np.uint32) for name in _LISTS}
    groups = sorted(tagger.lists.groups.items())
    lists["grouped"] = np.array([word for word, _ in groups], np.uint32)
    lists["groups"] = np.array([group for _, group in groups], np.uint32)
    meta = {
        "version": tagger.version,
        "kinds": [str(kind) for kind in KINDS],
        "least": {str(kind): share for kind, share in tagger.least.items()},
    }
    table = np.clip(np.round(tagger.table * STEP), -127, 127).astype(np.int8)
    np.savez_compressed(folder / FILE, table=table, meta=np.array(json.dumps(meta)), **lists)  # type: ignore[arg-type]  # the stub takes only booleans by name


def load_tagger(folder: Path = MODELS) -> Tagger:
    """Read the tagger. Raises ``OSError`` when the file is missing, ``ValueError`` when it does not fit this program."""
    with np.load(folder / FILE, allow_pickle=False) as arrays:
        meta = json.loads(str(arrays["meta"]))
        old = "groups" not in arrays
        if old or meta["kinds"] != [str(kind) for kind in KINDS] or arrays["table"].shape != (ROWS, len(KINDS)):
            raise ValueError("the tagger was trained for other kinds: train again with this version")
        return Tagger(
            version=str(meta["version"]),
            table=np.asarray(arrays["table"], np.float32) / np.float32(STEP),
            lists=Lists(
                **{name: frozenset(arrays[name].tolist()) for name in _LISTS},
                groups=dict(zip(arrays["grouped"].tolist(), arrays["groups"].tolist(), strict=True)),
            ),
            least={EntityType(kind): float(share) for kind, share in meta["least"].items()},
        )
