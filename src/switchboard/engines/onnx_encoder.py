"""Turns texts into numbers with the shipped encoder, on the CPU, in batches."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from switchboard.understanding.text import tidy

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

MODELS = Path(__file__).parent / "models"
"""The models that come with the package."""
MAX_TOKENS = 256
HEAD_TOKENS = 190
"""Of a longer text the first 190 and the last 64 tokens make one row, between the two markers the encoder expects."""
OVERLAP = 32
"""Tokens that two windows of a long text share, so that no sentence is cut in both."""
MOST_WINDOWS = 4
"""Windows of one text: they bound what a message may cost."""
MOST_ROWS = 32
SLOWER_FUSED = ["SkipLayerNormFusion"]
"""What the runtime joins to its cost: sum and normalisation in one step take four times as long as one after the other."""
MAX_BATCH_TOKENS = 2_048
"""Padded tokens in one run: keeps the peak of memory flat whatever arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Row i belongs to text i. ``pooled`` (n, 384: the first token) and ``middle`` (n, 768) feed the heads, ``embedding``
    (n, 384) has unit length, serves retrieval and feeds the heads as well."""

    pooled: Floats
    middle: Floats
    embedding: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Texts read whole: row i of ``encoded`` is a window of text ``owner[i]`` (n, rising) and holds ``tokens[i]`` tokens."""

    encoded: Encoded
    owner: NDArray[np.intp]
    tokens: Floats

    @property
    def one_each(self) -> bool:
        """Whether no text fills more than one window, as nearly always."""
        return len(self.owner) == 0 or int(self.owner[-1]) == len(self.owner) - 1

    @property
    def firsts(self) -> NDArray[np.intp]:
        """The first row of every text."""
        return np.flatnonzero(np.diff(self.owner, prepend=-1))

    def mean(self, rows: Floats) -> Floats:
        """One row a text: the mean of its windows, weighed by their tokens."""
        total = np.add.reduceat(rows * self.tokens[:, None], self.firsts)
        return np.asarray(total / np.add.reduceat(self.tokens, self.firsts)[:, None], np.float32)

    @property
    def embedding(self) -> Floats:
        """One vector of unit length a text."""
        if self.one_each:
            return self.encoded.embedding
        mean = self.mean(self.encoded.embedding)
        return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6), np.float32)


class Session(Protocol):
    """What is used of the runtime's session."""

    def run(self, outputs: list[str], inputs: dict[str, NDArray[np.int64]]) -> list[Floats]: ...


class OnnxEncoder:
    """The encoder: loaded on first use, shared by all heads and by retrieval; safe to call from several threads."""

    def __init__(self, model_dir: Path | None = None, *, threads: int = 1) -> None:
        self._folder = model_dir or MODELS
        self._threads = threads
        self._loading = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Encoded:
        """One row a text, long ones cut. Raises ``OSError`` or the runtime's own error when the model cannot be used."""
        return self._encode([window(ids) for ids in self._tokenise([tidy(text) for text in texts])])

    def encode_whole(self, texts: Sequence[str]) -> Windows:
        """As many rows a text as it fills windows. At least one text; raises as ``encode``."""
        parts = [windows(ids) for ids in self._tokenise([tidy(text) for text in texts])]
        tokens = [part for text in parts for part in text]
        return Windows(
            encoded=self._encode(tokens),
            owner=np.repeat(np.arange(len(parts)), [len(text) for text in parts]),
            tokens=np.array([len(part) for part in tokens], np.float32),
        )

    def _encode(self, tokens: list[list[int]]) -> Encoded:
        pooled, middle, unit = (np.zeros((len(tokens), width), np.float32) for width in (384, 768, 384))
        for rows in batches([len(ids) for ids in tokens]):
            outputs = self._run([tokens[row] for row in rows])
            pooled[rows], middle[rows], unit[rows] = outputs
        return Encoded(pooled=pooled, middle=middle, embedding=unit)

    def load(self) -> None:
        """Load now instead of at the first message (a worker's start-up)."""
        with self._loading:
            _ = self._tokenizer, self._session

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return load_tokenizer(self._folder)

    @cached_property
    def _session(self) -> Session:
        import onnxruntime  # type: ignore[import-untyped]  # the runtime ships no type information

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        path = str(self._folder / "encoder.onnx")
        session: Session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER_FUSED
        )
        return session

    def _tokenise(self, texts: list[str]) -> list[list[int]]:
        self.load()
        return [self._tokenizer.encode(text).ids for text in texts]

    def _run(self, rows: list[list[int]]) -> list[Floats]:
        longest = max(map(len, rows))
        ids = np.zeros((len(rows), longest), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        outputs = self._session.run(["pooled", "middle", "embedding"], {"input_ids": ids, "attention_mask": mask})
        return [np.asarray(output, np.float32) for output in outputs]


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model folder, neither padding nor cutting."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def window(ids: list[int], most: int = MAX_TOKENS) -> list[int]:
    """At most ``most`` tokens: three quarters from the beginning, the rest from the end, between the two markers."""
    if len(ids) <= most:
        return ids
    head = HEAD_TOKENS * most // MAX_TOKENS + 1
    return [*ids[:head], *ids[head - most :]]


def windows(ids: list[int]) -> list[list[int]]:
    """A text in as few windows of like size as hold it, each between the two markers and overlapping the next; of a text
    that ``MOST_WINDOWS`` do not hold, so many spread evenly from its beginning to its end."""
    if len(ids) <= MAX_TOKENS:
        return [ids]
    first, *body, last = ids
    count = min(MOST_WINDOWS, -(-len(body) // (MAX_TOKENS - 2 - OVERLAP // 2)))
    size = min(MAX_TOKENS - 2, len(body) // count + OVERLAP)
    starts = [round(number * (len(body) - size) / (count - 1)) for number in range(count)]
    return [[first, *body[start : start + size], last] for start in starts]


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Row numbers grouped so that texts of like length run together and a group never exceeds ``MAX_BATCH_TOKENS``."""
    groups: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups and _fits(len(groups[-1]), lengths[groups[-1][0]], lengths[row]):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _fits(size: int, shortest: int, length: int) -> bool:
    """Whether one more text may join a group: not too much in all, and little padding for its shortest."""
    return size < MOST_ROWS and (size + 1) * length <= MAX_BATCH_TOKENS and length <= shortest * 1.3 + 4
