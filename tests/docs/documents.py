"""What the tests of the documentation read: pages, their blocks and their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"\s*(`{3,})(.*)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_MARK = re.compile(r"<!--\s*(\w+):\s*(.+?)\s*-->")


@dataclass(frozen=True)
class Block:
    """A fenced block; `marks` are the comments `<!-- name: value -->` right above it."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]
    after: int
    """The line on which the block before it ended; 0 for the first."""

    @property
    def follows_directly(self) -> bool:
        """Whether nothing but one empty line stands between this block and the one before."""
        return self.line - self.after == 2


def pages() -> list[Path]:
    """Return every Markdown page that a reader of the repository may open."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    return sorted(page for page in found if "_build" not in page.parts)


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    marks: dict[str, str] = {}
    opened: tuple[int, str, str] | None = None
    held: list[str] = []
    ended = 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence:
            opened, held = (number, fence.group(1), fence.group(2).strip()), []
        elif opened is not None and fence and fence.group(1) == opened[1] and not fence.group(2):
            yield Block(page, opened[0], opened[2], "\n".join(held) + "\n", marks, ended)
            opened, marks, ended = None, {}, number
        elif opened is not None:
            held.append(line)
        elif mark := _MARK.fullmatch(line):
            marks = {**marks, mark.group(1): mark.group(2)}
        elif line.strip():
            marks = {}


def prose(page: Path) -> str:
    """Return the text of a page without its blocks."""
    inside = False
    kept = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if _FENCE.fullmatch(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(page: Path) -> list[str]:
    """Return the targets of the page's links that lead to files of the repository."""
    found = (match.group(1) for match in _LINK.finditer(prose(page)))
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    headings = (line for line in prose(page).splitlines() if line.startswith("#"))
    return {_slug(line.lstrip("#").strip()) for line in headings}


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.replace(" ", "-")
