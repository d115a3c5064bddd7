"""The way to AWS: one session with time-outs and retries, the stack's outputs, and errors that say what to do."""

from dataclasses import dataclass, fields
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    WaiterError,
)

from function.bundle.remote import FIRST_SCHEMA

# A check of a release loads it and runs its goldens before it answers.
_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=70, retries={"mode": "standard", "total_max_attempts": 5}, user_agent_extra="films"
)
BATCH: Final = 1000  # objects that S3 lists or deletes in one request, at most
AWS_ERRORS: Final = (BotoCoreError, ClientError, HTTPClientError)

_CREDENTIALS: Final = "Run `aws sso login` or `aws configure`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID."
_REGION: Final = "Name the region: REGION=eu-west-1 with make, --region here, or AWS_REGION."


class OperationError(Exception):
    """What stops an operation. The message says what, where, and how to fix it."""


@dataclass(frozen=True)
class Outputs:
    """What template.yaml puts out."""

    site_bucket: str
    artifact_bucket: str
    distribution_id: str
    site_url: str
    api_url: str
    function_name: str
    bundle_schema: str  # the schema version of the bundles that the function reads
    sign_in_issuer: str  # empty where nobody can sign in
    sign_in_client: str


@dataclass(frozen=True)
class Aws:
    """One region of one account."""

    session: boto3.Session
    region: str

    @classmethod
    def connect(cls, region: str | None) -> "Aws":
        """Raises OperationError if no region is known, or AWS_PROFILE does not exist. Calls nothing yet."""
        try:
            session = boto3.Session(region_name=region)
        except ProfileNotFound as error:
            raise OperationError(f"{error}. Choose one of `aws configure list-profiles`, or unset it.") from error
        if not session.region_name:
            raise OperationError(f"no AWS region is known. {_REGION}")
        return cls(session, session.region_name)

    def client(self, service: str) -> Any:
        """A client with the time-outs and retries of this project."""
        return self.session.client(service, config=_CONFIG)  # type: ignore[call-overload]

    def find_outputs(self, stack: str) -> Outputs | None:
        """The outputs of a stack, or None if there is no such stack here."""
        found = self._find_stack(stack)
        if found is None:
            return None
        # Stacks deployed before releases were kept by schema version have no such output.
        outputs = {"BundleSchema": str(FIRST_SCHEMA), "SignInIssuer": "", "SignInClient": ""}
        outputs |= {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        names = {field.name: "".join(part.title() for part in field.name.split("_")) for field in fields(Outputs)}
        missing = sorted(set(names.values()) - set(outputs))
        if missing:
            raise OperationError(
                f"stack {stack} in {self.region} ({found['StackStatus']}) has no output {', '.join(missing)}: it is "
                "not this project's, or its last deploy failed. Run `make deploy`, or name another with STACK=."
            )
        return Outputs(**{field: outputs[name] for field, name in names.items()})

    def parameters(self, stack: str) -> dict[str, str]:
        """The values of a stack's parameters; empty if there is no such stack yet."""
        found = self._find_stack(stack) or {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}

    def _find_stack(self, stack: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if code_of(error) == "ValidationError":  # this is how CloudFormation says "does not exist"
                return None
            raise
        return found

    def outputs(self, stack: str) -> Outputs:
        """The outputs of a stack; raises OperationError if there is none."""
        found = self.find_outputs(stack)
        if found is None:
            raise OperationError(
                f"there is no stack {stack} in {self.region}. Run `make deploy` first; if it is elsewhere, name its "
                "region with REGION= or its name with STACK=."
            )
        return found


def code_of(error: ClientError) -> str:
    """The service's own code of an error, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", ""))


def explain(error: Exception, region: str) -> str:
    """What an error of AWS means, and how to fix it."""
    if isinstance(error, ClientError):
        return _explain_refusal(error, region)
    if isinstance(error, PartialCredentialsError | CredentialRetrievalError | NoCredentialsError):
        return f"no AWS credentials ({error}). {_CREDENTIALS}"
    if isinstance(error, TokenRetrievalError | UnauthorizedSSOTokenError):
        return f"the AWS sign-in has ended ({error}). {_CREDENTIALS}"
    if isinstance(error, NoRegionError):
        return f"no AWS region is known. {_REGION}"
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"AWS does not answer in {region} ({error}). Check the network and the region's name; then run it again."
    if isinstance(error, WaiterError):
        return f"timed out waiting in {region} ({error}). See the stack's events in CloudFormation; then run it again."
    return f"{error} (region {region})"


_BAD_CREDENTIALS: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "AuthFailure",
    }
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
_ELSEWHERE: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_GONE: Final = frozenset({"NoSuchBucket", "ResourceNotFoundException", "NoSuchDistribution"})


def _explain_refusal(error: ClientError, region: str) -> str:
    code = code_of(error)
    said = f"{error.operation_name} in {region}: {error.response['Error'].get('Message', code)}"
    if code in _BAD_CREDENTIALS:
        return f"AWS does not accept the credentials ({said}). {_CREDENTIALS}"
    if code in _DENIED:
        return (
            f"not allowed ({said}). Sign in as someone who may do {error.operation_name}, or have it added to the "
            "role; docs/operations.md lists what each command needs."
        )
    if code in _ELSEWHERE:
        return f"that is in another region ({said}). {_REGION}"
    if code in _GONE:
        return f"the stack refers to something that no longer exists ({said}). Run `make deploy` to create it again."
    return f"AWS refused ({said}; {code})."
