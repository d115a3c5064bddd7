"""AWS on loopback: moto over HTTP, and before it the one thing that moto leaves to Docker, a function that runs.

`Cloud` answers Invoke with the real handler (function/handler.py), restarted, as by Lambda, whenever the
function's configuration changes. Where moto differs from AWS it says what AWS says: UpdateFunctionConfiguration is held
to its RevisionId, and an invalidation is Completed.
"""

import asyncio
import hashlib
import importlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Final

import boto3
import numpy as np
import pytest
from botocore.loaders import Loader

from function.bundle import format as bundle_format
from function.bundle.films import Film
from function.bundle.format import CONTENT, ModelFacts, RatingScale
from function.bundle.people import Person
from function.bundle.remote import Store
from infra.aws import Aws
from tests.support.template import read_template
from training.export.publish import film_files, publish, samples_bytes, stage

REGION: Final = "eu-west-1"
STACK: Final = "films"
SITE, ARTIFACTS, FUNCTION = "films-site", "films-artifacts", "films-function"
RELEASES: Final = Store.parse(f"s3://{ARTIFACTS}/releases")
_FUNCTIONS: Final = "/2015-03-31/functions/"
IMAGE_SCHEMA: Final = "IMAGE_SCHEMA"  # a variable of the function here: the schema version that its code reads


class Killed(BaseException):
    """Ends the operator's process; nothing may catch it."""


@dataclass
class Cloud:
    """moto, and the execution environments of functions, by configuration."""

    aws: Callable[..., Iterable[bytes]]
    environments: dict[str, Any] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if "/invalidation/" in path:
            body = b"".join(self.aws(environ, lambda status, headers: start_response(status, _unmeasured(headers))))
            return [body.replace(b"<Status>COMPLETED<", b"<Status>Completed<")]
        if not path.startswith(_FUNCTIONS) or not path.endswith(("/invocations", "/configuration")):
            return self.aws(environ, start_response)
        name = path.removeprefix(_FUNCTIONS).split("/")[0]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if path.endswith("/invocations"):
            return self._invoke(name, json.loads(body), start_response)
        if method == "PUT" and json.loads(body).get("RevisionId", revision(name)) != revision(name):
            refused = {"Type": "User", "Message": "The Revision Id provided does not match the latest Revision Id."}
            headers = [("x-amzn-ErrorType", "PreconditionFailedException")]
            return _answer(start_response, "412 Precondition Failed", refused, headers)
        if method == "GET":
            return _answer(start_response, "200 OK", {**configuration(name), "RevisionId": revision(name)})
        return self.aws(environ, start_response)

    def _invoke(self, name: str, event: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        variables = configuration(name).get("Environment", {}).get("Variables", {})
        with self.lock, main_loop(), pytest.MonkeyPatch.context() as patch:
            for key, value in variables.items():
                patch.setenv(key, value)
            read_schema(patch, int(variables[IMAGE_SCHEMA]))
            try:
                if revision(name) not in self.environments:
                    patch.setattr(tempfile, "tempdir", tempfile.mkdtemp())
                    sys.modules.pop("function.handler", None)
                    self.environments[revision(name)] = importlib.import_module("function.handler")
                answer = self.environments[revision(name)].handler(event, Context())
            except Exception as error:
                printed = {"errorMessage": str(error), "errorType": type(error).__name__}
                return _answer(start_response, "200 OK", printed, [("X-Amz-Function-Error", "Unhandled")])
        return _answer(start_response, "200 OK", answer)


def read_schema(patch: pytest.MonkeyPatch, schema: int) -> None:
    """Let the code in this process write and read bundles of another schema version."""
    for module in ("function.bundle.format", "function.bundle.remote", "training.export.publish", "infra.releases"):
        patch.setattr(f"{module}.SCHEMA_VERSION", schema)


def _unmeasured(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() != "content-length"]


@contextmanager
def main_loop() -> Iterator[None]:
    """An event loop for Mangum, since the handler runs in a thread of the server and not in the main thread."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class Context:
    """The context that Lambda passes with the event."""

    aws_request_id = "5a1c"
    function_name = FUNCTION


def configuration(name: str) -> dict[str, Any]:
    """A function's configuration in moto."""
    found: dict[str, Any] = _client("lambda", os.environ["AWS_ENDPOINT_URL"]).get_function(FunctionName=name)
    return dict(found["Configuration"])


@cache
def _client(service: str, _endpoint: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def revision(name: str) -> str:
    return hashlib.sha256(json.dumps(configuration(name).get("Environment"), sort_keys=True).encode()).hexdigest()


def _answer(
    start_response: Callable[..., Any], status: str, content: Any, headers: Iterable[tuple[str, str]] = ()
) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), *headers])
    return [json.dumps(content, default=str).encode()]


