"""Keeps what the encoder made of texts on disk, so that training again with more labels takes a minute."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switchboard.engines.onnx_encoder import Encoded, OnnxEncoder

PART = 1_024
"""Texts in one file: what is lost when a run is interrupted."""

Floats = NDArray[np.float32]
Made = tuple[Floats, Floats, Floats]
NAMES = ("pooled", "middle", "embedding")


def default_cache() -> Path:
    return Path(tempfile.gettempdir()) / "switchboard-encoded"


class EncodedTexts:
    """Encoded texts by the digest of encoder and text. No text is kept."""

    def __init__(self, folder: Path, encoder: OnnxEncoder, model_dir: Path) -> None:
        self._encoder = encoder
        weights = (model_dir / "encoder.onnx").read_bytes() + (model_dir / "tokenizer.json").read_bytes()
        self._model = hashlib.sha256(weights).digest()
        self._folder = folder / self._model.hex()[:16]

    def encode(self, texts: Sequence[str], advance: Callable[[int], None]) -> Encoded:
        """Row i belongs to text i. ``advance`` is told how many texts are done. A damaged file is made again."""
        keys = [hashlib.sha256(self._model + text.encode("utf-8", "replace")).hexdigest() for text in texts]
        known = self._stored()
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        advance(len(texts) - len(missing))
        wanted = list(missing)
        for start in range(0, len(wanted), PART):
            known |= self._make({key: missing[key] for key in wanted[start : start + PART]}, advance)
        rows = [known[key] for key in keys]
        first, middle, unit = (np.array([row[part] for row in rows], np.float32) for part in range(3))
        return Encoded(pooled=first.reshape(-1, 384), middle=middle.reshape(-1, 768), embedding=unit.reshape(-1, 384))

    def _make(self, part: dict[str, str], advance: Callable[[int], None]) -> dict[str, Made]:
        encoded = self._encoder.encode(list(part.values()))
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("".join(part).encode()).hexdigest()[:16]
        half = self._folder / f"{name}.half"
        with half.open("wb") as file:
            np.savez(file, keys=np.array(list(part)), **{name: getattr(encoded, name) for name in NAMES})
        half.replace(self._folder / f"{name}.npz")
        advance(len(part))
        return dict(zip(part, zip(*(getattr(encoded, name) for name in NAMES), strict=True), strict=True))

    def _stored(self) -> dict[str, Made]:
        known: dict[str, Made] = {}
        for path in sorted(self._folder.glob("*.npz")):
            try:
                with np.load(path) as arrays:
                    keys, parts = arrays["keys"], [arrays[name] for name in NAMES]
            except (OSError, ValueError, KeyError):
                continue
            known |= dict(zip(map(str, keys), zip(*parts, strict=True), strict=True))
        return known
