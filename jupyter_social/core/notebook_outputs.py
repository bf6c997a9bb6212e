"""One output of a code cell: its shape checked, its size bounded.

An output may be 50 MB of prints or a picture of a whole map. A reader gets the first MiB of a text
and a line that says what was cut; an entry that is too large and is no text (a picture, a table as
HTML) is replaced by such a line, because half of it would be broken.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_OUTPUT_BYTES = 2**20
_NOTE_BYTES = 200
_MIME_JSON = re.compile(r"application/(?:.*\+)?json")


class UnusableOutput(ValueError):
    """The output has no known shape; the message completes a sentence ("an output that …")."""


def text_of(value: Any) -> str | None:
    """Join a multi-line string of nbformat (a string or a list of strings), None if neither."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        try:
            return "".join(value)
        except TypeError:
            return None
    return None


def is_json(mimetype: str) -> bool:
    """Whether nbformat allows any JSON value under this media type."""
    return _MIME_JSON.fullmatch(mimetype) is not None


def read_output(raw: Any, *, measure: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the output in nbformat 4.5 shape and notes on what was cut.

    `measure` may be false where the whole file is too small to hold anything large.
    Raises `UnusableOutput`.
    """
    if not isinstance(raw, dict):
        raise UnusableOutput("is not an object")
    kind = raw.get("output_type")
    if kind == "stream":
        return _stream(raw)
    if kind == "error":
        return _error(raw)
    if kind in ("display_data", "execute_result"):
        return _bundle(raw, kind, measure=measure)
    raise UnusableOutput(f"has the unknown type {str(kind)[:40]!r}")


def _stream(raw: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    name, text = raw.get("name", "stdout"), text_of(raw.get("text", ""))
    if not isinstance(name, str) or text is None:
        raise UnusableOutput("is a stream without text")
    kept, notes = _cut(text, MAX_OUTPUT_BYTES)
    return {"output_type": "stream", "name": name, "text": kept}, notes


def _error(raw: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    ename, evalue, lines = raw.get("ename", ""), raw.get("evalue", ""), raw.get("traceback", [])
    if isinstance(lines, str):
        lines = [lines]
    if not isinstance(ename, str) or not isinstance(evalue, str) or text_of(lines) is None:
        raise UnusableOutput("is an error without its message and traceback")
    ename, _ = _cut(ename, MAX_OUTPUT_BYTES // 8)
    evalue, notes = _cut(evalue, MAX_OUTPUT_BYTES // 4)
    if _bytes("".join(lines)) > MAX_OUTPUT_BYTES // 2:
        whole, notes = _cut("\n".join(lines), MAX_OUTPUT_BYTES // 2)
        lines = [whole]
    return (
        {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": list(lines)},
        notes,
    )


def _bundle(raw: dict[str, Any], kind: str, *, measure: bool) -> tuple[dict[str, Any], list[str]]:
    data, metadata = raw.get("data", {}), raw.get("metadata", {})
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        raise UnusableOutput("has data that is not an object")
    kept: dict[str, Any] = {}
    for mimetype, value in data.items():
        text = text_of(value)
        if text is None and not is_json(mimetype):
            raise UnusableOutput(f"has {mimetype[:60]!r} that is not text")
        kept[mimetype] = value if is_json(mimetype) else text
    notes: list[str] = []
    if measure:
        notes = _shrink(kept)
        if metadata and len(json.dumps(metadata)) > MAX_OUTPUT_BYTES // 16:
            metadata = {}
            notes.append("the metadata of an output was left out: it was too large")
    output: dict[str, Any] = {"output_type": kind, "data": kept, "metadata": metadata}
    if kind == "execute_result":
        count = raw.get("execution_count")
        output["execution_count"] = count if type(count) is int and count >= 0 else None
    return output, notes


def _shrink(data: dict[str, Any]) -> list[str]:
    """Cut the bundle in place until it fits: largest entries first, plain text shortened."""
    texts = all(isinstance(value, str) for value in data.values())
    if texts and 4 * sum(map(len, data.values())) <= MAX_OUTPUT_BYTES:
        return []
    sizes = {m: _bytes(v if isinstance(v, str) else json.dumps(v)) for m, v in data.items()}
    notes: list[str] = []
    for mimetype in sorted(data, key=lambda m: (-sizes[m], m)):
        if sum(sizes.values()) <= MAX_OUTPUT_BYTES:
            break
        if mimetype == "text/plain":
            rest = sum(sizes.values()) - sizes[mimetype]
            room = max(MAX_OUTPUT_BYTES // 2, MAX_OUTPUT_BYTES - rest)
            data[mimetype], cut = _cut(data[mimetype], room)
            sizes[mimetype] = min(sizes[mimetype], room)
            notes.extend(cut)
            continue
        line = f"output of {sizes[mimetype] / 1e6:.1f} MB ({mimetype[:60]}) was cut"
        notes.append(line)
        del data[mimetype]
        sizes[mimetype] = 0
        data.setdefault("text/plain", f"[{line}]")
    return notes


def _cut(text: str, limit: int) -> tuple[str, list[str]]:
    if len(text) * 4 <= limit or (size := _bytes(text)) <= limit:
        return text, []
    line = f"output of {size / 1e6:.1f} MB was cut"
    kept = text.encode("utf-8")[: limit - _NOTE_BYTES].decode("utf-8", errors="ignore")
    whole_lines = kept.rfind("\n", len(kept) // 2) + 1
    return f"{kept[:whole_lines] if whole_lines else kept}\n[{line}]\n", [line]


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8"))
