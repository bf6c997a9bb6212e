"""The operation table as an OpenAPI 3.1 document.

Clients, the reference page and the fuzz tests are made from it, so it says what the table says and
nothing by hand: shapes come from the views, words from the docstrings of the use cases.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from jupyter_social import __version__
from jupyter_social.app import MAX_KEY_LENGTH
from jupyter_social.core import errors
from jupyter_social.core.operations import Operation
from jupyter_social.core.views import Page, View
from jupyter_social.operations import OPERATIONS
from jupyter_social.reviews.desk.views import ReviewBody
from jupyter_social.server.documents import CoursesNamed

JsonObject = dict[str, Any]
Mode = Literal["validation", "serialization"]

REFERENCE = "#/components/schemas/{model}"
PROBLEM = "Problem"
ALWAYS = (
    errors.Malformed,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.Invalid,
    errors.TooMany,
    errors.Unavailable,
)
WITH_A_BODY = (errors.TooLarge, errors.UnsupportedMedia)
COURSE: JsonObject = {
    "name": "course",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "The course's short name, as in course.toml.",
}
KEY: JsonObject = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY_LENGTH,
        "pattern": "^[ -~]+$",
    },
    "description": "Chosen by the caller; the same request with the same key is done once.",
}


def openapi(operations: Iterable[Operation[Any, Any]] = OPERATIONS) -> JsonObject:
    """Return the document; the same for every server, whatever course it has."""
    table = list(operations)
    shapes = _Shapes(table)
    paths: dict[str, JsonObject] = {"/courses": {"get": _courses(shapes)}}
    for operation in table:
        place = paths.setdefault(f"/courses/{{course}}{_wire_path(operation)}", {})
        place[operation.method.lower()] = _operation(operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_social",
            "version": __version__,
            "description": "Everything that can be asked of a course on a Jupyter server.",
        },
        "servers": [{"url": "../v1", "description": "The Jupyter server this document is from."}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in sorted({_tag(operation) for operation in table})],
        "paths": paths,
        "components": {
            "schemas": {**shapes.components, PROBLEM: _problem_shape()},
            "responses": dict(_refusals()),
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token` and a token of the Jupyter server. In a browser the "
                    "server's own cookie does it, with the header X-XSRFToken.",
                }
            },
        },
    }


class _Shapes:
    """The schemas of all views, and where each is."""

    def __init__(self, operations: Iterable[Operation[Any, Any]]) -> None:
        table = list(operations)
        requests = {operation.body: operation for operation in table}
        answers: dict[type[View], None] = dict.fromkeys(
            [CoursesNamed, *(operation.returns for operation in table)]
        )
        shapes: list[tuple[type[View], Mode]] = [(view, "validation") for view in requests]
        shapes += [(view, "serialization") for view in answers if view is not Page]
        self._places, found = models_json_schema(
            shapes,
            by_alias=True,
            ref_template=REFERENCE,
        )
        self._all: dict[str, JsonObject] = deepcopy(found["$defs"])
        self._inlined: set[str] = set()
        self._fields: dict[type[View], dict[str, tuple[JsonObject, bool]]] = {}
        for view, operation in requests.items():
            self._without_path(view, operation)

    @property
    def components(self) -> dict[str, JsonObject]:
        """The schemas to be listed, by name; what stands in the address is left out of bodies."""
        return {
            name: shape for name, shape in sorted(self._all.items()) if name not in self._inlined
        }

    def answer(self, view: type[View]) -> Mapping[str, Any]:
        """Refer to an answer's schema."""
        return self._places[view, "serialization"]

    def body(self, view: type[View]) -> Mapping[str, Any]:
        """Refer to a request's schema."""
        return self._places[view, "validation"]

    def fields(self, view: type[View]) -> Mapping[str, tuple[JsonObject, bool]]:
        """Return the request's fields that are not in the body, and whether each is required."""
        return self._fields[view]

    def needs_body(self, view: type[View]) -> bool:
        """Tell whether a body must be sent at all."""
        return bool(self._all[self._name(view)].get("required"))

    def _without_path(self, view: type[View], operation: Operation[Any, Any]) -> None:
        name = self._name(view)
        shape = self._all[name]
        outside = shape.get("properties", {})
        if operation.writes:
            outside = {wire: outside.pop(wire) for wire in _path_fields(operation).values()}
        else:
            self._inlined.add(name)
        left = [field for field in shape.get("required", []) if field not in outside]
        required = [field for field in shape.pop("required", []) if field in outside]
        if left:
            shape["required"] = left
        self._fields[view] = {wire: (field, wire in required) for wire, field in outside.items()}

    def _name(self, view: type[View]) -> str:
        return str(self._places[view, "validation"]["$ref"]).rpartition("/")[2]


