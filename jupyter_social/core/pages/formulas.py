r"""LaTeX formulas as MathML.

The converter's own writing is not used: it undoes the escapes of what it was given. Its tree is
written here instead, with elements and attributes by allow-list, so that `\href`, `\style` and
`\class` do nothing. What it cannot convert is shown as it was written.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from jupyter_social.core.pages.bounds import Bounds, Work

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_FORMULA = 4_000
_MAX_DEPTH = 40
_ELEMENTS = frozenset(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow "  # noqa: SIM905
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence "  # noqa: SIM905
    "form height largeop linebreak linethickness lspace mathvariant maxsize minsize movablelimits "
    "notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset "
    "width".split()
)
# Words and short lengths: a formula stays in its place.
_VALUE = re.compile(r"(?:[a-z-]{1,30}|[+-]?\d{0,2}(?:\.\d{1,6})?(?:em|ex|mu|pt|px|%)?| ){1,9}")
_REFERENCE = re.compile(r"&#x[0-9A-Fa-f]{1,6};")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]{1,20}\*?)\}(?:\[[tcb]\])?")
_LABEL = re.compile(r"\\label\s*\{[^{}]{0,200}\}")
# A definition may say more than it seems to: ten of them can stand for a million characters.
_DEFINITION = re.compile(
    r"\\(?:[egx]?def|let|(?:re)?newcommand|(?:re)?newenvironment|providecommand|require|"
    r"DeclareMathOperator|input|include)(?![A-Za-z])"
)
_KNOWN = frozenset(
    f"{name}{star}"
    for name in "array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix".split()  # noqa: SIM905
    for star in ("", "*")
) | {"cases", "smallmatrix", "split", "align*"}
_ALIKE = {
    "align": "align*",
    "aligned": "align*",
    "dcases": "cases",
    "gather": "matrix",
    "gather*": "matrix",
    "gathered": "matrix",
    "multline": "matrix",
    "multline*": "matrix",
}
_PLAIN = frozenset(["displaymath", "equation", "equation*", "math", "subequations"])


class _Unusable(Exception):
    """The formula cannot be shown as one."""


def formula(latex: str, *, display: bool, written: str, bounds: Bounds) -> str:
    """Return a formula as MathML, or as the code it was `written` as."""
    if len(latex) <= MAX_FORMULA and bounds.allow(Work.FORMULAS, len(latex)):
        try:
            return _converted(latex, display=display)
        except _Unusable:
            pass
    tag = 'pre class="formula"' if display else 'code class="formula"'
    return f"<{tag}>{escape(written)}</{tag.partition(' ')[0]}>"


def _converted(latex: str, *, display: bool) -> str:
    from latex2mathml.converter import Converter

    prepared = _prepared(latex)
    parts: list[str] = []
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(prepared)
        _write(tree, parts, 0)
    except Exception as error:  # it says of broken LaTeX whatever comes first, `KeyError` too
        raise _Unusable from error
    return "".join(parts)


def _prepared(latex: str) -> str:
    """Write what the converter does not know in a way it knows."""
    if _DEFINITION.search(latex) or not latex.strip():
        raise _Unusable
    if "\\label" in latex:
        latex = _LABEL.sub("", latex)
    return _ENVIRONMENT.sub(_environment, latex) if "\\begin" in latex else latex


def _environment(match: re.Match[str]) -> str:
    side, name = match[1], match[2]
    if name in _PLAIN:
        return " "
    if name in ("eqnarray", "eqnarray*"):
        return r"\begin{array}{rcl}" if side == "begin" else r"\end{array}"
    name = _ALIKE.get(name, name)
    if name not in _KNOWN:
        raise _Unusable
    return f"\\{side}{{{name}}}"


def _write(element: Element, parts: list[str], depth: int) -> None:
    """Write an element; only its text and what is on the lists."""
    if depth > _MAX_DEPTH:
        raise _Unusable
    name = element.tag if element.tag in _ELEMENTS else "mrow"
    attributes = "".join(
        f' {key}="{escape(value)}"'
        for key, value in element.attrib.items()
        if key in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    parts.append(f"<{name}{attributes}>{_text(element.text)}")
    for child in element:
        _write(child, parts, depth + 1)
        parts.append(_text(child.tail))
    parts.append(f"</{name}>")


def _text(text: str | None) -> str:
    """Symbols are written as references to characters, twice escaped."""
    if not text:
        return ""
    return escape(_REFERENCE.sub(lambda found: unescape(found.group()), text))
