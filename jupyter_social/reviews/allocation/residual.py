"""The residual network of a repair: what can still be given, taken back or shifted, and its cost.

Nodes are reviewers, submissions and one hub that hands every reviewer their load. Arcs are
`give` (reviewer to submission), `take` back (submission to reviewer), `more` (hub to reviewer) and
`less` (reviewer to hub). Giving costs nothing, taking back an open task costs 1 and giving it to
its old reviewer again saves that 1. A load of g costs `heavy` * g**2, so the cheapest loads are the
evenest, and each review that a newcomer gives less or more than k costs `fresh`; heavy >> fresh >>
all open tasks, so one number orders the aims.

Nearly every (reviewer, submission) pair is a free `give` arc. These are never listed: a set of
reviewers reaches every submission but those closed to all of them, which is a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.constraints import Constraints, Mask

    Int64s = NDArray[np.int64]

UNREACHED = np.iinfo(np.int64).max // 4


class Residual:
    """A flow and its residual arcs.

    `pair` (2, e) lists begun, open and newly given pairs; `fixed`, `open` and `used` describe
    them. `load` is what the hub hands to each reviewer, `need` what each submission lacks.
    """

    def __init__(
        self,
        constraints: Constraints,
        *,
        k: int,
        begun: Int64s,
        open_pairs: Int64s,
        reviewers: Mask,
        newcomers: Mask,
        submissions: Mask,
        need: Int64s,
    ) -> None:
        self.constraints, self.k, self.n = constraints, k, constraints.n
        self.reviewers, self.submissions, self.need = reviewers, submissions, need
        self.pair = np.concatenate([begun, open_pairs]).T.copy()
        self.fixed = np.arange(self.pair.shape[1]) < len(begun)
        self.open = ~self.fixed
        self.used = np.ones(self.pair.shape[1], dtype=bool)
        self.barred = constraints.forbids(*self.pair)
        self.begun = np.bincount(begun[:, 0], minlength=self.n)
        self._newcomer = newcomers
        self._fresh = len(open_pairs) + 1
        self._heavy = (self.n * k + 1) * self._fresh
        self._level = self._even_level()
        self.load = np.where(reviewers, np.maximum(self.begun, self._level), self.begun)

    def _even_level(self) -> int:
        """Return the highest level to which all loads can be raised with what is needed."""
        own = self.begun[self.reviewers]
        total, level = int(self.need.sum()) + int(own.sum()), 0
        while own.size and np.maximum(own, level + 1).sum() <= total:
            level += 1
        return level

    def excess(self) -> tuple[Int64s, Int64s, int]:
        """Return inflow minus outflow of reviewers, submissions and the hub."""
        moving = self.used & ~self.fixed
        gives = np.bincount(self.pair[0, moving], minlength=self.n)
        takes = np.bincount(self.pair[1, moving], minlength=self.n)
        own = self.load - self.begun
        return own - gives, takes - self.need, int(self.need.sum() - own.sum())

    def more(self) -> Int64s:
        """Cost of one more review for each reviewer."""
        step = self._heavy * (2 * (self.load - self._level) + 1)
        step = step + self._newcomer * np.where(self.load < self.k, -self._fresh, self._fresh)
        return np.where(self.reviewers, step, UNREACHED)

    def less(self) -> Int64s:
        """Cost of one review less for each reviewer; begun reviews cannot be taken away."""
        step = self._heavy * (2 * (self._level - self.load) + 1)
        step = step + self._newcomer * np.where(self.load <= self.k, self._fresh, -self._fresh)
        return np.where(self.reviewers & (self.load > self.begun), step, UNREACHED)

    def reach(self, frontier: Int64s) -> Mask:
        """Tell which submissions some reviewer of the frontier may be given at no cost."""
        inside = np.zeros(self.n, dtype=bool)
        inside[frontier] = True
        listed = inside[self.pair[0]] & self._closed()
        closed = self.constraints.barred_count(frontier)
        closed += np.bincount(self.pair[1, listed], minlength=self.n)
        return (closed < frontier.size) & self.submissions

    def _closed(self) -> Mask:
        """Tell which listed pairs are no free `give` arc, but for those barred anyway."""
        return (self.used | self.open) & ~self.barred

    def givers(self, frontier: Int64s, submission: int) -> Int64s:
        """Return the reviewers of the frontier to whom `submission` may be given at no cost."""
        holders = self.pair[0, (self.pair[1] == submission) & self._closed()]
        barred = self.constraints.forbids(frontier, np.full(frontier.size, submission))
        return frontier[~barred & ~np.isin(frontier, holders)]

    def takeable(self) -> tuple[Int64s, Int64s]:
        """Return the pairs that can be taken back, by index, and what that costs."""
        index = np.flatnonzero(self.used & ~self.fixed)
        return index, self.open[index].astype(np.int64)

    def returnable(self) -> Int64s:
        """Return the open pairs taken back so far, by index: giving them again saves 1."""
        return np.flatnonzero(self.open & ~self.used)

    def give(self, reviewer: int, submission: int) -> None:
        """Send one unit along `give`, or along the open pair that was taken back."""
        same = (self.pair[0] == reviewer) & (self.pair[1] == submission)
        known = np.flatnonzero(same)
        if known.size:
            self.used[known] = True
            return
        self.pair = np.append(self.pair, [[reviewer], [submission]], axis=1)
        self.used = np.append(self.used, True)
        for name in ("fixed", "open", "barred"):
            setattr(self, name, np.append(getattr(self, name), False))

    def take(self, reviewer: int, submission: int) -> None:
        """Send one unit along `take`."""
        self.used[(self.pair[0] == reviewer) & (self.pair[1] == submission)] = False
