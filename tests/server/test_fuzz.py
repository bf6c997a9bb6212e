"""The whole table under made-up requests, as each role: every answer is one that is documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api_fuzz import Found, Shapes, Snapshot, fuzz
from fuzz_course import STAGES, TEXT, Stage, a_stage
from nightly import times
from own_folders import own_folders

from jupyter_social.core.errors import Problem
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.people import Role
from jupyter_social.core.permissions import PERMISSIONS
from jupyter_social.operations import OPERATIONS
from jupyter_social.server.addresses import Addresses

ROLES = {
    "student": Role.STUDENT,
    "assistant": Role.ASSISTANT,
    "instructor": Role.INSTRUCTOR,
    "operator": Role.OPERATOR,
}


def fuzzed(stage: Stage, found: Found, *, examples: int, only: tuple[str, ...] = ()) -> Found:
    file = stage.server.room.app.database.file
    assert file is not None
    snapshot = Snapshot(file)
    document = stage.callers["instructor"].get("openapi.json").json
    fuzz(
        document,
        stage.seeds,
        stage.callers,
        found,
        examples=examples,
        reset=snapshot.put_back,
        only=only,
    )
    snapshot.close()
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What a round in each of its stages answers."""
    everything = Found()
    for name in STAGES:
        folder = tmp_path_factory.mktemp(name)
        with own_folders(folder), a_stage(folder, name) as stage:
            fuzzed(stage, everything, examples=times(4))
    return everything


def test_every_answer_is_a_documented_one(found: Found) -> None:
    assert not found.wrong, "\n\n".join(found.wrong[:20])


def test_every_operation_is_asked_for_by_every_role(found: Found) -> None:
    names = {operation.name for operation in OPERATIONS} | {"courses"}
    assert found.statuses.keys() == {(name, role) for name in names for role in ROLES}
    assert found.cases > 4000


@pytest.mark.parametrize("role", ROLES)
def test_every_permitted_operation_was_done_and_no_other(found: Found, role: str) -> None:
    permitted = {o.name for o in OPERATIONS if ROLES[role] in PERMISSIONS[o.needs]}
    assert found.successes(role) == permitted | {"courses"}


def test_a_refusal_with_more_than_a_sentence_is_documented(review: Stage) -> None:
    (reviewer, *_), id = review.callers.values(), review.seeds.fields["review"][0]
    path, stale = f"/assignments/ps1/my-reviews/{id}", {"version": 7, "body": TEXT}
    answer = reviewer.put(path, stale)
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (409, "stale-version")
    Shapes(reviewer.get("openapi.json").json).check("reviews.save", 409, answer.json)


def fails(act: Act, request: Any) -> Any:
    return 1 // 0


class Teapot(Problem):
    code = "teapot"
    status = 418


def is_a_teapot(act: Act, request: Any) -> Any:
    raise Teapot("Not documented.")


def without_a_field(whole: Operation[Any, Any]) -> Callable[[Act, Any], Any]:
    def call(act: Act, request: Any) -> Any:
        answer = whole.call(act, request)
        fields = {name: getattr(answer, name) for name in type(answer).model_fields}
        fields.popitem()
        return type(answer).model_construct(**fields)

    return call


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("faults")
    with own_folders(folder), a_stage(folder, "submission") as stage:
        yield stage


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path, "review") as stage:
        yield stage


@contextmanager
def served_with(stage: Stage, changed: Operation[Any, Any]) -> Iterator[None]:
    rows = [changed if row.name == changed.name else row for row in OPERATIONS]
    stage.server.extension.service.addresses = Addresses(rows)
    yield
    stage.server.extension.service.addresses = Addresses(OPERATIONS)


def row(name: str) -> Operation[Any, Any]:
    return next(operation for operation in OPERATIONS if operation.name == name)


@pytest.mark.parametrize(
    ("name", "call", "told"),
    [
        ("roster.list", fails, "Server error"),
        ("rounds.extend", fails, "Server error"),
        ("roster.list", is_a_teapot, "Undocumented status code"),
        ("submissions.preview", is_a_teapot, "Undocumented status code"),
        ("roster.list", without_a_field(row("roster.list")), "'members' is a required property"),
        ("rounds.mine", without_a_field(row("rounds.mine")), "is a required property"),
    ],
)
def test_a_fault_is_found(stage: Stage, name: str, call: Any, told: str) -> None:
    assert fuzzed(stage, Found(), examples=4, only=(name,)).wrong == []
    with served_with(stage, replace(row(name), call=call)):
        wrong = fuzzed(stage, Found(), examples=4, only=(name,)).wrong
    assert any(told in line for line in wrong), "\n\n".join(wrong) or "it was not found"


def test_an_operation_nobody_can_reach_is_missed(stage: Stage) -> None:
    found = fuzzed(stage, Found(), examples=4, only=("reviews.submit",))
    assert found.statuses["reviews.submit", "student"].total()
    assert "reviews.submit" not in found.successes("student"), "it is not the time for it"
