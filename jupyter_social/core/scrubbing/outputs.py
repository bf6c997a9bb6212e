"""Outputs of one code cell.

Streams that were flushed in pieces are joined first, so that a name is whole again. What is printed
in one output and goes on in the next is looked at across the border. Counts of execution are
replaced by places in the notebook, in tracebacks too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jupyter_social.core.scrubbing.documents import RASTER, TEXT_TYPES, Documents
from jupyter_social.core.scrubbing.rules import Rule

_EDGE = 120
_BREAK = " \x0c "
_COUNT = re.compile(
    r"\[(?:(?<=In \[)(?<![\w\]]In \[)|(?<=In\[)(?<![\w\]]In\[)|(?<=Out\[)(?<![\w\]]Out\[))\d{1,6}\]"
)
_SIZES = ("height", "width")


def clean_outputs(
    outputs: list[dict[str, Any]], documents: Documents, *, cell: int, counts: dict[int, int]
) -> list[dict[str, Any]]:
    """Return the outputs scrubbed; `counts` maps old counts of execution to new ones.

    Streams come joined.
    """
    documents.report.at(cell, "output")
    cleaned = [_clean(output, documents, counts) for output in outputs]
    if Rule.SPLIT_OUTPUTS in documents.rules and len(cleaned) > 1:
        _clean_borders(cleaned, documents)
    return cleaned


def joined_streams(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join streams of one name that follow each other, as Jupyter shows them."""
    joined: list[dict[str, Any]] = []
    pieces: list[str] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last
            and output["output_type"] == last["output_type"] == "stream"
            and output["name"] == last["name"]
        ):
            pieces.append(output["text"])
            continue
        _finish(last, pieces)
        joined.append(dict(output))
        pieces = [output["text"]] if output["output_type"] == "stream" else []
    _finish(joined[-1] if joined else None, pieces)
    return joined


def texts_of(outputs: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The texts that are cleaned as they are, each with its media type."""
    for output in outputs:
        if output["output_type"] == "stream":
            yield "text/plain", output["text"]
        for mimetype, value in output.get("data", {}).items():
            if mimetype in TEXT_TYPES and isinstance(value, str):
                yield mimetype, value


def _finish(stream: dict[str, Any] | None, pieces: list[str]) -> None:
    if stream is not None and len(pieces) > 1:
        stream["text"] = "".join(pieces)


def _clean(output: dict[str, Any], documents: Documents, counts: dict[int, int]) -> dict[str, Any]:
    kind = output["output_type"]
    if kind == "stream":
        name = output["name"] if output["name"] == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": documents.plain(output["text"])}
    if kind == "error":
        return _error(output, documents, counts)
    cleaned = {
        "output_type": kind,
        "data": documents.bundle(output["data"]),
        "metadata": _metadata(output["metadata"], documents),
    }
    if kind == "execute_result":
        old = output.get("execution_count")
        cleaned["execution_count"] = counts.get(old, old) if old is not None else None
    return cleaned


def _error(output: dict[str, Any], documents: Documents, counts: dict[int, int]) -> dict[str, Any]:
    """The traceback is one text of lines, so that a name broken over two lines is found."""
    traceback = "\x1e".join(output["traceback"])
    if Rule.EXECUTION_COUNTS in documents.rules:
        traceback = _COUNT.sub(lambda m: f"[{counts.get(int(m.group()[1:-1]), '*')}]", traceback)
    return {
        "output_type": "error",
        "ename": documents.texts.clean(output["ename"]),
        "evalue": documents.plain(output["evalue"]),
        "traceback": documents.plain(traceback).split("\x1e") if traceback else [],
    }


def _metadata(metadata: dict[str, Any], documents: Documents) -> dict[str, Any]:
    """Keep the sizes that pictures are shown in."""
    if Rule.OUTPUT_METADATA not in documents.rules:
        return metadata
    kept: dict[str, Any] = {}
    for mimetype, values in metadata.items():
        sizes = {
            key: values[key]
            for key in _SIZES
            if isinstance(values, dict) and type(values.get(key)) in (int, float)
        }
        if sizes and (mimetype in RASTER or mimetype == "image/svg+xml"):
            kept[mimetype] = sizes
        if kept.get(mimetype) != values:
            documents.report.removed(Rule.OUTPUT_METADATA, mimetype)
    return kept


def _clean_borders(outputs: list[dict[str, Any]], documents: Documents) -> None:
    """Remove names that begin in one output and end in another."""
    _clean_border_of([o for o in outputs if _slot(o)], documents)
    for name in ("stdout", "stderr"):
        streams = [o for o in outputs if o.get("name") == name]
        if len(streams) > 1:
            _clean_border_of(streams, documents)


def _clean_border_of(outputs: list[dict[str, Any]], documents: Documents) -> None:
    if len(outputs) < 2:
        return
    joined, borders = _edges(outputs)
    view, spans = documents.texts.find(joined)
    crossing = [
        (*view.origin(span.start, span.end), span)
        for span in spans
        if span.sure and span.rule not in (Rule.PATHS, Rule.ENCODED_TEXT)
    ]
    for start, end, span in reversed(crossing):
        touched = [b for b in borders if b.start < end and start < b.end]
        if len(touched) < 2:
            continue
        documents.report.removed(span.rule, span.what)
        for place, border in enumerate(touched):
            holder, key = _slot(border.output) or ({}, "")
            old = holder[key]
            left = max(start, border.start) - border.start + border.offset
            right = min(end, border.end) - border.start + border.offset
            new = span.replacement if place == 0 else ""
            holder[key] = old[:left] + new + old[right:]


class _Edge:
    """A piece of an output's text in the joined text; `offset` is where it is in the output."""

    def __init__(self, output: dict[str, Any], start: int, end: int, offset: int) -> None:
        self.output, self.start, self.end, self.offset = output, start, end, offset


def _edges(outputs: list[dict[str, Any]]) -> tuple[str, list[_Edge]]:
    """Join beginnings and ends of the texts, with a break where the middle is left out."""
    parts: list[str] = []
    edges: list[_Edge] = []
    at = 0
    for output in outputs:
        for piece, offset, whole in _pieces(output):
            if not whole:
                parts.append(_BREAK)
                at += len(_BREAK)
            parts.append(piece)
            edges.append(_Edge(output, at, at + len(piece), offset))
            at += len(piece)
    return "".join(parts), edges


def _pieces(output: dict[str, Any]) -> Iterator[tuple[str, int, bool]]:
    holder, key = _slot(output) or ({"": ""}, "")
    text = holder[key]
    if len(text) <= 2 * _EDGE:
        yield text, 0, True
    else:
        yield text[:_EDGE], 0, True
        yield text[-_EDGE:], len(text) - _EDGE, False


def _slot(output: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """Where an output has its plain text."""
    if output["output_type"] == "stream":
        return output, "text"
    if isinstance(output.get("data", {}).get("text/plain"), str):
        return output["data"], "text/plain"
    return None
