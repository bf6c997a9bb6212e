"""The page: a title, and a section for each cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from jupyter_social.core.pages.bounds import MAX_PAGE, Bounds
from jupyter_social.core.pages.code import highlighted
from jupyter_social.core.pages.outputs import block, note, outputs
from jupyter_social.core.pages.prose import prose
from jupyter_social.core.pages.style import STYLE
from jupyter_social.core.scrubbing.metadata import language_of

CONTENT_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROLS = bytes(set(range(32)) - {9, 10}) + b"\x7f"
_EMPTY = "This notebook has no cells yet. There is nothing to read here for now."


def notebook_page(content: dict[str, Any], *, title: str, language: str = "en") -> str:
    """Return the whole HTML page of a notebook, to be sent under `CONTENT_POLICY`.

    `content` is what `read_notebook` gave, scrubbed. Each cell has two anchors: `cell-N`, where N
    is its place from 1, and `c-ID` by its id. `language` is the one the notebook is written in.
    """
    lang = language if _LANGUAGE_TAG.fullmatch(language) else "en"
    name = escape(" ".join(title.split()) or "Notebook")
    page = "".join([_head(name, lang), *_cells(content), "</main>\n</body>\n</html>\n"])
    # Escape bytes and the like are in no text that people read, wherever they came from.
    return page.encode("utf-8", "replace").translate(None, _CONTROLS).decode("utf-8")


def _head(name: str, lang: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{name}</h1>\n"
    )


def _cells(content: dict[str, Any]) -> Iterator[str]:
    if not content["cells"]:
        yield note(_EMPTY)
    bounds = Bounds()
    language = language_of(content)
    size = 0
    used: set[str] = set()
    for number, cell in enumerate(content["cells"], start=1):
        if size > MAX_PAGE:
            inner = note("This cell is not shown, because the page is too long.")
        elif cell["cell_type"] == "code":
            inner = _code(cell, number, language, bounds)
        elif cell["cell_type"] == "markdown":
            inner = _markdown(cell, bounds)
        else:
            inner = block(cell["source"], escape(cell["source"]), "printed", f"Cell {number}")
        size += len(inner)
        yield (
            f'<section id="cell-{number}" class="cell">\n<div{_anchor(cell, used)}>\n'
            f"{inner}\n</div>\n</section>\n"
        )


def _anchor(cell: dict[str, Any], used: set[str]) -> str:
    name = cell.get("id")
    if not isinstance(name, str) or name in used or not _CELL_ID.fullmatch(name):
        return ""
    used.add(name)
    return f' id="c-{name}"'


def _markdown(cell: dict[str, Any], bounds: Bounds) -> str:
    attachments = cell.get("attachments")
    return prose(cell["source"], bounds, attachments if isinstance(attachments, dict) else None)


def _code(cell: dict[str, Any], number: int, language: str, bounds: Bounds) -> str:
    source = cell["source"]
    count = cell.get("execution_count")
    prompt = f"[{count}]" if type(count) is int and count < 10**9 else "[ ]"
    parts = [f'<p class="prompt">{prompt}</p>']
    if source.strip():
        shown = f"<code>{highlighted(source, language, bounds)}</code>"
        parts.append(block(source, shown, "code", f"Code of cell {number}"))
    found = "\n".join(outputs(cell["outputs"], bounds, cell=number))
    if found:
        parts.append(f'<div class="outputs">\n{found}\n</div>')
    return "\n".join(parts)
