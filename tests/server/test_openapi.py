"""The OpenAPI document says what the table says, and the server serves that very document."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from openapi_spec_validator import validate
from server_process import Server

from jupyter_social.core.views import Page
from jupyter_social.operations import OPERATIONS
from jupyter_social.server.openapi import openapi

ROOT = Path(__file__).parents[2]
PAGES = [operation for operation in OPERATIONS if operation.returns is Page]


def test_the_document_is_valid() -> None:
    validate(openapi())


def test_the_server_serves_the_document_of_the_reference(server: Server) -> None:
    served = server.client("student000").get("openapi.json").json
    assert served == openapi()
    stored = (ROOT / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(stored) == served


def test_every_operation_is_in_it_once() -> None:
    found = [
        (method.upper(), path.removeprefix("/courses/{course}"), told["operationId"])
        for path, place in openapi()["paths"].items()
        for method, told in place.items()
    ]
    wanted = [(row.method, row.path, row.name) for row in OPERATIONS]
    assert sorted(name for _, _, name in found) == sorted(["courses", *(w[2] for w in wanted)])
    assert len(found) == len({(method, path) for method, path, _ in found})


def test_everything_is_closed_and_in_camel_case() -> None:
    for name, schema in openapi()["components"]["schemas"].items():
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, name
        assert not [field for field in schema.get("properties", {}) if "_" in field], name


def test_what_stands_in_the_address_is_not_in_the_body() -> None:
    document = openapi()
    for place in document["paths"].values():
        for told in place.values():
            body = told.get("requestBody")
            if body is None:
                continue
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            fields = document["components"]["schemas"][name].get("properties", {})
            in_path = {p["name"] for p in told["parameters"] if p["in"] == "path"} - {"course"}
            assert not in_path & fields.keys()


def test_every_refusal_is_documented_and_every_write_takes_a_key() -> None:
    for operation in OPERATIONS:
        told = _told(operation.name)
        statuses = {"400", "403", "404", "409", "422", "429", "503"}
        names = {parameter["name"] for parameter in told["parameters"]}
        if operation.writes:
            assert statuses | {"413", "415"} <= told["responses"].keys()
            assert "Idempotency-Key" in names
        else:
            assert statuses <= told["responses"].keys()
            assert "requestBody" not in told


def test_pages_are_html() -> None:
    for operation in PAGES:
        assert list(_told(operation.name)["responses"]["200"]["content"]) == ["text/html"]


def test_real_answers_are_as_documented(server: Server) -> None:
    document = openapi()
    teacher = server.client("teacher")
    teacher.post("/assignments/ps1/reviews/assign", {"reviews": 2})
    for path, name in (
        ("/roster", "RosterView"),
        ("/assignments/ps1/submissions", "SubmissionList"),
        ("/assignments/ps1/reviews/status", "ReviewStatusShown"),
        ("/assignments/ps1/reviews/verify", "ReviewsVerified"),
        ("/audit", "AuditLog"),
        ("courses", "CoursesNamed"),
        ("/nowhere", "Problem"),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.validate(teacher.get(path).json, schema)


def _told(name: str) -> dict[str, dict[str, object]]:
    return next(
        told
        for place in openapi()["paths"].values()
        for told in place.values()
        if told["operationId"] == name
    )
