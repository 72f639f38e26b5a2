"""The encoder as PyTorch runs it: the same network that the ONNX graph holds, with weights that can be changed.

Only this module and ``fine_tune`` need PyTorch (the extra ``train``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from switchboard.engines.onnx_encoder import batches
from switchboard.training.encoder_export import ATTENTION_HEADS, LAYERS, MIDDLE_LAYERS, WIDTH

Floats = NDArray[np.float32]
FROZEN = "embeddings.word_embeddings.weight"
"""The table of words stays as it is: words that no label ever showed keep their place beside their neighbours."""
MASKED = -1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """What the encoder makes of a batch of n texts: first token (n, 384), mean of the last layer (n, 384), means of
    lower layers (n, 768)."""

    first: Tensor
    mean: Tensor
    middle: Tensor


class TorchEncoder:
    """A six-layer BERT whose weights carry the names of the published file."""

    def __init__(self, weights: Mapping[str, Floats], device: str = "cpu") -> None:
        self.device = device
        self.weights: dict[str, Tensor] = {
            name.removeprefix("bert."): torch.tensor(np.asarray(value, np.float32), device=device)
            for name, value in weights.items()
            if not name.endswith("position_ids") and not name.startswith("pooler")
        }

    def arrays(self) -> dict[str, Floats]:
        return {name: np.array(value.detach().cpu().numpy(), np.float32) for name, value in self.weights.items()}

    def trainable(self) -> dict[str, Tensor]:
        """All weights but the table of words, ready for gradients."""
        chosen = {name: value for name, value in self.weights.items() if name != FROZEN}
        for value in chosen.values():
            value.requires_grad_(True)
        return chosen

    def __call__(self, ids: Tensor, mask: Tensor, drop: float = 0.0) -> States:
        """``ids`` and ``mask`` (n, length); ``drop`` is the share of states left out at random while learning."""
        bias = ((1 - mask) * MASKED)[:, None, None, :]
        state = functional.dropout(self._embed(ids), drop, drop > 0)
        middle = []
        for layer in range(LAYERS):
            state = self._layer(state, bias, f"encoder.layer.{layer}", drop)
            if layer + 1 in MIDDLE_LAYERS:
                middle.append(_mean(state, mask))
        return States(first=state[:, 0], mean=_mean(state, mask), middle=torch.cat(middle, dim=1))

    def _embed(self, ids: Tensor) -> Tensor:
        words = functional.embedding(ids, self.weights[FROZEN])
        places = self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(words + places + kind, "embeddings.LayerNorm")

    def _layer(self, state: Tensor, bias: Tensor, name: str, drop: float) -> Tensor:
        size, length = state.shape[:2]

        def heads(which: str) -> Tensor:
            flat = self._linear(state, f"{name}.attention.self.{which}")
            return flat.view(size, length, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(heads("query"), heads("key"), heads("value"), attn_mask=bias)
        joined = self._linear(mixed.transpose(1, 2).reshape(size, length, WIDTH), f"{name}.attention.output.dense")
        joined = functional.dropout(joined, drop, drop > 0)
        attended = self._norm(joined + state, f"{name}.attention.output.LayerNorm")
        wide = functional.gelu(self._linear(attended, f"{name}.intermediate.dense"))
        narrow = functional.dropout(self._linear(wide, f"{name}.output.dense"), drop, drop > 0)
        return self._norm(narrow + attended, f"{name}.output.LayerNorm")

    def _linear(self, source: Tensor, name: str) -> Tensor:
        return functional.linear(source, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, source: Tensor, name: str) -> Tensor:
        return functional.layer_norm(
            source, (WIDTH,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-12
        )


def _mean(state: Tensor, mask: Tensor) -> Tensor:
    """Mean over the real tokens."""
    return (state * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def padded(rows: Sequence[Sequence[int]], device: str) -> tuple[Tensor, Tensor]:
    """Token ids and mask of a batch."""
    longest = max(map(len, rows))
    ids = np.zeros((len(rows), longest), np.int64)
    mask = np.zeros((len(rows), longest), np.float32)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def encode(encoder: TorchEncoder, tokens: Sequence[Sequence[int]], advance: Callable[[int], None]) -> list[Floats]:
    """First, mean and middle states of many texts, without learning. Row i belongs to text i."""
    out = [np.zeros((len(tokens), width), np.float32) for width in (WIDTH, WIDTH, WIDTH * len(MIDDLE_LAYERS))]
    with torch.no_grad():
        for rows in batches([len(ids) for ids in tokens]):
            states = encoder(*padded([tokens[row] for row in rows], encoder.device))
            for place, part in enumerate((states.first, states.mean, states.middle)):
                out[place][rows] = part.cpu().numpy()
            advance(len(rows))
    return out
