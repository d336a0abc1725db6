"""/api/openapi.json and /api/docs: open to all, complete, and nothing fetched from outside."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from tests.api.conftest import problem

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def described(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json
    return body


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1.")
    assert described["info"].keys() >= {"title", "version"}
    assert described.keys() <= {"openapi", "info", "paths", "components", "tags", "security"}
    assert described["components"].keys() <= {"schemas", "securitySchemes"}
    for requirement in described["security"]:
        assert requirement.keys() <= described["components"]["securitySchemes"].keys()
    seen = set()
    for path, method, operation in operations(described):
        assert method in METHODS
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        parameters = operation.get("parameters", [])
        assert all(each["in"] in {"path", "query"} and each["schema"] for each in parameters)
        named = [each["name"] for each in parameters if each["in"] == "path"]
        assert named == re.findall(r"{(\w+)}", path)
        assert all(each["required"] for each in parameters if each["in"] == "path")
        assert all(answer["description"] for answer in operation["responses"].values())


def test_no_two_addresses_are_the_same(described: dict[str, Any]) -> None:
    bare = [re.sub(r"{\w+}", "{}", path) for path in described["paths"]]
    assert len(bare) == len(set(bare))


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    used = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                name = node["$ref"].removeprefix("#/components/schemas/")
                assert name in schemas, name
                used.add(name)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(described)
    assert used == schemas.keys()


def test_every_route_is_described(app: OpenAPI, described: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(\w+:)?(\w+)>", r"{\2}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        if not rule.endpoint.startswith("api.documentation.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(described)} == routes


def test_every_route_says_what_it_takes_and_gives(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        assert operation["summary"], path
        assert operation["tags"], path
        assert ("requestBody" in operation) == (method in {"post", "put"}), path
        successes = {status: answer for status, answer in operation["responses"].items() if status < "300"}
        assert successes, path
        assert all("content" in answer for status, answer in successes.items() if status != "204"), path
        for status in ("401", "403", "404", "422", "429", "503"):
            content = operation["responses"][status]["content"]
            schema = content["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def test_figures_are_described_by_their_metric(described: dict[str, Any]) -> None:
    overview = described["components"]["schemas"]["Overview"]["properties"]
    assert overview["conversionRate"]["description"].startswith("Inquiries for each view")
    assert {"type": "null"} in overview["conversionRate"]["anyOf"]


def test_the_page_brings_all_that_it_needs(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "//" not in re.sub(r"<!.*?>", "", page.text)
    needed = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
    assert len(needed) == 3
    for address in needed:
        assert client.get(f"/api/{address}").status_code == 200
    assert "<script>" not in page.text
    assert "://" not in client.get("/api/docs/start.js").text


def test_only_its_own_files(client: FlaskClient) -> None:
    problem(client.get("/api/docs/nothing.js"), 404)
    problem(client.get("/api/docs/../__init__.py"), 404)
    problem(client.get("/api/docs/%2e%2e/__init__.py"), 404)
