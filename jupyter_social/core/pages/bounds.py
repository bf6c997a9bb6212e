"""How much of each costly work one page may ask for.

A notebook may be 8 MB of anything. What a person reads is far below these bounds; what lies beyond
is still shown, but plainly: as text instead of Markdown, as LaTeX instead of a formula.
"""

from __future__ import annotations

from enum import Enum, auto

MAX_OUTPUT = 2**20
MAX_PAGE = 32 * 2**20


class Work(Enum):
    """A costly work."""

    PROSE = auto()
    FORMULAS = auto()
    HIGHLIGHTING = auto()
    MARKUP = auto()


_CHARACTERS = {
    Work.PROSE: 500_000,
    Work.FORMULAS: 200_000,
    Work.HIGHLIGHTING: 500_000,
    Work.MARKUP: 4_000_000,
}


class Bounds:
    """How many characters one page may still have of each work."""

    def __init__(self) -> None:
        self._left = dict(_CHARACTERS)

    def allow(self, work: Work, size: int) -> bool:
        """Take `size` characters of the work, if so many are left."""
        if size > self._left[work]:
            return False
        self._left[work] -= size
        return True
