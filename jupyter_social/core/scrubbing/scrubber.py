"""The notebook without its author: cells one by one, and the report."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jupyter_social.core.ids import RandomSource
from jupyter_social.core.notebooks import Notebook, write_notebook
from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing.code import comments, same_code
from jupyter_social.core.scrubbing.documents import Documents
from jupyter_social.core.scrubbing.metadata import cell_metadata, language_of, notebook_metadata
from jupyter_social.core.scrubbing.outputs import clean_outputs, joined_streams, texts_of
from jupyter_social.core.scrubbing.report import Finding, Report
from jupyter_social.core.scrubbing.roster import Roster
from jupyter_social.core.scrubbing.rules import ALL_RULES, Rule
from jupyter_social.core.scrubbing.spans import Span

_ID_BYTES = 9


@dataclass(frozen=True)
class Scrubbed:
    """A scrubbed notebook and its report.

    `cell_ids` maps each new cell id to the old one: it links the copy to the author, so it stays
    on the server.
    """

    content: dict[str, Any]
    cell_ids: Mapping[str, str]
    removed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]

    @cached_property
    def data(self) -> bytes:
        """The canonical bytes of the content: what peers get."""
        return write_notebook(self.content)


class Scrubber:
    """Scrubs the notebooks of one course; made once per roster, because it indexes all names."""

    def __init__(self, roster: Sequence[Identity], *, rules: frozenset[Rule] = ALL_RULES) -> None:
        self._roster = Roster(roster)
        self._rules = rules

    def scrub(
        self,
        notebook: Notebook | dict[str, Any],
        *,
        authors: Sequence[str] | None,
        random: RandomSource,
        grade_ids: frozenset[str] = frozenset(),
    ) -> Scrubbed:
        """Return the notebook without its authors, in a new object.

        `authors` are user names; None counts everybody of the roster as a possible author.
        `grade_ids` are those of the assignment's template. The notebook must come from
        `read_notebook`. Scrubbing the result again removes nothing.
        """
        content = notebook.content if isinstance(notebook, Notebook) else notebook
        numbers = self._roster.everybody() if authors is None else self._roster.numbers(authors)
        report = Report()
        documents = Documents(self._roster, numbers, self._rules, report)
        work = _Cells(documents, language_of(content), grade_ids)
        report.at(None, "metadata")
        metadata = notebook_metadata(
            content["metadata"], language=work.language, rules=self._rules, report=report
        )
        cells = work.clean(content["cells"])
        new_ids = self._new_ids(cells, random)
        if documents.pictures and Rule.PICTURES in self._rules:
            report.at(None, "output")
            report.remains(
                Rule.PICTURES, "pictures are not read: look at them", count=documents.pictures
            )
        removed, remaining = report.findings()
        return Scrubbed(
            content={"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5},
            cell_ids=new_ids,
            removed=removed,
            remaining=remaining,
        )

    def _new_ids(self, cells: list[dict[str, Any]], random: RandomSource) -> dict[str, str]:
        """Draw an id for each cell, and return new -> old."""
        ids: dict[str, str] = {}
        for cell in cells:
            new = old = cell["id"]
            while Rule.CELL_IDS in self._rules and (new == old or new in ids):
                drawn = base64.urlsafe_b64encode(random.token_bytes(_ID_BYTES))
                new = drawn.decode("ascii")
            ids[new] = old
            cell["id"] = new
        return ids


class _Cells:
    """One pass over the cells of one notebook."""

    def __init__(self, documents: Documents, language: str, grade_ids: frozenset[str]) -> None:
        self.language = language
        self._documents = documents
        self._report = documents.report
        self._rules = documents.rules
        self._grade_ids = grade_ids

    def clean(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if Rule.SPLIT_OUTPUTS in self._rules:
            cells = [
                {**cell, "outputs": joined_streams(cell["outputs"])} if "outputs" in cell else cell
                for cell in cells
            ]
        self._documents.prepare(self._texts(cells))
        counts = self._counts(cells)
        return [self._cell(index, cell, counts) for index, cell in enumerate(cells)]

    def _texts(self, cells: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for cell in cells:
            if cell["cell_type"] == "code":
                yield "text/plain", cell["source"]
                yield from texts_of(cell["outputs"])
            else:
                yield "text/markdown", cell["source"]

    def _counts(self, cells: list[dict[str, Any]]) -> list[dict[int, int]]:
        """For each cell the new counts of execution by the old, its own first."""
        executed = [
            (index, cell["execution_count"])
            for index, cell in enumerate(cells)
            if cell["cell_type"] == "code" and cell["execution_count"] is not None
        ]
        if Rule.EXECUTION_COUNTS not in self._rules:
            return [{old: old for _, old in executed} for _ in cells]
        shared: dict[int, int] = {}
        own: dict[int, dict[int, int]] = {}
        for new, (index, old) in enumerate(executed, start=1):
            shared.setdefault(old, new)
            own[index] = {old: new}
        return [{**shared, **own.get(index, {})} for index in range(len(cells))]

    def _cell(
        self, index: int, cell: dict[str, Any], counts: list[dict[int, int]]
    ) -> dict[str, Any]:
        self._report.at(index, "metadata")
        kind, source = cell["cell_type"], cell["source"]
        cleaned: dict[str, Any] = {
            "cell_type": kind,
            "id": cell["id"],
            "metadata": cell_metadata(
                cell["metadata"],
                grade_ids=self._grade_ids,
                rules=self._rules,
                report=self._report,
            ),
        }
        if kind == "code":
            old = cell["execution_count"]
            new = None if old is None else counts[index][old]
            if new != old:
                self._report.removed(Rule.EXECUTION_COUNTS, "a count of execution")
            self._report.at(index, "source")
            cleaned["source"] = self._code(source)
            cleaned["execution_count"] = new
            cleaned["outputs"] = clean_outputs(
                cell["outputs"], self._documents, cell=index, counts=counts[index]
            )
            return cleaned
        names = self._attachments(index, cell, cleaned)
        self._report.at(index, "source")
        for old_name, new_name in names.items():
            for written in {old_name, quote(old_name)}:
                source = source.replace(f"attachment:{written}", f"attachment:{new_name}")
        cleaned["source"] = self._documents.markdown(source)
        return cleaned

    def _attachments(
        self, index: int, cell: dict[str, Any], cleaned: dict[str, Any]
    ) -> dict[str, str]:
        """Scrub attachments, name them by number, and return old -> new names."""
        names: dict[str, str] = {}
        if "attachments" not in cell:
            return names
        self._report.at(index, "attachment")
        cleaned["attachments"] = {}
        for number, (name, bundle) in enumerate(sorted(cell["attachments"].items()), start=1):
            new = name
            if Rule.ATTACHMENT_NAMES in self._rules:
                new = f"attachment-{number:03}"
                if new != name:
                    self._report.removed(Rule.ATTACHMENT_NAMES, name)
                    names[name] = new
            cleaned["attachments"][new] = self._documents.bundle(bundle)
        return names

    def _code(self, source: str) -> str:
        """Clean the comments one by one, and report what the code itself tells."""
        texts = self._documents.texts
        view, spans = texts.find(source, code=True)
        if not spans:
            return source
        places = sorted(view.origin(span.start, span.end) for span in spans)
        changed = self._comments(source, places)
        if changed != source:
            if not same_code(source, changed, language=self.language):
                changed = source
            source = changed
        ranges = comments(source, language=self.language)
        view, spans = texts.find(source, code=True)
        self._report_code([s for s in spans if not _within(view.origin(s.start, s.end), ranges)])
        return source

    def _comments(self, source: str, places: Sequence[tuple[int, int]]) -> str:
        """Clean the comments in which something was found; both come in order of the source."""
        parts: list[str] = []
        at = next_place = 0
        for start, end in comments(source, language=self.language):
            while next_place < len(places) and places[next_place][1] <= start:
                next_place += 1
            if next_place < len(places) and places[next_place][0] < end:
                parts.append(source[at:start])
                parts.append(self._documents.texts.clean(source[start:end], prose=True))
                at = end
        parts.append(source[at:])
        return "".join(parts)

    def _report_code(self, spans: list[Span]) -> None:
        for span in spans:
            if not span.sure:
                self._report.remains(span.rule, span.what)
            elif Rule.NAMES_IN_CODE in self._rules:
                self._report.remains(Rule.NAMES_IN_CODE, span.what)


def _within(span: tuple[int, int], ranges: Sequence[tuple[int, int]]) -> bool:
    """Tell whether one of the ranges, which come in order and apart, holds the span."""
    before = bisect_right(ranges, span[0], key=lambda found: found[0])
    return before > 0 and span[1] <= ranges[before - 1][1]
