"""Both stores, each empty, with a clock that tests set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from function.members.dynamodb import DynamoStore
from function.members.sqlite import SqliteStore
from function.members.store import Store

TABLE = "members"


@dataclass
class Clock:
    time: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    if request.param == "sqlite":
        store = SqliteStore(str(tmp_path / "members.sqlite3"), clock)
        yield store
        store.close()
    else:
        with mock_aws():
            yield dynamo_store(clock)


def dynamo_store(clock: Clock) -> DynamoStore:
    """An empty table with the keys of template.yaml (tests/aws/test_template.py compares them)."""
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="none")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("partition", "name")],
        KeySchema=[
            {"AttributeName": "partition", "KeyType": "HASH"},
            {"AttributeName": "name", "KeyType": "RANGE"},
        ],
    )
    return DynamoStore(TABLE, clock, client)
