r"""Where formulas are in Markdown: rules for markdown-it.

A formula is `$…$`, `$$…$$`, `\(…\)`, `\[…\]` (with one backslash or two) or an environment.
`$5 and $6` are prices: blanks are at both sides of a formula or at none, and no digit follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

TOKEN = "formula"  # noqa: S105
_OPENING = re.compile(r"\$\$?|\\{1,2}[(\[]|\\begin\{([A-Za-z]{1,20}\*?)\}")
_DOLLARS = re.compile(r"(?s)(?:[^$\\`]|\\.){1,5000}+\$")
_WINDOW = 5_000
_MAX_LINES = 60


@dataclass(frozen=True)
class Formula:
    """A formula in a text: its LaTeX, as it was written, and where the text goes on."""

    latex: str
    display: bool
    written: str
    end: int


def formula_at(text: str, at: int) -> Formula | None:
    """Return the formula that begins at a place."""
    found = _OPENING.match(text, at)
    if found is None:
        return None
    opening, start = found.group(), found.end()
    if opening == "$":
        return _between_dollars(text, at)
    closing = _closing(found)
    end = text.find(closing, start, start + _WINDOW)
    if end < 0 or not text[start:end].strip():
        return None
    after = end + len(closing)
    latex = text[at:after] if found[1] else text[start:end]
    return Formula(latex, not opening.endswith("("), text[at:after], after)


def formulas_in(text: str) -> Iterator[str | Formula]:
    """Split a text of LaTeX into what is a formula and what stands between."""
    at = begin = 0
    while (found := _OPENING.search(text, at)) is not None:
        formula = formula_at(text, found.start())
        if formula is None:
            at = found.end()
            continue
        yield text[begin : found.start()]
        yield formula
        at = begin = formula.end
    yield text[begin:]


def add_formula_rules(md: MarkdownIt) -> None:
    """Teach a Markdown parser about formulas."""
    md.inline.ruler.before("escape", TOKEN, _inline)
    md.block.ruler.before(
        "fence", TOKEN, _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _closing(opening: re.Match[str]) -> str:
    if opening[1]:
        return f"\\end{{{opening[1]}}}"
    return opening.group().translate({ord("("): ")", ord("["): "]"})


def _between_dollars(text: str, at: int) -> Formula | None:
    found = _DOLLARS.match(text, at + 1)
    if found is None:
        return None
    latex, end = found.group()[:-1], found.end()
    if (
        latex[0].isspace() != latex[-1].isspace()
        or not latex.strip()
        or text[end : end + 1].isdigit()
    ):
        return None
    return Formula(latex, display=False, written=text[at:end], end=end)


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    formula = formula_at(state.src, state.pos)
    if formula is None or formula.end > state.posMax:
        return False
    if not silent:
        state.push(TOKEN, "math", 0).meta = {TOKEN: formula}
    state.pos = formula.end
    return True


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001
    """A formula that has lines of its own, which are not looked at as Markdown."""
    begin = state.bMarks[start_line] + state.tShift[start_line]
    found = _OPENING.match(state.src, begin)
    if found is None or found.group() in ("$", "\\(", "\\\\(") or state.is_code_block(start_line):
        return False
    closing = _closing(found)
    if state.src.find(closing, found.end(), found.end() + _WINDOW) < 0:
        return False
    lines: list[str] = []
    for number in range(start_line, min(end_line, start_line + _MAX_LINES)):
        if number > start_line and (
            state.isEmpty(number) or state.sCount[number] < state.blkIndent
        ):
            return False
        line = state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
        lines.append(line)
        at = line.find(closing, len(found.group()) if number == start_line else 0)
        if at >= 0:
            return not line[at + len(closing) :].strip() and _push(state, lines, number, silent)
    return False


def _push(state: StateBlock, lines: list[str], last: int, silent: Any) -> bool:
    formula = formula_at("\n".join(lines), 0)
    if formula is None:
        return False
    if not silent:
        token = state.push(TOKEN, "math", 0)
        token.block, token.map, token.meta = True, [state.line, last + 1], {TOKEN: formula}
        state.line = last + 1
    return True
