"""`review.toml`: a review as a file to fill in, and read back with the line of each mistake.

The form holds the rubric as comments beside the places to fill in, so that it can be written with
nothing else at hand. Points are left out by a `#` until their author decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from jupyter_social.authoring.findings import Finding, InvalidFiles
from jupyter_social.authoring.folder import parse
from jupyter_social.authoring.schemas import Closed, Line, Points, Prose, Slug
from jupyter_social.authoring.toml_file import read_toml

FILE_NAME = "review.toml"
SHOWN_OF_A_CELL = 60

_VERSION = re.compile(r"(?m)^[ \t]*version[ \t]*=.*$")
_TABLE = re.compile(r"(?m)^[ \t]*\[")


def _once(comments: list[CommentTable]) -> list[CommentTable]:
    places = [(comment.notebook, comment.cell, comment.text) for comment in comments]
    if len(set(places)) != len(places):
        raise ValueError("the same comment stands twice")
    return comments


class AnswerTable(Closed):
    """`[criteria.KEY]`: the points, and a remark on them."""

    points: Points | None = None
    remark: Prose = ""


class CommentTable(Closed):
    """`[[comments]]`: a comment on one cell."""

    notebook: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    cell: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class ReviewToml(Closed):
    """`review.toml` as a whole: of a `review` one was given, or as staff of a `work`."""

    review: Line | None = None
    work: Line | None = None
    version: Annotated[int, Field(strict=True, ge=0)] = 0
    overall: Annotated[str, StringConstraints(max_length=10_000)] = ""
    criteria: Annotated[dict[Slug, AnswerTable], Field(max_length=50, default_factory=dict)]
    comments: Annotated[
        list[CommentTable], Field(max_length=200, default_factory=list), AfterValidator(_once)
    ]


@dataclass(frozen=True)
class Question:
    """One criterion as the form asks it, with what was answered so far."""

    key: str
    title: str
    description: str
    levels: tuple[tuple[float, str], ...]
    points: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Form:
    """What a form is made of; `kind` is `review` or `work`, `cells` are (notebook, id, source)."""

    kind: str
    id: str
    version: int
    questions: tuple[Question, ...]
    cells: tuple[tuple[str, str, str], ...]
    overall: str = ""
    comments: tuple[tuple[str, str, str], ...] = ()


def read_review(path: Path) -> ReviewToml:
    """Return a filled-in review; raises `InvalidFiles` with the line of each mistake."""
    file = read_toml(path, path)
    found = parse(file, ReviewToml)
    if (found.review is None) == (found.work is None):
        message = 'Name what you review: review = "ID", or as staff work = "ID".'
        raise InvalidFiles([Finding(path, file.line(("work",)), message)])
    return found


def with_version(text: str, version: int) -> str:
    """Return the text of a review with the version it now stands at."""
    tables = _TABLE.search(text)
    end = tables.start() if tables else len(text)
    head, rest = text[:end], text[end:]
    line = f"version = {version}"
    if _VERSION.search(head):
        return _VERSION.sub(line, head, count=1) + rest
    return f"{line}\n{head}{rest}"


def form_text(form: Form) -> str:
    """Return a form as the text of a `review.toml`."""
    return "\n".join(_form_lines(form)) + "\n"


def _form_lines(form: Form) -> Iterator[str]:
    yield f"{form.kind} = {_quoted(form.id)}"
    yield f"version = {form.version}  # tells whether somebody has changed it meanwhile"
    yield ""
    yield "# What you would say to the author as a whole: first what is good, then a next step."
    yield f"overall = {_quoted(form.overall)}"
    for question in form.questions:
        yield from _question_lines(question)
    yield ""
    yield from _comment_lines(form)


def _question_lines(question: Question) -> Iterator[str]:
    yield ""
    yield f"# {_one_line(question.title)}"
    if question.description:
        yield f"# {_one_line(question.description)}"
    yield f"[criteria.{question.key}]"
    choices = ", ".join(
        f"{_number(points)} {_one_line(title)}" for points, title in question.levels
    )
    if question.points is None:
        yield f"# points =   # {choices}"
    else:
        yield f"points = {_number(question.points)}  # {choices}"
    yield f"remark = {_quoted(question.remark)}"


def _comment_lines(form: Form) -> Iterator[str]:
    yield "# To say something about one cell, take away the # and repeat the four lines:"
    yield "# [[comments]]"
    yield '# notebook = ""'
    yield '# cell = ""'
    yield '# text = ""'
    if form.cells:
        yield "# The cells:"
    for notebook, cell, source in form.cells:
        yield f"#   {_one_line(notebook)}  {cell}  {_one_line(source)[:SHOWN_OF_A_CELL]}".rstrip()
    for notebook, cell, text in form.comments:
        yield ""
        yield "[[comments]]"
        yield f"notebook = {_quoted(notebook)}"
        yield f"cell = {_quoted(cell)}"
        yield f"text = {_quoted(text)}"


def _quoted(text: str) -> str:
    """Write a text as a basic string of TOML, which is one of JSON but for the DEL character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(points: float) -> str:
    return f"{Decimal(str(points)).normalize():f}"


def _one_line(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
