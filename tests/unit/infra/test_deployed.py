"""What the operator reads from a function's responses."""

import base64
import io
import json
from typing import Any

import pytest

from infra.aws import OperationError
from infra.deployed import DeployedFunction

READY = {"release": "3f9a1c2b7d40", "goldens": 4, "max_star_error": 1e-6}
NOT_READY = {"status": 503, "detail": "model.tflite: it is 0.3 stars from Keras"}


class Lambda:
    """A client whose function always gives the same response."""

    def __init__(self, status: int, body: str, base64_encoded: bool) -> None:
        self._answer = {"statusCode": status, "body": body, "isBase64Encoded": base64_encoded}

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": io.BytesIO(json.dumps(self._answer).encode())}


def function(status: int, report: object, *, base64_encoded: bool) -> DeployedFunction:
    body = report if isinstance(report, str) else json.dumps(report)
    sent = base64.b64encode(body.encode()).decode() if base64_encoded else body
    return DeployedFunction(Lambda(status, sent, base64_encoded), "film-function", 3)


@pytest.mark.parametrize("base64_encoded", [True, False])
def test_a_function_that_is_not_ready_says_why(base64_encoded: bool) -> None:
    """Also in base64, as functions of earlier versions send their problems."""
    with pytest.raises(OperationError, match=r"film-function is not ready: model\.tflite: it is 0\.3 stars from Keras"):
        function(503, NOT_READY, base64_encoded=base64_encoded).confirm("3f9a1c2b7d40")


@pytest.mark.parametrize("base64_encoded", [True, False])
def test_a_ready_function_is_confirmed(base64_encoded: bool) -> None:
    deployed = function(200, READY, base64_encoded=base64_encoded)
    assert deployed.confirm("3f9a1c2b7d40").startswith("4 goldens agree")
    assert deployed.serving() == "3f9a1c2b7d40"
    with pytest.raises(OperationError, match="serves 3f9a1c2b7d40, not 000000000000"):
        deployed.confirm("000000000000")


def test_an_answer_that_is_no_json_is_shown_as_it_is() -> None:
    with pytest.raises(OperationError, match=r"is not ready: .*Service Unavailable"):
        function(503, "Service Unavailable", base64_encoded=False).confirm("3f9a1c2b7d40")
