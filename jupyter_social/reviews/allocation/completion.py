"""Exact completion of an allocation: augmenting paths, or a minimum cut that proves there is none.

Exchanges with random partners can fail where conflicts are dense. What they leave over is taken
out of the table, and each empty slot is filled along an augmenting path (Ford and Fulkerson 1956)
found breadth-first: its reviewer takes an allowed work, whose previous reviewer takes another, and
so on to a work that lacks a review. When no path exists, the units reached form a minimum cut.

The allowed pairs are nearly all n x n and are never listed: a work is reached from a set of
reviewers unless every one of them is barred from it or holds it, which is a matter of counting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np

from jupyter_social.reviews.allocation.certificate import Infeasible
from jupyter_social.reviews.allocation.recount import blocked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.slots import Slots

EMPTY = -1
FAR = -1
SAMPLE = 2048


def complete(slots: Slots, faults: NDArray[np.int64]) -> None:
    """Replace what the faulty slots hold, exactly; Infeasible with a minimum cut if impossible."""
    slots.flat[faults] = EMPTY
    while (slots.flat == EMPTY).any():
        _Search(slots).push()


class _Search:
    """One breadth-first search from all empty slots, and the paths traced back through it.

    `frontiers[d]` are the reviewers first reached at depth d, `level[s] == d` the works that one
    of them may take on. As in the algorithm of Hopcroft and Karp (1973) many paths come of one
    search; a path that an earlier one has broken is found again by the next search.
    """

    def __init__(self, slots: Slots) -> None:
        self.slots, self.n, self.k = slots, slots.n, slots.k
        self.received = np.bincount(slots.flat[slots.flat != EMPTY], minlength=self.n)
        self.level = np.full(self.n, FAR)
        self.visited = np.zeros(self.n, dtype=bool)
        self.frontiers = [np.flatnonzero((slots.table == EMPTY).any(axis=0))]

    def push(self) -> None:
        """Fill empty slots along shortest augmenting paths; at least one, or Infeasible."""
        for work in self._lacking():
            while self.received[work] < self.k and self._augment(int(work)):
                pass

    def _lacking(self) -> NDArray[np.int64]:
        """Search until works are reached that lack reviews; return them in random order."""
        while True:
            frontier, depth = self.frontiers[-1], len(self.frontiers) - 1
            self.visited[frontier] = True
            reached = self._reach(frontier)
            if not reached.size:
                self._give_up()
            self.level[reached] = depth
            lacking = reached[self.received[reached] < self.k]
            if lacking.size:
                return lacking[self.slots.draws.permutation(lacking.size)]
            self.frontiers.append(self._holders(depth))

    def _reach(self, frontier: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return works not yet reached that some reviewer of the frontier may take on."""
        held = self.slots.table[:, frontier]
        closed = self.slots.constraints.barred_count(frontier)
        closed += np.bincount(held[held != EMPTY], minlength=self.n)
        return np.flatnonzero((self.level == FAR) & (closed < frontier.size))

    def _holders(self, depth: int) -> NDArray[np.int64]:
        """Return reviewers, not yet visited, who hold a work of this depth."""
        table = self.slots.table
        holds = ((self.level[table] == depth) & (table != EMPTY)).any(axis=0)
        return np.flatnonzero(holds & ~self.visited)

    def _augment(self, work: int) -> bool:
        """Shift works along a path that ends at `work`, if one is left; tell whether it was."""
        path, wanted = [], work
        for depth in range(len(self.frontiers) - 1, -1, -1):
            slot = self._taker(depth, wanted)
            if slot is None:
                return False
            path.append((slot, wanted))
            wanted = int(self.slots.flat[slot])
        for slot, taken in path:
            self.slots.flat[slot] = taken
        self.received[work] += 1
        return True

    def _taker(self, depth: int, work: int) -> int | None:
        """Draw a slot of a reviewer at this depth who may take the work and can pass one on."""
        frontier = self.frontiers[depth]
        some = self.slots.draws.below(frontier.size, max(16, SAMPLE // self.k))
        found = self._takers(frontier[some], depth, work)
        if not found.size:
            found = self._takers(frontier, depth, work)
        return self.slots.draws.one_of(found) if found.size else None

    def _takers(self, reviewers: NDArray[np.int64], depth: int, work: int) -> NDArray[np.int64]:
        """Return the slots from which these reviewers can pass something on for the work."""
        held = self.slots.table[:, reviewers]
        passing = held == EMPTY if depth == 0 else self._passable(held, depth)
        free = ~self.slots.constraints.forbids(reviewers, np.full(reviewers.size, work))
        free &= (held != work).all(axis=0)
        column, place = np.nonzero(passing & free)
        return column * self.n + reviewers[place]

    def _passable(self, held: NDArray[np.int32], depth: int) -> NDArray[np.bool_]:
        passable: NDArray[np.bool_] = (held != EMPTY) & (self.level[held] == depth - 1)
        return passable

    def _give_up(self) -> NoReturn:
        cut = blocked(self.slots.constraints, self.k, self.visited, self.level == FAR)
        raise Infeasible(cut)
