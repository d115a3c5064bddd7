"""ONNX Runtime on the same graph: two products and a sum, written with onnx.helper."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in its own environment only)

from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.scoring.contract import Catalogue, measure


def way(catalogue: Catalogue) -> Any:
    films, sides = catalogue.stars.shape
    dimensions = catalogue.users.shape[1]
    constants = {
        "stars_films": catalogue.stars.T.copy(),
        "bias": catalogue.bias[None],
        "films": catalogue.relevance.T.copy(),
        "sizes": np.array([sides, dimensions - sides]),
        "low": np.float32(1),
        "high": np.float32(5),
    }
    nodes = [
        helper.make_node("Split", ["user", "sizes"], ["for_stars", "for_relevance"], axis=1),
        helper.make_node("Gemm", ["for_stars", "stars_films", "bias"], ["any_stars"]),
        helper.make_node("Clip", ["any_stars", "low", "high"], ["stars"]),
        helper.make_node("Gemm", ["for_relevance", "films", "any_stars"], ["relevance"]),
    ]
    graph = helper.make_graph(
        nodes,
        "score",
        [helper.make_tensor_value_info("user", TensorProto.FLOAT, [1, dimensions])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, films]) for name in ("stars", "relevance")],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    user = catalogue.users[:1]
    np.testing.assert_allclose(session.run(None, {"user": user})[1][0], catalogue.score(user[0])[1], atol=1e-3)
    return lambda: session.run(None, {"user": user})


if __name__ == "__main__":
    measure("ONNX Runtime on the same graph", way, 2000)
