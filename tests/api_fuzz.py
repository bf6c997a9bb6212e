"""Requests made from the OpenAPI document, and what is wrong with the answers to them.

Schemathesis makes the cases: what the document allows and what it does not. Into both are mixed
ids that exist and bodies that make sense, since a made-up id is only ever answered with 404. Every
caller is sent the same cases, each from the same state of the course.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nightly import FACTOR
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as documented
from server_process import SECONDS, Client

from jupyter_social.core.pages import CONTENT_POLICY
from jupyter_social.server.routes import ANSWER_POLICY

CHECKS = (
    not_a_server_error,
    documented.status_code_conformance,
    documented.content_type_conformance,
    documented.response_headers_conformance,
)


@dataclass(frozen=True)
class Seeds:
    """What exists: values of the fields of addresses and queries, and bodies by operation."""

    fields: Mapping[str, list[str]]
    bodies: Mapping[str, list[Any]]


@dataclass
class Found:
    """What came of it: statuses by operation and caller, and the answers that are wrong."""

    statuses: dict[tuple[str, str], Counter[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(counts.total() for counts in self.statuses.values())

    def successes(self, caller: str) -> set[str]:
        """The operations that this caller has done at least once."""
        return {
            operation
            for (operation, who), counts in self.statuses.items()
            if who == caller and counts[200]
        }

    def note(self, operation: str, caller: str, status: int) -> None:
        self.statuses.setdefault((operation, caller), Counter())[status] += 1


class Shapes:
    """The documented schemas of answers.

    Schemathesis's own check reads `prefixItems` of OpenAPI 3.1 wrongly; this one is jsonschema's.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = document["components"]
        self._answers = {
            told["operationId"]: told["responses"]
            for place in document["paths"].values()
            for told in place.values()
        }

    def check(self, operation: str, status: int, answer: object) -> None:
        """Raise a `ValidationError` unless the answer has its documented shape."""
        told = self._answers[operation][str(status)]
        if "$ref" in told:
            told = self._components["responses"][told["$ref"].rpartition("/")[2]]
        (content,) = told["content"].values()
        schema = {**content["schema"], "components": self._components}
        jsonschema.Draft202012Validator(schema).validate(answer)


def fuzz(
    document: dict[str, Any],
    seeds: Seeds,
    callers: Mapping[str, Client],
    found: Found,
    *,
    examples: int,
    reset: Callable[[], None],
    only: Iterable[str] = (),
) -> None:
    """Send so many cases of each operation, as often again of what is not allowed."""
    schema = _seeded(document, seeds)
    shapes = Shapes(document)
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        if only and name not in only:
            continue
        cases = [
            case
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            for case in _cases(operation, mode, examples)
        ]
        for caller, client in callers.items():
            reset()
            with requests.Session() as session:
                for case in cases:
                    _send(case, name, caller, client, session, shapes, found)


def _seeded(document: dict[str, Any], seeds: Seeds) -> Any:
    schema = schemathesis.openapi.from_dict(document)

    def existing(operation: Any, place: str) -> st.SearchStrategy[dict[str, str]] | None:
        names = [
            p["name"] for p in operation.definition.raw.get("parameters", []) if p["in"] == place
        ]
        known = {name: seeds.fields[name] for name in names if name in seeds.fields}
        if len(known) < len(names):
            return None
        return st.fixed_dictionaries(
            {name: st.sampled_from([quote(v, safe="") for v in known[name]]) for name in names}
        )

    @schema.hook  # type: ignore[untyped-decorator]
    def before_generate_path_parameters(context: Any, strategy: Any) -> Any:
        known = existing(context.operation, "path")
        # Three in four: an address that leads nowhere says nothing about the body.
        return strategy if known is None else st.one_of(known, known, known, strategy)

    @schema.hook  # type: ignore[untyped-decorator]
    def before_generate_body(context: Any, strategy: Any) -> Any:
        known = seeds.bodies.get(context.operation.definition.raw["operationId"])
        return st.one_of(st.sampled_from(known), strategy) if known else strategy

    return schema


def _cases(operation: Any, mode: GenerationMode, number: int) -> list[Case]:
    made: list[Case] = []

    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        derandomize=FACTOR == 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def make(case: Case) -> None:
        made.append(case)

    make()
    return made


def _send(
    case: Case,
    name: str,
    caller: str,
    client: Client,
    session: requests.Session,
    shapes: Shapes,
    found: Found,
) -> None:
    base = f"http://127.0.0.1:{client.port}{client.prefix.rstrip('/')}"
    answer = case.call(
        base_url=base, session=session, headers=dict(client.headers), timeout=SECONDS
    )
    found.note(name, caller, answer.status_code)
    if answer.status_code == 503:
        found.wrong.append(f"{name} as {caller}: 503 of a course that is open")
    kind, policy = (
        answer.headers.get(header, [""])[0]
        for header in ("content-type", "content-security-policy")
    )
    if policy != (CONTENT_POLICY if kind.startswith("text/html") else ANSWER_POLICY):
        found.wrong.append(f"{name} as {caller}: {kind} with the policy {policy!r}")
    try:
        case.validate_response(answer, checks=list(CHECKS))
        if "json" in kind:
            shapes.check(name, answer.status_code, answer.json())
    except (Exception, BaseExceptionGroup) as wrong:
        sent = f"{case.method} {case.formatted_path} {str(case.body)[:300]}"
        told = " / ".join(str(part) for part in getattr(wrong, "exceptions", [wrong]))
        found.wrong.append(f"{name} as {caller}: {told[:1500]}\n{sent}")


class Snapshot:
    """The content of a SQLite file, to be put back while its owner has nothing to do."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(file)) as connection:
            connection.backup(self._kept)

    def put_back(self) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            self._kept.backup(connection)

    def close(self) -> None:
        self._kept.close()
