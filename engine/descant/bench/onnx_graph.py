"""A GPT-2 as an ONNX graph, laid out the way onnxruntime runs fastest on a CPU.

Attention is onnxruntime's own operator with a cache written in place
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md, GroupQueryAttention).

Shapes: T new tokens, P positions, E width, H heads, D = E / H, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from descant.model.architecture import Architecture
from descant.model.weights import Array

_OPSET = 20  # the first with Gelu
_OWN_OPERATORS = "com.microsoft"


def build_graph(sizes: Architecture, weights: Mapping[str, Array]) -> bytes:
    """The model: ids (1, T), positions (T,) and caches `past_{key,value}_N` (1, H, P, D), with the
    length so far, to the logits (V,) of the last token and `present_{key,value}_N`.
    """
    return bytes(_Builder(sizes, weights).model().SerializeToString())


class _Builder:
    """Nodes and constants of one graph, as they are added."""

    def __init__(self, sizes: Architecture, weights: Mapping[str, Array]) -> None:
        self._sizes = sizes
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def model(self) -> onnx.ModelProto:
        x = self._add("Gather", self._weight("transformer.wte.weight"), "ids")  # (1, T, E)
        place = self._add("Gather", self._weight("transformer.wpe.weight"), "positions")  # (T, E)
        x = self._add("Add", x, place)
        for layer in range(self._sizes.n_layer):
            x = self._block(layer, x)
        last = self._add("Gather", x, self._constant("last", np.array(-1)), axis=1)  # (1, E)
        last = self._norm("transformer.ln_f", last)
        head = self._constant("head", np.ascontiguousarray(self._array("lm_head.weight").T))
        self._add("MatMul", last, head, out="logits")  # (1, V)
        graph = helper.make_graph(
            self._nodes, "gpt2", self._inputs(), self._outputs(), list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OWN_OPERATORS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _block(self, layer: int, x: str) -> str:
        name = f"transformer.h.{layer}"
        joined = self._linear(f"{name}.attn.c_attn", self._norm(f"{name}.ln_1", x))  # (1, T, 3E)
        x = self._add("Add", x, self._linear(f"{name}.attn.c_proj", self._attend(layer, joined)))
        inner = self._linear(f"{name}.mlp.c_fc", self._norm(f"{name}.ln_2", x))  # (1, T, 4E)
        inner = self._add("Gelu", inner, approximate="tanh")
        return self._add("Add", x, self._linear(f"{name}.mlp.c_proj", inner))

    def _attend(self, layer: int, joined: str) -> str:
        out = f"attended_{layer}"
        caches = (f"past_key_{layer}", f"past_value_{layer}")
        self._nodes.append(
            helper.make_node(
                "GroupQueryAttention",
                [joined, "", "", *caches, "last_key", "keys"],
                [out, f"present_key_{layer}", f"present_value_{layer}"],
                domain=_OWN_OPERATORS,
                num_heads=self._sizes.n_head,
                kv_num_heads=self._sizes.n_head,
            )
        )
        return out

    def _norm(self, name: str, x: str) -> str:
        gain, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._add("LayerNormalization", x, gain, bias, epsilon=1e-5)

    def _linear(self, name: str, x: str) -> str:
        product = self._add("MatMul", x, self._weight(f"{name}.weight"))
        return self._add("Add", product, self._weight(f"{name}.bias"))

    def _add(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        name = out or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def _array(self, name: str) -> Array:
        return self._weights[name].astype(np.float32)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._array(name))

    def _constant(self, name: str, value: Array) -> str:
        self._constants.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def _inputs(self) -> list[Any]:
        whole: list[tuple[str, int, list[Any]]] = [
            ("ids", TensorProto.INT64, [1, "T"]),
            ("positions", TensorProto.INT64, ["T"]),
            ("last_key", TensorProto.INT32, [1]),
            ("keys", TensorProto.INT32, []),
        ]
        return [helper.make_tensor_value_info(*entry) for entry in whole] + self._caches("past")

    def _outputs(self) -> list[Any]:
        logits = helper.make_tensor_value_info(
            "logits", TensorProto.FLOAT, [1, self._sizes.vocab_size]
        )
        return [logits, *self._caches("present")]

    def _caches(self, tense: str) -> list[Any]:
        sizes = self._sizes
        shape = [1, sizes.n_head, sizes.n_positions, sizes.n_embd // sizes.n_head]
        return [
            helper.make_tensor_value_info(f"{tense}_{part}_{layer}", TensorProto.FLOAT, shape)
            for layer in range(sizes.n_layer)
            for part in ("key", "value")
        ]