def _operation(operation: Operation[Any, Any], shapes: _Shapes) -> JsonObject:
    text = inspect.getdoc(operation.call) or ""
    found: JsonObject = {
        "operationId": operation.name,
        "tags": [_tag(operation)],
        "summary": " ".join(text.partition("\n\n")[0].split()),
        "description": f"{text}\n\nNeeds `{operation.needs}`.",
        "parameters": [COURSE, *_parameters(operation, shapes)],
        "responses": {
            "200": _answer(operation, shapes),
            **_refused(operation),
        },
    }
    if operation.writes:
        found["parameters"].append(KEY)
        found["requestBody"] = {
            "required": shapes.needs_body(operation.body),
            "content": {"application/json": {"schema": shapes.body(operation.body)}},
        }
    return found


def _parameters(operation: Operation[Any, Any], shapes: _Shapes) -> Iterator[JsonObject]:
    in_path = set(_path_fields(operation).values())
    for wire, (field, required) in shapes.fields(operation.body).items():
        schema = _as_text(field)
        description = schema.pop("description", "")
        yield {
            "name": wire,
            "in": "path" if wire in in_path else "query",
            "required": required or wire in in_path,
            "schema": schema,
            **({"description": description} if description else {}),
        }


def _as_text(field: JsonObject) -> JsonObject:
    """Return a field's schema as a parameter's: it is left out rather than null."""
    found = deepcopy(field)
    if found.get("default", ...) is None:
        del found["default"]
    options = [option for option in found.pop("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        found.update(options[0])
    elif options:
        found["anyOf"] = options
    found.pop("title", None)
    return found


def _answer(operation: Operation[Any, Any], shapes: _Shapes) -> JsonObject:
    text = " ".join((inspect.getdoc(operation.returns) or "").partition("\n\n")[0].split())
    if issubclass(operation.returns, Page):
        return {"description": text, "content": {"text/html": {"schema": {"type": "string"}}}}
    schema = shapes.answer(operation.returns)
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _courses(shapes: _Shapes) -> JsonObject:
    return {
        "operationId": "courses",
        "summary": "Name the courses of this server that you are in.",
        "responses": {
            "200": {
                "description": "The courses, or an empty list.",
                "content": {"application/json": {"schema": shapes.answer(CoursesNamed)}},
            },
            **{
                str(kind.status): {"$ref": f"#/components/responses/{kind.__name__}"}
                for kind in (errors.Malformed, errors.Forbidden, errors.TooMany, errors.Unavailable)
            },
        },
    }


def _refused(operation: Operation[Any, Any]) -> JsonObject:
    kinds: list[type[errors.Problem]] = [*ALWAYS, *(WITH_A_BODY if operation.writes else ())]
    return {
        str(kind.status): {"$ref": f"#/components/responses/{kind.__name__}"}
        for kind in sorted(kinds, key=lambda kind: kind.status)
    }


def _refusals() -> Iterator[tuple[str, JsonObject]]:
    schema = {"$ref": REFERENCE.format(model=PROBLEM)}
    kinds: list[type[errors.Problem]] = [*ALWAYS, *WITH_A_BODY]
    for kind in sorted(kinds, key=lambda kind: kind.status):
        found: JsonObject = {
            "description": " ".join((inspect.getdoc(kind) or kind.title).split()),
            "content": {"application/problem+json": {"schema": schema}},
        }
        if kind in (errors.TooMany, errors.Unavailable):
            found["headers"] = {
                "Retry-After": {
                    "description": "After how many seconds to ask again.",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
        yield kind.__name__, found


def _problem_shape() -> JsonObject:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "A refusal (RFC 9457); `detail` is a sentence to show to the person.",
        "properties": {
            "type": {**text, "description": "urn:jupyter-social:problem: and a code that stays."},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            **_stale_version_members(),
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _stale_version_members() -> JsonObject:
    text = {"$ref": REFERENCE.format(model=ReviewBody.__name__)}
    of = "Of stale-version:"
    return {
        "stored": {**text, "description": f"{of} the text that stands."},
        "yours": {**text, "description": f"{of} the text that was sent."},
        "version": {"type": "integer", "description": f"{of} send it with the joined text."},
    }


def _tag(operation: Operation[Any, Any]) -> str:
    return operation.name.partition(".")[0]


def _wire_path(operation: Operation[Any, Any]) -> str:
    path = operation.path
    for name, wire in _path_fields(operation).items():
        path = path.replace(f"{{{name}}}", f"{{{wire}}}")
    return path


def _path_fields(operation: Operation[Any, Any]) -> dict[str, str]:
    """Return what the path's fields are called on the wire, by their name in the request."""
    names = [step[1:-1] for step in operation.path.split("/") if step.startswith("{")]
    fields = operation.body.model_fields
    return {name: fields[name].alias or name for name in names}
