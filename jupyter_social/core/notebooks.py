"""Notebooks as they arrive: read strictly, brought to one shape, written in one way.

Whatever a student hands in goes through `read_notebook` before anything else looks at it. It
accepts what Jupyter, nbgrader and their relatives really write (nbformat 4.0 to 4.5 and later
minors, byte order marks, missing or doubled cell ids, strings as lists of lines), brings all of it
to nbformat 4.5 with one string per text, cuts outputs that are too large, and notes what it did.
What cannot be used is refused with a sentence that says what to do. It does not use the `nbformat`
package, whose import costs seconds and whose validation costs more than everything here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Any

from jupyter_social.core import strict_json
from jupyter_social.core.bytescan import has_controls
from jupyter_social.core.errors import Invalid
from jupyter_social.core.notebook_outputs import (
    MAX_OUTPUT_BYTES,
    UnusableOutput,
    read_output,
    text_of,
)

MAX_FILE_BYTES = 256 * 2**20
MAX_NOTEBOOK_BYTES = 8 * 10**6
MAX_METADATA_BYTES = 64 * 2**10
MAX_CELLS = 2_000
# How much larger a notebook can be in canonical JSON, which puts every item on a line of its own:
# at most MAX_DEPTH blanks deep where it holds JSON values, and a few blanks otherwise.
_NESTED_GROWTH = 40
_FLAT_GROWTH = 5
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class InvalidNotebook(Invalid):
    """The bytes are not a notebook we can use; `detail` says why and what to do."""

    code = "invalid-notebook"
    title = "This notebook cannot be used"


@dataclass(frozen=True)
class Note:
    """Something that was repaired or cut while reading; `cell` counts from 0."""

    text: str
    cell: int | None = None

    def __str__(self) -> str:
        return self.text if self.cell is None else f"cell {self.cell + 1}: {self.text}"


@dataclass(frozen=True)
class Notebook:
    """A notebook in the shape of nbformat 4.5, with every text as one string."""

    content: dict[str, Any]
    notes: tuple[Note, ...] = ()


def read_notebook(data: bytes) -> Notebook:
    """Read the bytes of an `.ipynb` file (nbformat 4.x), cutting outputs above 1 MiB.

    Raises `InvalidNotebook` for everything that is not such a notebook, and for more than
    `MAX_CELLS` cells or `MAX_NOTEBOOK_BYTES` bytes after cutting.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidNotebook(
            f"The file has {_size(len(data))}; at most {_size(MAX_FILE_BYTES)} are read. "
            "Clear the outputs and save it again."
        )
    try:
        raw = strict_json.parse(data)
    except strict_json.NotStrictJson as error:
        raise InvalidNotebook(
            f"The file {error}. Open it in Jupyter, clear the outputs if it opens, "
            "and save it again."
        ) from None
    reading = _Reading(limit=len(data))
    content = reading.notebook(raw)
    bound = len(data) * _FLAT_GROWTH + reading.nested_bytes * _NESTED_GROWTH
    if bound > MAX_NOTEBOOK_BYTES:
        size = len(write_notebook(content))
        if size > MAX_NOTEBOOK_BYTES:
            raise InvalidNotebook(
                f"The notebook has {_size(size)} after cutting its outputs; at most "
                f"{_size(MAX_NOTEBOOK_BYTES)} are taken. Clear large outputs and save it again."
            )
    return Notebook(content=content, notes=tuple(reading.notes))


def write_notebook(content: dict[str, Any]) -> bytes:
    """Write a notebook canonically: equal contents give equal bytes.

    The text is what `json.dumps` gives with an indent of 1, sorted keys and no escapes, in a sixth
    of the time: strings are first written as if they had no control characters but line ends.
    """
    for quoted in (_simply_quoted, _quoted):
        parts: list[str] = []
        _write(content, "\n", parts.append, quoted)
        parts.append("\n")
        data = "".join(parts).encode("utf-8")
        if not has_controls(data):
            break
    return data


def _simply_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _write(value: Any, line: str, put: Callable[[str], None], quoted: Callable[[str], str]) -> None:
    if type(value) is str:
        put(quoted(value))
    elif isinstance(value, dict) and value:
        inner, before = f"{line} ", "{"
        for key in sorted(value):
            put(f"{before}{inner}{_quoted(key)}: ")
            _write(value[key], inner, put, quoted)
            before = ","
        put(f"{line}}}")
    elif isinstance(value, list) and value:
        inner, before = f"{line} ", "["
        for item in value:
            put(f"{before}{inner}")
            _write(item, inner, put, quoted)
            before = ","
        put(f"{line}]")
    elif value is None:
        put("null")
    elif type(value) is int:
        put(str(value))
    else:
        put(json.dumps(value, ensure_ascii=False, allow_nan=False))


