"""How much of each costly work one page may ask for.

A notebook may be 8 MB of anything. What a person reads is far below these bounds; what lies beyond
is still shown, but plainly: as text instead of Markdown, as LaTeX instead of a formula.
"""

from __future__ import annotations

from enum import Enum

MAX_OUTPUT = 2**20
MAX_PAGE = 32 * 2**20


class Work(Enum):
    """A costly work; its value is how many characters of it one page may ask for."""

    PROSE = 500_000
    FORMULAS = 200_000
    HIGHLIGHTING = 1_000_000
    MARKUP = 4_000_000


class Bounds:
    """What one page has still left."""

    def __init__(self) -> None:
        self._left = {work: work.value for work in Work}

    def allow(self, work: Work, size: int) -> bool:
        """Take `size` characters of the work, if so many are left."""
        if size > self._left[work]:
            return False
        self._left[work] -= size
        return True
