"""The store in AWS: one DynamoDB table with the keys `partition` and `name`.

DynamoDB deletes expired documents within days, so reads leave them out. Importing boto3 takes a tenth of a second, and
only a member's request does.
"""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from function.members.store import BusyError, Change, Clock, ConflictError, Document, Page, check_limits, now

_ATTEMPTS: Final = 5  # at documents that a throttled read left out
# Standard retries wait longer each time, at random, and stop when the service is down.
_CONFIG: Final = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 4})
_CONFLICTS: Final = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_BUSY: Final = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


class DynamoStore:
    """The protocol `Store` over a table that template.yaml makes."""

    def __init__(self, table: str, clock: Clock = now, client: Any = None) -> None:
        self._table = table
        self._clock = clock
        self._client: Any = client or boto3.client("dynamodb", config=_CONFIG)

    def get(self, partition: str, names: Sequence[str]) -> dict[str, Document]:
        wanted: list[dict[str, Any]] = [_key(partition, name) for name in names]
        found: list[Document] = []
        for attempt in range(_ATTEMPTS):
            with _busy():
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
                )
            found += self._live(answer["Responses"].get(self._table, []))
            left = answer.get("UnprocessedKeys", {})
            wanted = left[self._table]["Keys"] if left else []
            if not wanted:
                return {document.name: document for document in found}
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311  (no secret)
        raise BusyError(f"{len(wanted)} documents were not read in {_ATTEMPTS} attempts")

    def query(self, partition: str, prefix: str, *, limit: int, after: str | None = None) -> Page:
        # Expired documents may fill a page, so it goes on until `limit` are found or none are left.
        found: list[Document] = []
        asked: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#partition = :partition",
            "ExpressionAttributeNames": {"#partition": "partition"},
            "ExpressionAttributeValues": {":partition": {"S": partition}},
            "Limit": limit + 1,
        }
        if prefix:  # DynamoDB has no empty ones
            asked["KeyConditionExpression"] += " AND begins_with(#name, :prefix)"
            asked["ExpressionAttributeNames"]["#name"] = "name"
            asked["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
        if after is not None:
            asked["ExclusiveStartKey"] = _key(partition, after)
        while True:
            with _busy():
                answer = self._client.query(**asked)
            found += self._live(answer["Items"])
            if len(found) > limit or "LastEvaluatedKey" not in answer:
                return Page(found[:limit], found[limit - 1].name if len(found) > limit else None)
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, partition: str, changes: Sequence[Change]) -> None:
        check_limits(changes)
        with _busy():
            self._client.transact_write_items(TransactItems=[self._item(partition, change) for change in changes])

    def scan(self) -> Iterator[tuple[str, Document]]:
        asked: dict[str, Any] = {"TableName": self._table}
        while True:
            with _busy():
                answer = self._client.scan(**asked)
            for item in answer["Items"]:
                yield from ((item["partition"]["S"], document) for document in self._live([item]))
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _live(self, items: list[dict[str, Any]]) -> list[Document]:
        time_is = self._clock()
        return [
            Document(item["name"]["S"], int(item["version"]["N"]), bytes(item["value"]["B"]))
            for item in items
            if "expires" not in item or int(item["expires"]["N"]) > time_is
        ]

    def _item(self, partition: str, change: Change) -> dict[str, Any]:
        key = _key(partition, change.name)
        # An expired document is none, though DynamoDB may still have it.
        wanted = "attribute_not_exists(#version) OR #expires <= :now"
        values = {":now": {"N": str(int(self._clock()))}}
        if change.version:
            wanted = "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)"
            values[":version"] = {"N": str(change.version)}
        condition = {
            "TableName": self._table,
            "ConditionExpression": wanted,
            "ExpressionAttributeNames": {"#version": "version", "#expires": "expires"},
            "ExpressionAttributeValues": values,
        }
        if change.check:
            return {"ConditionCheck": {**condition, "Key": key}}
        if change.value is None:
            return {"Delete": {**condition, "Key": key}}
        item = {**key, "version": {"N": str(change.version + 1)}, "value": {"B": change.value}}
        if change.expires is not None:
            item["expires"] = {"N": str(change.expires)}
        return {"Put": {**condition, "Item": item}}


def _key(partition: str, name: str) -> dict[str, Any]:
    return {"partition": {"S": partition}, "name": {"S": name}}


@contextmanager
def _busy() -> Iterator[None]:
    """Raises ConflictError and BusyError where AWS means them; other errors are defects."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "TransactionCanceledException":
            reasons: Any = error.response.get("CancellationReasons", [])
            if _CONFLICTS & {reason.get("Code") for reason in reasons}:
                raise ConflictError from error
            raise BusyError(str(error)) from error
        if code in _BUSY:
            raise BusyError(str(error)) from error
        raise
    except BotoCoreError as error:  # no connection, or no answer in time
        raise BusyError(str(error)) from error
