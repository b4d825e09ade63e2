"""ONNX Runtime as a peer: forward passes. See peer.py."""
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import peer


def model(batch, width):
    rng, sizes, nodes, weights, last = np.random.default_rng(1), [4, width, width, width, 2], [], [], "x"
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        weights += [numpy_helper.from_array((rng.standard_normal((a, b)) / a**.5).astype("f"), f"w{i}"), numpy_helper.from_array(np.zeros(b, "f"), f"b{i}")]
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"h{i}"]))
        last = f"h{i}"
        if i < 3:
            nodes += [helper.make_node("Sigmoid", [last], [f"s{i}"]), helper.make_node("Mul", [last, f"s{i}"], [f"a{i}"])]
            last = f"a{i}"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 4])
    y = helper.make_tensor_value_info(last, TensorProto.FLOAT, [batch, 2])
    m = helper.make_model(helper.make_graph(nodes, "mlp", [x], [y], weights), opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return m.SerializeToString()


def forward(batch, width, threads):
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
    o.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    s = onnxruntime.InferenceSession(model(batch, width), o, providers=["CPUExecutionProvider"])
    x = {"x": np.random.default_rng(2).random((batch, 4), dtype="f")}

    def run(n):
        for _ in range(n):
            s.run(None, x)

    return run


def settings(name, workers):
    if size := peer.numbers(name, "forward"):
        yield "session", lambda: forward(*size, workers)


peer.serve(settings)
