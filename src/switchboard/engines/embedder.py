"""Turns questions and passages into unit vectors for retrieval, with the same encoder that reads messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.errors import Unavailable


class OnnxEmbedder:
    """Fulfils ``ports.engines.Embedder``; runs in a thread of its own."""

    def __init__(self, encoder: OnnxEncoder, *, workers: int = 1) -> None:
        self._encoder = encoder
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="embedder")

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """Unit vectors of 384 floats, in order. Raises ``Unavailable`` when the model cannot be loaded or run."""
        if not texts:
            return []
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._embed, list(texts))
        except Exception as error:
            raise Unavailable(
                f"the text encoder cannot run ({type(error).__name__}): check the model folder"
            ) from error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _embed(self, texts: list[str]) -> list[Sequence[float]]:
        return [tuple(map(float, row)) for row in np.asarray(self._encoder.encode(texts).embedding)]


def build_embedder(
    model_dir: Path | None = None, threads: int = 1, *, encoder: OnnxEncoder | None = None
) -> OnnxEmbedder:
    """An embedder, sharing ``encoder`` where one is loaded already. Nothing is read from disk before the first text."""
    return OnnxEmbedder(encoder or OnnxEncoder(model_dir, threads=threads))
