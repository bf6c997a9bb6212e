"""Outputs of a code cell, each in the richest form that can be shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from jupyter_social.core.pages.bounds import MAX_OUTPUT, Bounds
from jupyter_social.core.pages.markup import clean_html
from jupyter_social.core.pages.pictures import RASTER, SVG, data_uri, image
from jupyter_social.core.pages.printed import printed
from jupyter_social.core.pages.prose import latex, prose

# The order in which JupyterLab chooses, but JSON, which is shown there only if asked for.
_ORDER = (
    "text/html",
    "text/markdown",
    "text/latex",
    SVG,
    *RASTER,
    "application/json",
    "text/plain",
)
_LONG_LINE = 72
_MAX_ALT = 200


def outputs(found: list[dict[str, Any]], bounds: Bounds, *, cell: int) -> Iterator[str]:
    """Give the outputs of a cell as HTML."""
    for output in found:
        kind = output["output_type"]
        if kind == "stream":
            style = "printed warning" if output["name"] == "stderr" else "printed"
            yield _printed(output["text"], style, cell)
        elif kind == "error":
            yield _printed(_traceback(output), "printed error", cell)
        else:
            yield _richest(output, bounds, cell)


def block(text: str, shown: str, style: str, label: str) -> str:
    """Return preformatted text; what may be wider than the page can be reached by keyboard."""
    wide = any(len(line) > _LONG_LINE for line in text.split("\n"))
    reach = f' tabindex="0" role="group" aria-label="{escape(label)}"' if wide else ""
    return f'<pre class="{style}"{reach}>{shown}</pre>'


def note(text: str) -> str:
    """Return a sentence of ours."""
    return f'<p class="note">{escape(text)}</p>'


def _printed(text: str, style: str, cell: int) -> str:
    kept, rest = _cut(text)
    return block(kept, printed(kept), style, f"Output of cell {cell}") + rest if text else ""


def _cut(text: str) -> tuple[str, str]:
    if len(text) <= MAX_OUTPUT:
        return text, ""
    return text[:MAX_OUTPUT], note(
        f"This output goes on for {(len(text) - MAX_OUTPUT) / 1e6:.1f} million characters more, "
        "which are not shown."
    )


def _traceback(output: dict[str, Any]) -> str:
    lines = output["traceback"]
    return "\n".join(lines) if lines else f"{output['ename']}: {output['evalue']}"


def _richest(output: dict[str, Any], bounds: Bounds, cell: int) -> str:
    data = output["data"]
    for mimetype in _ORDER:
        if mimetype in data:
            shown = _shown(mimetype, output, bounds, cell)
            if shown:
                return shown
    if not data or data.keys() <= {"text/plain"}:
        return ""
    kinds = ", ".join(sorted(data))[:_MAX_ALT]
    return note(f"An output that cannot be shown here was left out ({kinds}).")


def _shown(mimetype: str, output: dict[str, Any], bounds: Bounds, cell: int) -> str | None:
    value = output["data"][mimetype]
    if mimetype == "application/json":
        text = json.dumps(value, indent=2, ensure_ascii=False)
        kept, rest = _cut(text)
        return block(kept, escape(kept), "printed", f"Output of cell {cell}") + rest
    if not isinstance(value, str) or not value.strip():
        return None
    if mimetype == "text/plain":
        return _printed(value, "printed", cell)
    if len(value) > MAX_OUTPUT:
        return None
    if mimetype in RASTER or mimetype == SVG:
        uri = data_uri(mimetype, value)
        sizes = output["metadata"].get(mimetype)
        return image(uri, _alt(output["data"], cell), sizes) if uri else None
    if mimetype == "text/html":
        return _html(value, bounds, cell)
    return prose(value, bounds) if mimetype == "text/markdown" else latex(value, bounds)


def _html(value: str, bounds: Bounds, cell: int) -> str | None:
    clean = clean_html(value, bounds)
    if clean is None:
        return None
    reach = f' tabindex="0" role="group" aria-label="Output of cell {cell}"'
    return f'<div class="scroll html"{reach if "<table" in clean else ""}>{clean}</div>'


def _alt(data: dict[str, Any], cell: int) -> str:
    """The plain text that goes with a picture, unless it only names an object of the program."""
    plain = data.get("text/plain")
    if isinstance(plain, str) and plain.strip() and not plain.lstrip().startswith("<"):
        return " ".join(plain[:_MAX_ALT].split())
    return f"Picture in the output of cell {cell}"