class _Reading:
    """One reading of one notebook: collects the notes."""

    def __init__(self, *, limit: int) -> None:
        self.notes: list[Note] = []
        self.nested_bytes = 0
        # No part of a file is larger than the file: small files need no measuring.
        self._measure = limit > MAX_METADATA_BYTES
        self._ids: set[str] = set()

    def notebook(self, raw: Any) -> dict[str, Any]:
        minor = _check_version(raw)
        if minor > 5:
            self.notes.append(Note(f"nbformat 4.{minor} was read as 4.5"))
        cells = raw.get("cells")
        if not isinstance(cells, list):
            raise InvalidNotebook(
                'The file has no list of "cells", so it is not a notebook. '
                "Open it in Jupyter and save it again."
            )
        if len(cells) > MAX_CELLS:
            raise InvalidNotebook(
                f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are taken. Split it."
            )
        self._ids = {
            cell["id"] for cell in cells if isinstance(cell, dict) and _is_id(cell.get("id"))
        }
        metadata = raw.get("metadata", {})
        if not isinstance(metadata, dict):
            raise InvalidNotebook(
                'The notebook\'s "metadata" is not an object. Open it in Jupyter and save it again.'
            )
        read = self._cells(cells)
        return {
            "cells": read,
            "metadata": self._metadata(metadata, cell=None, shapes=_NOTEBOOK_METADATA),
            "nbformat": 4,
            "nbformat_minor": 5,
        }

    def _cells(self, cells: list[Any]) -> list[dict[str, Any]]:
        read = [self._cell(index, cell) for index, cell in enumerate(cells)]
        used: set[str] = set()
        added = 0
        for index, (cell, raw) in enumerate(zip(read, cells, strict=True)):
            old = raw.get("id")
            if _is_id(old) and old not in used:
                cell["id"] = old
            else:
                cell["id"] = self._free_id(index)
                if old is None:
                    added += 1
                elif _is_id(old):
                    self.notes.append(Note(f"the cell id {old!r} was used before", index))
                else:
                    self.notes.append(Note("the cell id was not valid and was replaced", index))
            used.add(cell["id"])
        if added:
            self.notes.append(Note(f"{added} cells without an id were given one"))
        return read

    def _free_id(self, index: int) -> str:
        """An id that follows from the place alone, so that reading twice gives the same."""
        candidate, suffix = f"cell-{index}", 0
        while candidate in self._ids:
            suffix += 1
            candidate = f"cell-{index}-{suffix}"
        self._ids.add(candidate)
        return candidate

    def _cell(self, index: int, raw: Any) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise _broken_cell(index, "is not an object")
        kind = raw.get("cell_type")
        if kind not in _CELL_KEYS:
            raise _broken_cell(index, f"has the unknown type {str(kind)[:40]!r}")
        metadata = raw.get("metadata", {})
        source = text_of(raw.get("source", ""))
        if not isinstance(metadata, dict):
            raise _broken_cell(index, 'has "metadata" that is not an object')
        if source is None:
            raise _broken_cell(index, 'has a "source" that is not text')
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": "",
            "metadata": self._metadata(metadata, cell=index, shapes=_CELL_METADATA),
            "source": source,
        }
        if kind == "code":
            cell["execution_count"] = _count(raw.get("execution_count"))
            cell["outputs"] = self._outputs(index, raw.get("outputs", []))
        elif "attachments" in raw:
            cell["attachments"] = self._attachments(index, raw["attachments"])
        unknown = sorted(raw.keys() - _CELL_KEYS[kind])
        if unknown:
            self.notes.append(Note(f"unknown fields were left out: {_listed(unknown)}", index))
        return cell

    def _outputs(self, index: int, raw: Any) -> list[dict[str, Any]]:
        if not isinstance(raw, list):
            raise _broken_cell(index, 'has "outputs" that are not a list')
        read = []
        for output in raw:
            try:
                clean, notes = read_output(output, measure=self._measure)
            except UnusableOutput as error:
                raise _broken_cell(index, f"has an output that {error}") from None
            read.append(clean)
            for value in clean.get("data", {}).values():
                if type(value) is not str:
                    self.nested_bytes += len(json.dumps(value))
            self.notes.extend(Note(text, index) for text in notes)
        return read

    def _attachments(self, index: int, raw: Any) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise _broken_cell(index, 'has "attachments" that are not an object')
        read: dict[str, Any] = {}
        for name, bundle in raw.items():
            values = {m: text_of(v) for m, v in bundle.items()} if type(bundle) is dict else {}
            if not values or None in values.values():
                raise _broken_cell(index, f"has an attachment that is not one ({name[:40]!r})")
            read[name] = values
        return read

    def _metadata(
        self, raw: dict[str, Any], *, cell: int | None, shapes: dict[str, Any]
    ) -> dict[str, Any]:
        """Keep metadata as it is, but for what nbformat forbids and what is huge."""
        read: dict[str, Any] = {}
        for key, value in raw.items():
            if key in shapes and not shapes[key](value):
                self.notes.append(Note(f"metadata {key!r} was not valid and was left out", cell))
            elif self._measure and (size := len(json.dumps(value))) > MAX_METADATA_BYTES:
                self.notes.append(
                    Note(f"metadata {key[:40]!r} of {_size(size)} was left out", cell)
                )
            else:
                read[key] = value
                if isinstance(value, dict | list):
                    self.nested_bytes += len(json.dumps(value))
        return read