def deploy_stack(aws: Aws, given: Mapping[str, str] = MappingProxyType({})) -> None:
    """Make buckets, function, distribution and outputs, or bring the stack that is there up to date.

    The parameters are template.yaml's, with the `given` values; others keep theirs, as `sam deploy` has it. The
    function is of the schema version that the code in this process reads.
    """
    known = read_template()["Parameters"]
    defaults = {name: str(facts["Default"]) for name, facts in known.items()}
    before = aws.parameters(STACK)
    values = {**defaults, **before, **given}
    cloudformation = aws.client("cloudformation")
    request = {
        "StackName": STACK,
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
    }
    if before:
        outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        site = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "DistributionId")
        template = _template(defaults, site)
        if cloudformation.get_template(StackName=STACK)["TemplateBody"] != template or values != before:
            cloudformation.update_stack(**request, TemplateBody=json.dumps(template))
        return
    cloudformation.create_stack(**request, TemplateBody=json.dumps(_template(defaults, _distribution(aws))))
    versioned = {"Status": "Enabled"}  # which moto's CloudFormation leaves out
    aws.client("s3").put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration=versioned)


def _distribution(aws: Aws) -> str:
    made = aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https"},
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "site",
                        "DomainName": f"{SITE}.s3.amazonaws.com",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                ],
            },
        }
    )
    return str(made["Distribution"]["Id"])


def _template(parameters: Mapping[str, str], distribution: str) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    variables = {
        "BUNDLE_URI": f"s3://{ARTIFACTS}/releases",
        "BUNDLE_DIR": os.environ.get("BUNDLE_DIR", "no-bundle-in-the-image"),
        IMAGE_SCHEMA: str(bundle_format.SCHEMA_VERSION),
    }
    return {
        "Parameters": {name: {"Type": "String", "Default": default} for name, default in parameters.items()},
        "Resources": {
            "Site": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": SITE}},
            "Artifacts": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": ARTIFACTS}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": FUNCTION,
                    "PackageType": "Image",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"ImageUri": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/films:latest"},
                    "Environment": {"Variables": variables},
                },
            },
        },
        "Outputs": {
            "SiteBucket": {"Value": {"Ref": "Site"}},
            "ArtifactBucket": {"Value": {"Ref": "Artifacts"}},
            "FunctionName": {"Value": {"Ref": "Function"}},
            "DistributionId": {"Value": distribution},
            "SiteUrl": {"Value": os.environ.get("SITE_URL", f"https://{distribution}.cloudfront.net")},
            "ApiUrl": {"Value": f"https://api.execute-api.{REGION}.amazonaws.com"},
            "BundleSchema": {"Value": variables[IMAGE_SCHEMA]},
        },
    }


def files_bundle(root: Path, seed: int) -> Path:
    """A bundle with valid files but without a real model, for code that moves files and runs nothing."""
    generator = np.random.default_rng(seed)

    def arrays(**parts: Any) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, **parts)
        return buffer.getvalue()

    person = Person("u", np.zeros(2, np.float32), np.array([0], np.int32), np.array([5], np.float32))
    film = Film("1", "One", None, ("Drama",), None, 0)
    content = {
        "model.tflite": generator.bytes(100_000),
        **film_files([film], ["Drama"]),
        "films.npz": arrays(**dict.fromkeys(("vectors", "map", "relevance"), np.zeros((1, 2), np.float32))),
        "samples.bin": samples_bytes([person]),
        "goldens.json": b'{"goldens": []}',
    }
    assert set(content) == set(CONTENT)
    facts = ModelFacts(
        dimensions=2,
        history_length=8,
        users=1,
        films=1,
        genres=1,
        scale=RatingScale(min=1, max=5, step=1),
        precision="float32",
    )
    staged = stage(
        root,
        content=content,
        people=[person],
        created="2026-01-01T00:00:00Z",
        model=facts,
        data={},
        training={},
        metrics={},
    )
    return publish(staged, root)


_LOADER: Final = Loader()


def operator() -> Aws:
    """A new process of the operator, which only shares the SDK's service descriptions with earlier ones."""
    aws = Aws.connect(None)
    aws.session._session.register_component("data_loader", _LOADER)
    return aws


def kill_at(aws: Aws, call: int, moment: str) -> None:
    """End the process at its `call`-th call to AWS, `before` it is sent or `after` AWS has executed it."""
    left = call

    def kill(**_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    aws.session.events.register(f"{moment}-call", kill)


def writes_of(aws: Aws) -> list[str]:
    """A list of all writing calls, which grows as they are made."""
    writes: list[str] = []

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List", "Describe", "Head")):
            writes.append(model.name)

    aws.session.events.register("before-call", note)
    return writes
