"""Answers and methods are what the OpenAPI document says."""

import httpx
import jsonschema

from tests.unit.function.api.members.conftest import rate


def test_answers_are_what_the_document_says(ada: httpx.Client, ids: list[str]) -> None:
    document = ada.get("/api/openapi.json").json()
    rate(ada, ids[0])
    shelf = ada.post("/api/me/shelves", json={"name": "x"}).json()["id"]
    ada.put(f"/api/me/list/{ids[3]}")
    checked = 0
    for path, operations in document["paths"].items():
        if not path.startswith("/api/me") or "get" not in operations or path.endswith("/export"):
            continue
        answer = ada.get(path.format(film_id=ids[0], shelf_id=shelf))
        schema = operations["get"]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
        checked += 1
    assert checked >= 12


def test_options_tell_the_methods_of_the_document(ada: httpx.Client) -> None:
    document = ada.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        answer = ada.options(path.replace("{", "").replace("}", ""))
        assert set(answer.headers["allow"].split(", ")) == expected, path