def _check_version(raw: Any) -> int:
    """Return the minor version of an nbformat 4 notebook."""
    if not isinstance(raw, dict):
        raise InvalidNotebook("The file is JSON but not a notebook. Hand in an .ipynb file.")
    major, minor = raw.get("nbformat"), raw.get("nbformat_minor", 0)
    if type(major) is not int or type(minor) is not int or minor < 0:
        raise InvalidNotebook(
            'The file has no "nbformat" version, so it is not a notebook. '
            "Open it in Jupyter and save it again."
        )
    if major < 4:
        raise InvalidNotebook(
            f"The notebook has the old format {major}. Open it in Jupyter and save it again."
        )
    if major > 4:
        raise InvalidNotebook(
            f"The notebook has format {major}, which is newer than this program knows. "
            "Save it as format 4, or ask for an update of the program."
        )
    return minor


def _broken_cell(index: int, what: str) -> InvalidNotebook:
    return InvalidNotebook(
        f"Cell {index + 1} {what}. Open the notebook in Jupyter, repair or delete that cell, "
        "and save it again."
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _CELL_ID.fullmatch(value) is not None


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _listed(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _is_kernelspec(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(key), str) for key in ("name", "display_name")
    )


def _is_language(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("codemirror_mode", ""), str | dict)
        and all(
            isinstance(value.get(key, ""), str)
            for key in ("file_extension", "mimetype", "pygments_lexer")
        )
    )


def _is_tags(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(tag, str) and re.search("^[^,]+$", tag) for tag in value)
        and len(set(value)) == len(value)
    )


_CELL_KEYS = {
    "code": {"cell_type", "execution_count", "id", "metadata", "outputs", "source"},
    "markdown": {"attachments", "cell_type", "id", "metadata", "source"},
    "raw": {"attachments", "cell_type", "id", "metadata", "source"},
}
_NOTEBOOK_METADATA: dict[str, Any] = {
    "authors": lambda v: isinstance(v, list),
    "kernelspec": _is_kernelspec,
    "language_info": _is_language,
    "orig_nbformat": lambda v: type(v) is int and v >= 1,
    "title": lambda v: isinstance(v, str),
}
_CELL_METADATA: dict[str, Any] = {
    "collapsed": lambda v: isinstance(v, bool),
    "execution": lambda v: isinstance(v, dict) and all(isinstance(x, str) for x in v.values()),
    "format": lambda v: isinstance(v, str),
    "jupyter": lambda v: isinstance(v, dict),
    "name": lambda v: isinstance(v, str) and re.search("^.+$", v) is not None,
    "scrolled": lambda v: isinstance(v, bool) or v == "auto",
    "tags": _is_tags,
}

__all__ = [
    "MAX_CELLS",
    "MAX_FILE_BYTES",
    "MAX_NOTEBOOK_BYTES",
    "MAX_OUTPUT_BYTES",
    "InvalidNotebook",
    "Note",
    "Notebook",
    "read_notebook",
    "write_notebook",
]
