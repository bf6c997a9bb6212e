"""Exchanges that part the reciprocal pairs a repair has made.

The flow of a repair cannot know that "r reviews s" and "s reviews r" should not both be. Exchanging
the works of two tasks keeps every load and every number of reviews, so the reciprocal pairs are
parted that way, by the exchange that takes the fewest open tasks away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.constraints import Constraints
    from jupyter_social.reviews.allocation.draws import Draws

    Int64s = NDArray[np.int64]


def reciprocal_keys(keys: Int64s, n: int) -> Int64s:
    """Return those of the keys reviewer * n + submission whose reverse is among them too."""
    reviewer, submission = np.divmod(keys, max(n, 1))
    return keys[np.isin(submission * n + reviewer, keys)]


def part_reciprocal(
    constraints: Constraints, begun: Int64s, opened: Int64s, given: Int64s, draws: Draws
) -> Int64s:
    """Return the given tasks with as few reciprocal pairs among the new ones as exchanges allow."""
    tasks = _Tasks(constraints, begun, opened, given)
    for _ in range(4):
        wrong = tasks.reciprocal()
        if not wrong.size:
            break
        parted = [tasks.part(int(task), draws) for task in wrong[draws.permutation(wrong.size)]]
        if not any(parted):
            break
    return tasks.given


class _Tasks:
    """Tasks that can be exchanged, beside begun reviews that cannot."""

    def __init__(
        self, constraints: Constraints, begun: Int64s, opened: Int64s, given: Int64s
    ) -> None:
        self.constraints, self.n = constraints, constraints.n
        self.begun, self.opened = self._keys(begun), np.sort(self._keys(opened))
        self.given = given.copy()

    def _keys(self, pairs: Int64s) -> Int64s:
        return pairs[:, 0] * self.n + pairs[:, 1]

    def _standing(self) -> Int64s:
        return np.sort(np.concatenate([self.begun, self._keys(self.given)]))

    def reciprocal(self) -> Int64s:
        """Return the tasks, by index, of reciprocal pairs that hold a new task."""
        mutual = reciprocal_keys(self._standing(), self.n)
        new = np.setdiff1d(mutual, np.union1d(self.opened, self.begun))
        reviewer, submission = np.divmod(new, max(self.n, 1))
        either = np.union1d(new, submission * self.n + reviewer)
        return np.flatnonzero(np.isin(self._keys(self.given), either))

    def part(self, task: int, draws: Draws) -> bool:
        """Make the cheapest exchange that ends this task's reciprocal pair, if there is one."""
        standing = self._standing()
        reviewer, submission = self.given[task]
        if submission * self.n + reviewer not in standing:
            return False
        others, works = self.given.T
        one, two = reviewer * self.n + works, others * self.n + submission
        good = (others != reviewer) & (works != submission)
        good &= self._acceptable(one, standing) & self._acceptable(two, standing)
        choices = np.flatnonzero(good)
        if not choices.size:
            return False
        cost = self._kept(self._keys(self.given))[choices].astype(np.int64)
        cost -= self._kept(one[choices]).astype(np.int64) + self._kept(two[choices])
        other = draws.one_of(choices[cost == cost.min()])
        self.given[[task, other], 1] = self.given[[other, task], 1]
        return True

    def _kept(self, keys: Int64s) -> NDArray[np.bool_]:
        """Tell which keys are open tasks: to hold one is a change less."""
        return np.isin(keys, self.opened)

    def _acceptable(self, keys: Int64s, standing: Int64s) -> NDArray[np.bool_]:
        """Tell which pairs are allowed, new and not reciprocal."""
        reviewer, submission = np.divmod(keys, self.n)
        ok = ~self.constraints.forbids(reviewer, submission) & ~np.isin(keys, standing)
        return ok & ~np.isin(submission * self.n + reviewer, standing)
