"""template.yaml as ministack takes it, and the `sam` that deploys it there: each difference from AWS is here."""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]

from tests.support.program import program
from tests.support.sam import ROOT, sam_environment

EMULATOR: Final = "/rie"  # where the containers have Lambda's
ISSUER: Final = "https://cognito-idp.${AWS::Region}.amazonaws.com/${Members}"
_PROVIDER: Final = re.compile(r'\{"Fn::GetAtt": (?:"Members\.ProviderURL"|\["Members", "ProviderURL"\])\}')
LEFT_OUT: Final = frozenset({"AWS::Cognito::ManagedLoginBranding", "AWS::Logs::QueryDefinition"})
# The real `sam`, but the image stays in the engine, which runs it by the name that it has in the registry; and the
# stack that it keeps for the registry is made once, as ministack refuses an update that changes nothing.
SAM: Final = """
from samcli.cli.main import cli
from samcli.lib.bootstrap.companion_stack.companion_stack_manager import CompanionStackManager
from samcli.lib.package.ecr_uploader import ECRUploader
from samcli.lib.package.image_utils import tag_translation

def keep(self, image, resource_name):
    found = self.docker_client.images.get(image)
    repository, tag = self.ecr_repo_multi[resource_name], tag_translation(image, found.id)
    found.tag(repository=repository, tag=tag)
    return f"{repository}:{tag}"

def once(self, update=CompanionStackManager.update_companion_stack):
    if not self.does_companion_stack_exist():
        update(self)

ECRUploader.upload = keep
CompanionStackManager.update_companion_stack = once
cli(prog_name="sam")
"""
# What is run as `sam`.
RUN: Final = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.container.emulated import SAM, adapt
if sys.argv[1] == "deploy":
    adapt(Path(".aws-sam/build/template.yaml"), {ministack!r})
os.execv({python!r}, [{python!r}, "-c", SAM, *sys.argv[1:]])
"""


def adapted(template: dict[str, Any], ministack: str) -> dict[str, Any]:
    """The template with what ministack 1.5 needs; `ministack` is its address on this machine."""
    # It does not know the attribute ProviderURL of a user pool.
    text = _PROVIDER.sub(json.dumps({"Fn::Sub": ISSUER}), json.dumps(template, default=str))
    template = json.loads(text.replace("${Members.ProviderURL}", ISSUER))
    resources = {name: made for name, made in template["Resources"].items() if made["Type"] not in LEFT_OUT}
    _start_by_emulator(resources["Function"])
    _aim(resources["Distribution"], ministack)
    return {**template, "Resources": {**resources, **_routes(resources["HttpApi"], resources["Function"])}}


def _start_by_emulator(function: dict[str, Any]) -> None:
    """Lambda speaks to the image's process by its runtime API; in a container its emulator does."""
    runtime = {"EntryPoint": [EMULATOR, "python3", "-m", "awslambdaric"], "Command": ["function.handler.handler"]}
    function["Properties"]["ImageConfig"] = runtime


def _aim(distribution: dict[str, Any], ministack: str) -> None:
    """Have the distribution ask the API at ministack's own address: it dials no address of AWS."""
    origins = distribution["Properties"]["DistributionConfig"]["Origins"]
    (api,) = (origin for origin in origins if origin["Id"] == "api")
    address = urlsplit(ministack)
    api["DomainName"] = address.hostname
    api["OriginPath"] = {"Fn::Sub": "/_aws/execute-api/${HttpApi}/$default"}
    api["CustomOriginConfig"] = {"OriginProtocolPolicy": "http-only", "HTTPPort": address.port}


def _routes(api: dict[str, Any], function: dict[str, Any]) -> dict[str, Any]:
    """The routes of the function's events and their authorizers, which SAM writes as an OpenAPI document."""
    integration = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
        "PayloadFormatVersion": "2.0",
    }
    made = {"Integration": _of_api("Integration", integration)}
    for name, facts in api["Properties"]["Auth"]["Authorizers"].items():
        authorizer = {
            "AuthorizerType": "JWT",
            "Name": name,
            "IdentitySource": [facts["IdentitySource"]],
            "JwtConfiguration": {key.capitalize(): value for key, value in facts["JwtConfiguration"].items()},
        }
        made[f"Authorizer{name}"] = _of_api("Authorizer", authorizer)
    for name, event in function["Properties"]["Events"].items():
        asked = event["Properties"]
        route: dict[str, Any] = {
            "RouteKey": f"{asked['Method']} {asked['Path']}" if "Path" in asked else "$default",
            "Target": {"Fn::Sub": "integrations/${Integration}"},
        }
        if auth := asked.get("Auth"):
            route |= {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": f"Authorizer{auth['Authorizer']}"}}
        made[f"Route{name}"] = _of_api("Route", route)
    return made


def _of_api(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": "HttpApi"}, **properties}}


def write_sam(folder: Path, ministack: str) -> None:
    """A program `sam` in `folder` for `ministack`."""
    folder.mkdir()
    python = str(sam_environment() / "bin" / "python")
    program(folder / "sam", RUN.format(root=str(ROOT), python=python, ministack=ministack))


def adapt(built: Path, ministack: str) -> None:
    """Adapt a template that `sam build` wrote."""
    built.write_text(json.dumps(adapted(yaml.safe_load(built.read_text()), ministack)))
