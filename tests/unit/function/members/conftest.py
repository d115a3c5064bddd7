"""The stores, each empty, with a clock that tests set. DynamoDB is moto's and ministack's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from function.members.dynamodb import DynamoStore
from function.members.sqlite import SqliteStore
from function.members.store import Store
from tests.support.ministack import ministack


@dataclass
class Clock:
    time: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack") / "log") as url:
        yield url


@pytest.fixture(params=["sqlite", "moto", pytest.param("ministack", marks=pytest.mark.installs)])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    if request.param == "sqlite":
        store = SqliteStore(str(tmp_path / "members.sqlite3"), clock)
        yield store
        store.close()
    elif request.param == "ministack":
        yield dynamo_store(clock, request.getfixturevalue("ministack_url"))
    else:
        with mock_aws():
            yield dynamo_store(clock)


def dynamo_store(clock: Clock, url: str | None = None) -> DynamoStore:
    """An empty table with the keys of template.yaml (tests/aws/test_template.py compares them), at `url` or in AWS."""
    client = boto3.client(
        "dynamodb", "eu-west-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )
    table = f"members-{uuid4()}"
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("partition", "name")],
        KeySchema=[
            {"AttributeName": "partition", "KeyType": "HASH"},
            {"AttributeName": "name", "KeyType": "RANGE"},
        ],
    )
    return DynamoStore(table, clock, client)
