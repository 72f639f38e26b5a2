"""Turns questions and passages into unit vectors for retrieval, with the same encoder that reads messages."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
            return await asyncio.get_running_loop().run_in_executor(self._pool, self.embed_now, texts)
        except Exception as error:
            raise Unavailable(
                f"the text encoder cannot run ({type(error).__name__}): check the model folder"
            ) from error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def embed_now(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """``embed`` on the caller's thread. Raises what loading or running the model raises."""
        return [array("f", row.tobytes()) for row in self._encoder.encode(texts).embedding]


def build_embedder(
    model_dir: Path | None = None, threads: int = 1, *, encoder: OnnxEncoder | None = None
) -> OnnxEmbedder:
    """An embedder, sharing ``encoder`` where one is loaded already. Nothing is read from disk before the first text."""
    return OnnxEmbedder(encoder or OnnxEncoder(model_dir, threads=threads))
