"""The deployed function, invoked directly rather than through the API."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.aws import Aws, OperationError, Outputs, code_of

# Changing any variable of a function makes Lambda start new execution environments; this one has no other meaning.
REFRESHED: Final = "REFRESHED"


@dataclass(frozen=True)
class Limits:
    """What a function has, in bytes."""

    memory: int
    storage: int  # /tmp


@dataclass(frozen=True)
class DeployedFunction:
    """One Lambda function, by its name."""

    client: Any  # a Lambda client
    name: str
    schema: int  # of the bundles that it reads

    @classmethod
    def of(cls, aws: Aws, outputs: Outputs) -> "DeployedFunction":
        """The function of a stack."""
        return cls(aws.client("lambda"), outputs.function_name, int(outputs.bundle_schema))

    def limits(self) -> Limits:
        """The memory and the storage of the function."""
        facts = self.client.get_function_configuration(FunctionName=self.name)
        return Limits(facts["MemorySize"] << 20, facts.get("EphemeralStorage", {}).get("Size", 512) << 20)

    def check(self, release: str) -> str:
        """Have the function load `release` beside the one it serves and run its goldens; returns a remark.

        Raises OperationError if it refuses.
        """
        report = self._invoke({"check_release": release}, f"does not take release {release}")
        if report.get("release") != release:
            raise OperationError(f"{self.name} answered for another release than {release}: {report}")
        return _remark(report)

    def confirm(self, release: str) -> str:
        """Ask /api/ready as the API would; raises OperationError unless it is `release` that is served."""
        answer = self._invoke(get_event("/api/ready"), "cannot be asked for /api/ready")
        report = _body(answer)
        if answer.get("statusCode") != 200:
            raise OperationError(f"{self.name} is not ready: {report.get('detail', answer)}")
        if report.get("release") != release:
            raise OperationError(
                f"{self.name} serves {report.get('release')}, not {release}. If its log has a line `fallback`, that "
                "says why it did not take the release; if not, run the same command again."
            )
        return _remark(report)

    def serving(self) -> str:
        """The release that is served now."""
        answer = self._invoke(get_event("/api/health"), "cannot be asked for /api/health")
        return str(_body(answer).get("release"))

    def refresh(self) -> None:
        """Have new execution environments started; those that run finish their requests and are not used again."""
        self._wait()
        facts = self.client.get_function_configuration(FunctionName=self.name)
        variables = facts.get("Environment", {}).get("Variables", {})
        try:
            self.client.update_function_configuration(
                FunctionName=self.name,
                Environment={"Variables": {**variables, REFRESHED: datetime.now(UTC).isoformat()}},
                RevisionId=facts["RevisionId"],  # so that no one's change made meanwhile is undone
            )
        except ClientError as error:
            if code_of(error) in {"PreconditionFailedException", "ResourceConflictException"}:
                raise OperationError(
                    f"{self.name} is being changed by someone else. The release stands; run the same command again so "
                    "that every environment takes it."
                ) from error
            raise
        self._wait()

    def _wait(self) -> None:
        self.client.get_waiter("function_updated_v2").wait(
            FunctionName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )

    def _invoke(self, event: dict[str, Any], trouble: str) -> dict[str, Any]:
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"{}")
        if "FunctionError" in answer:
            said = str(payload.get("errorMessage", payload) if isinstance(payload, dict) else payload)
            hint = " It has too little memory: raise MemorySize." if "signal: killed" in said else ""
            raise OperationError(f"the deployed function {self.name} {trouble}: {said}{hint}")
        if not isinstance(payload, dict):
            raise OperationError(f"the deployed function {self.name} {trouble}: it answered {payload!r}")
        return payload


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in the body of a function's answer; empty if there is none."""
    body = answer.get("body") or "{}"
    try:
        found = json.loads(base64.b64decode(body) if answer.get("isBase64Encoded") else body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _remark(report: dict[str, Any]) -> str:
    return f"{report.get('goldens')} goldens agree, worst by {report.get('max_star_error'):.2g} stars"


def get_event(path: str) -> dict[str, Any]:
    """A GET as API Gateway passes it to a function: HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"accept": "application/json", "host": "operator"},
        "requestContext": {
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
            "requestId": "operator",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
