"""Reads `expected.csv` and expands it to the full product; it refuses what is not exact."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("expected.csv")
LEADS = ("operator", "instructor", "promoted-lead")
AUTHORS = ("author", "for-author", "mate")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "leads": LEADS,
    "staff": (*LEADS, "assistant", "promoted"),
    "authors": AUTHORS,
    "students": (*AUTHORS, "previewed", "never"),
}
ANSWER = re.compile(r"yes|hidden|refused:[a-z]+(-[a-z]+)*")


class Cell(NamedTuple):
    """One question: which operation, with whose ids, asked by whom, in which phase."""

    operation: str
    ids: str
    actor: str
    phase: str


class BadFileError(Exception):
    """The file does not say exactly one answer for each cell."""


def expected(
    text: str,
    *,
    operations: Mapping[str, Collection[str]],
    actors: Collection[str],
    phases: Collection[str],
) -> dict[Cell, str]:
    """The answer of each cell; `operations` say which ids make a difference to them.

    Raises `BadFileError` for cells that are missing, told twice or not in the product.
    """
    head, *rows = _rows(text)
    if head != ["operation", "ids", "actors", *phases]:
        raise BadFileError(f"The columns are not the phases: {head}")
    product = {
        Cell(name, ids, actor, phase)
        for name, kinds in operations.items()
        for ids in kinds
        for actor in actors
        for phase in phases
    }
    told: dict[Cell, str] = {}
    rest: dict[Cell, str] = {}
    for row in rows:
        for cell, answer in _expanded(row, operations, actors, phases):
            _tell(rest if row[2] == "*" else told, cell, answer, ids=row[1])
    answers = {cell: rest[cell] for cell in rest} | told
    _refuse_difference("not in the product", answers.keys() - product)
    _refuse_difference("missing", product - answers.keys())
    return answers


def _rows(text: str) -> list[list[str]]:
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [[field.strip() for field in row] for row in csv.reader(lines)]


def _expanded(
    row: list[str],
    operations: Mapping[str, Collection[str]],
    actors: Collection[str],
    phases: Collection[str],
) -> Iterable[tuple[Cell, str]]:
    operation, ids, who, *answers = row
    if len(answers) == 1:
        answers = answers * len(phases)
    if len(answers) != len(phases):
        raise BadFileError(f"One answer, or one for each phase: {row}")
    for name in operations if operation == "*" else [operation]:
        for kind in operations.get(name, ()) if ids == "*" else [ids]:
            for actor in actors if who == "*" else _people(who):
                for phase, answer in zip(phases, answers, strict=True):
                    yield Cell(name, kind, actor, phase), answer


def _people(who: str) -> Iterable[str]:
    for name in who.split():
        yield from GROUPS.get(name, (name,))


def _tell(answers: dict[Cell, str], cell: Cell, answer: str, *, ids: str) -> None:
    if not ANSWER.fullmatch(answer):
        raise BadFileError(f"No answer: {answer!r} of {cell}")
    if cell in answers:
        raise BadFileError(f"Told twice (ids {ids}): {cell}")
    answers[cell] = answer


def _refuse_difference(what: str, cells: Collection[Cell]) -> None:
    if cells:
        shown = ", ".join(str(tuple(cell)) for cell in sorted(cells)[:5])
        raise BadFileError(f"{len(cells)} cells are {what}: {shown}")
