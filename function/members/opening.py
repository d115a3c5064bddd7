"""Opens the store that the setting STORE names."""

from function.members.store import Clock, Store, StoreError, now


def open_store(uri: str, clock: Clock = now) -> Store:
    """The store that STORE names: sqlite:///PATH, or dynamodb://TABLE. Raises StoreError."""
    kind, _, place = uri.partition("://")
    if kind == "sqlite" and place.startswith("/") and len(place) > 1:
        from function.members.sqlite import SqliteStore  # a start without members needs neither

        return SqliteStore(place.removeprefix("/"), clock)
    if kind == "dynamodb" and place:
        from function.members.dynamodb import DynamoStore

        return DynamoStore(place, clock)
    raise StoreError(f"STORE={uri}: use sqlite:///PATH (four slashes for an absolute path) or dynamodb://TABLE.")
