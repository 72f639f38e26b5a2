"""What a model folder is: its version, and the encoder that its vectors come from."""

from __future__ import annotations

import hashlib
from pathlib import Path

from switchboard.engines.onnx_encoder import MODELS


def encoder_fingerprint(folder: Path | None = None) -> str:
    """Twelve signs that change with the encoder or its tokenizer: vectors of two encoders cannot be compared. Raises
    ``OSError`` when the folder holds no encoder."""
    digest = hashlib.sha256()
    for name in ("encoder.onnx", "tokenizer.json"):
        digest.update(hashlib.sha256(((folder or MODELS) / name).read_bytes()).digest())
    return digest.hexdigest()[:12]
