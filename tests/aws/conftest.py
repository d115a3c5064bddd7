"""An AWS account on loopback for the tests in this folder (cloud.py)."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import httpx
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.aws import Aws
from tests.aws.cloud import REGION, Cloud, deploy_stack, operator
from tests.support.demo_bundle import demo_bundle
from tests.support.template import read_template


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml."""
    return read_template()


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    """The properties of its resources, by name."""
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, Cloud]]:
    """The URL of AWS, and its server."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    host = Cloud(DomainDispatcherApplication(create_backend_app))
    listener = make_server("127.0.0.1", 0, host, threaded=True, request_handler=WSGIRequestHandler)
    thread = Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}", host
    listener.shutdown()
    listener.server_close()
    thread.join(10)


@pytest.fixture
def account(server: tuple[str, Cloud], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    """An empty account, with credentials only in the environment."""
    endpoint, host = server
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()
    host.environments.clear()
    boto3.DEFAULT_SESSION = None
    return operator()


@pytest.fixture
def stack(account: Aws) -> Aws:
    """The account with a deployed stack: the resources of template.yaml that the commands of infra/ use."""
    deploy_stack(account)
    return account


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small, working bundles."""
    root = tmp_path_factory.mktemp("bundles")
    return [demo_bundle(root, films=60, users=8, seed=seed) for seed in range(3)]
