"""A review on disk: the work's notebooks and the form to fill in, side by side in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_social.authoring.findings import InvalidFiles
from jupyter_social.authoring.review_file import (
    FILE_NAME,
    Form,
    Question,
    ReviewToml,
    form_text,
    read_review,
    with_version,
)
from jupyter_social.cli.files import write_file, write_files
from jupyter_social.cli.output import points
from jupyter_social.core.errors import Conflict

if TYPE_CHECKING:
    from jupyter_social.reviews.desk.views import CriterionView, ReviewBody

READ_ONLY = "Read these notebooks, do not run them: the code in them is somebody else's."


def write_form(
    folder: Path,
    kind: str,
    name: str,
    *,
    version: int,
    rubric: Sequence[CriterionView],
    notebooks: Mapping[str, str],
    body: ReviewBody,
) -> list[str]:
    """Write a work and its form into a folder; what was filled in there stays as it is."""
    form = folder / FILE_NAME
    _refuse_another(form, kind, name)
    written = write_files(folder, {name: text.encode() for name, text in notebooks.items()})
    if not form.exists():
        text = form_text(_form(kind, name, version, rubric, notebooks, body))
        write_file(form, text.encode())
        written.append(str(form))
    return written


def body_of(file: ReviewToml) -> ReviewBody:
    """Return what a filled-in form says, as it is sent."""
    from jupyter_social.reviews.desk.views import CommentView, ReviewBody

    return ReviewBody(
        scores={
            key: float(answer.points)
            for key, answer in file.criteria.items()
            if answer.points is not None
        },
        remarks={key: answer.remark for key, answer in file.criteria.items() if answer.remark},
        comments=[
            CommentView(notebook=c.notebook, cell=c.cell, text=c.text) for c in file.comments
        ],
        overall=file.overall,
    )


def note_version(file: Path, version: int) -> None:
    """Let the form say at which version its text now stands."""
    text = file.read_bytes().decode("utf-8-sig")
    changed = with_version(text, version)
    if changed != text:
        write_file(file, changed.encode())


def rubric_rows(rubric: Sequence[CriterionView]) -> Iterator[tuple[str, ...]]:
    """Yield the rubric as a table: key, title, what it is about, levels."""
    for criterion in rubric:
        levels = "; ".join(f"{points(level.points)} {level.title}" for level in criterion.levels)
        about = criterion.grade_id or criterion.notebook or "the whole"
        yield criterion.key, criterion.title, about, levels


def told(body: ReviewBody, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield what a review says, line by line, in the order of the rubric."""
    keys = [*titles, *sorted({*body.scores, *body.remarks} - titles.keys())]
    for key in keys:
        if key in body.scores or key in body.remarks:
            given = f"{points(body.scores[key])} points" if key in body.scores else "no points"
            remark = f": {body.remarks[key]}" if key in body.remarks else ""
            yield f"  {titles.get(key, key)}, {given}{remark}"
    for comment in body.comments:
        yield f"  {comment.notebook}, cell {comment.cell}: {comment.text}"
    if body.overall:
        yield f"  {body.overall}"


def _refuse_another(form: Path, kind: str, name: str) -> None:
    """Refuse a folder that holds another review: notebooks have the same names in each."""
    if not form.exists():
        return
    try:
        there = read_review(form)
    except InvalidFiles:
        there = None
    if there is None or getattr(there, kind) != name:
        raise Conflict(f"{form} is of another review, or broken. Choose another folder.")


def _form(
    kind: str,
    name: str,
    version: int,
    rubric: Sequence[CriterionView],
    notebooks: Mapping[str, str],
    body: ReviewBody,
) -> Form:
    return Form(
        kind=kind,
        id=name,
        version=version,
        questions=tuple(
            Question(
                key=criterion.key,
                title=criterion.title,
                description=criterion.description,
                levels=tuple((level.points, level.title) for level in criterion.levels),
                points=body.scores.get(criterion.key),
                remark=body.remarks.get(criterion.key, ""),
            )
            for criterion in rubric
        ),
        cells=tuple(_cells(notebooks)),
        overall=body.overall,
        comments=tuple((c.notebook, c.cell, c.text) for c in body.comments),
    )


def _cells(notebooks: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, text in notebooks.items():
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        for cell in cells:
            source = cell.get("source", "")
            lines = source if isinstance(source, str) else "".join(source)
            yield name, str(cell.get("id", "")), lines.strip().partition("\n")[0]
