"""Asks a played class one cell of the matrix, and says in the file's words what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from expectations import FILE, Cell, expected
from played_rounds import BY_NAME, MADE_UP, PHASES, Ids, PlayedCourse, World, fields_of

from jupyter_social.core.errors import NOTHING_HERE, NotFound, Problem
from jupyter_social.core.membership import Caller
from jupyter_social.core.people import Role
from jupyter_social.core.permissions import PERMISSIONS

UNIFORM = NotFound(NOTHING_HERE).details()
PEERS_FIELDS = {"preview", "review"}
ID_FIELDS = {"preview", "review", "work", "report", "owner", "username"}


@dataclass(frozen=True)
class ActorKind:
    """Who asks: `caller` in the course, `like` the person whose ids they know.

    `paused` tells that they ask in the course that is paused.
    """

    caller: Caller
    like: str = "author"
    assignment: str = "ps1"
    paused: bool = False


ACTORS: Mapping[str, ActorKind] = {
    "operator": ActorKind(Caller()),
    "instructor": ActorKind(Caller("teacher")),
    "assistant": ActorKind(Caller("helper")),
    "promoted": ActorKind(Caller("riser"), "riser"),
    "promoted-lead": ActorKind(Caller("chief"), "chief"),
    "author": ActorKind(Caller("author")),
    "for-author": ActorKind(Caller("author", on_behalf=True)),
    "mate": ActorKind(Caller("mate"), "mate", "team"),
    "previewed": ActorKind(Caller("looker"), "looker"),
    "never": ActorKind(Caller("absent"), "absent"),
    "paused": ActorKind(Caller("other-author"), paused=True),
    "dropped": ActorKind(Caller("leaver"), "leaver"),
    "other-student": ActorKind(Caller("other-author")),
    "other-instructor": ActorKind(Caller("other-teacher")),
    "nobody": ActorKind(Caller("mallory")),
    "for-nobody": ActorKind(Caller("mallory", on_behalf=True)),
}
# Actors of each role in the course that is not paused.
IN_ROLE = {
    Role.STUDENT: ("author",),
    Role.ASSISTANT: ("assistant", "promoted"),
    Role.INSTRUCTOR: ("instructor", "promoted-lead"),
    Role.OPERATOR: ("operator",),
}


def kinds_of_ids(name: str) -> tuple[str, ...]:
    """Whose ids make a difference to an operation."""
    operation = BY_NAME[name]
    fields = set(operation.body.model_fields)
    if not fields & {*ID_FIELDS, "assignment"}:
        return ("own",)
    if PERMISSIONS[operation.needs] == {Role.STUDENT} and fields & PEERS_FIELDS:
        return ("own", "peer", "elsewhere")
    return ("own", "elsewhere")


KINDS_OF_IDS = {name: kinds_of_ids(name) for name in BY_NAME}


def the_matrix(text: str | None = None) -> dict[Cell, str]:
    """What the file says, for the full product."""
    return expected(
        FILE.read_text(encoding="utf-8") if text is None else text,
        operations=KINDS_OF_IDS,
        actors=ACTORS,
        phases=PHASES,
    )


class Asking:
    """Asks a world; what it knows of ids is read once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[str, str, bool], Ids] = {}

    def answer(self, cell: Cell) -> str:
        """The answer of a cell, in the file's words."""
        return in_words(self.told(cell))

    def told(self, cell: Cell, *, made_up: bool = False) -> Problem | Exception | None:
        """How the cell is refused, None where it is not; `made_up` asks for ids of nothing."""
        kind = ACTORS[cell.actor]
        course = self.world.elsewhere if kind.paused else self.world.here
        ids = self._ids(cell, kind)
        if made_up:
            ids = _nothing(ids, BY_NAME[cell.operation].body.model_fields)
        operation = BY_NAME[cell.operation]
        people = course.roster_now()
        fields = fields_of(cell.operation, ids, cell.phase, people)
        request = operation.body.model_validate(fields)
        try:
            course.app.rehearse(operation, request, caller=kind.caller)
        except Exception as refused:
            return refused
        return None

    def names(self, cell: Cell) -> set[str]:
        """All that a cell, or the same cell with ids of nothing, asks for."""
        ids = self._ids(cell, ACTORS[cell.actor])
        asked = set(asdict(ids).values()) - {ids.assignment, ids.notebook}
        return {*asked, MADE_UP, "solo", "no-such-thing"}

    def _ids(self, cell: Cell, kind: ActorKind) -> Ids:
        own = self._of(kind.like, kind.assignment, elsewhere=kind.paused)
        if cell.ids == "own":
            return own
        fields = set(BY_NAME[cell.operation].body.model_fields)
        if cell.ids == "peer":
            return self._of("peer", kind.assignment, elsewhere=kind.paused)
        if not fields & ID_FIELDS:
            return replace(own, assignment="solo")
        return self._of(kind.like, kind.assignment, elsewhere=not kind.paused)

    def _of(self, who: str, assignment: str, *, elsewhere: bool) -> Ids:
        key = (who, assignment, elsewhere)
        if key not in self._known:
            course: PlayedCourse = self.world.elsewhere if elsewhere else self.world.here
            self._known[key] = course.ids_of(who, assignment)
        return self._known[key]


def in_words(told: Exception | None) -> str:
    """An answer in the file's words; whatever is no `Problem` is broken."""
    if told is None:
        return "yes"
    if not isinstance(told, Problem):
        return f"broken:{type(told).__name__}: {told}"
    return "hidden" if told.details() == UNIFORM else f"refused:{told.code}"


def without_names(told: Exception | None, names: set[str]) -> Any:
    """A refusal with whatever was asked for left out, to compare it with another."""
    if not isinstance(told, Problem):
        return told
    text = json.dumps(told.details(), sort_keys=True)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "...")
    return text


def _nothing(ids: Ids, fields: Mapping[str, Any]) -> Ids:
    if not set(fields) & ID_FIELDS:
        return replace(ids, assignment="no-such-thing")
    return Ids(assignment=ids.assignment, notebook=ids.notebook, username=MADE_UP)


class Worlds:
    """The worlds of one kind of database, by phase."""

    def __init__(self, folder: Path, url: Callable[[str], str]) -> None:
        self._folder = folder
        self._url = url
        self._played: dict[str, Asking] = {}

    def __getitem__(self, phase: str) -> Asking:
        if phase not in self._played:
            world = World.new(self._folder / phase, self._url(phase), phase)
            self._played[phase] = Asking(world)
        return self._played[phase]

    def close(self) -> None:
        for asking in self._played.values():
            asking.world.close()
