"""Who may not review whom: oneself, group-mates, declared conflicts.

Groups are labels, conflicts are a list of pairs; only for a small class with many conflicts is the
n x n table ever built. Self-review is the case of a group of one: units without a group get a label
of their own.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation.arguments import pairs_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int32] | NDArray[np.int64]
    Mask = NDArray[np.bool_]

DENSE = 64
LARGEST_TABLE = 4096


class Constraints:
    """The forbidden (reviewer, submission) pairs of n units.

    `label` is an int32 array of n: equal labels never review each other. `reviewer` and
    `submission` are the declared conflicts as given, int32, repeats and all.
    """

    def __init__(self, n: int, group: ArrayLike | None, conflicts: ArrayLike | None) -> None:
        self.n = n
        self.label = _labels(n, group)
        pairs = pairs_of(conflicts, n, name="conflicts")
        self.reviewer = np.ascontiguousarray(pairs[:, 0], dtype=np.int32)
        self.submission = np.ascontiguousarray(pairs[:, 1], dtype=np.int32)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """Conflicts as sorted reviewer * n + submission."""
        return np.sort(self.reviewer * np.int64(self.n) + self.submission)

    @cached_property
    def _table(self) -> Mask | None:
        """Conflicts as a table where they are so many that searching them takes longer."""
        if DENSE * self.reviewer.size < self.n * self.n or self.n > LARGEST_TABLE:
            return None
        table = np.zeros((self.n, self.n), dtype=bool)
        table[self.reviewer, self.submission] = True
        return table

    @cached_property
    def declared(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Distinct conflicts that the labels do not forbid already, sorted by reviewer."""
        keys = self._keys[np.diff(self._keys, prepend=-1) > 0]
        reviewer, submission = keys // self.n, keys % self.n
        extra = self.label[reviewer] != self.label[submission]
        return reviewer[extra], submission[extra]

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        return np.searchsorted(self.declared[0], np.arange(self.n + 1)).astype(np.int64)

    @cached_property
    def _label_count(self) -> int:
        return int(self.label.max()) + 1 if self.n else 0

    def forbids(self, reviewers: Ints, submissions: Ints) -> Mask:
        """Tell for each pair, elementwise, whether it is forbidden."""
        barred: Mask = self.label[reviewers] == self.label[submissions]
        if self._table is not None:
            barred |= self._table[reviewers, submissions]
        elif self.reviewer.size:
            wanted = reviewers * np.int64(self.n) + submissions
            place = np.searchsorted(self._keys, wanted)
            place[place == self._keys.size] = 0
            barred |= self._keys[place] == wanted
        return barred

    def conflicts_of(self, reviewers: Ints) -> NDArray[np.int64]:
        """Return the submissions of `declared` conflicts of these distinct reviewers, in a row."""
        start, stop = self._first[reviewers], self._first[np.asarray(reviewers) + 1]
        length = stop - start
        shift = np.repeat(start - np.cumsum(length) + length, length)
        return self.declared[1][shift + np.arange(shift.size)]

    def barred_count(self, reviewers: Ints) -> NDArray[np.int64]:
        """Count for each submission how many of these distinct reviewers may not review it."""
        same = np.bincount(self.label[reviewers], minlength=self._label_count)[self.label]
        return same + np.bincount(self.conflicts_of(reviewers), minlength=self.n)

    def allowed_submissions(self, of: Mask) -> NDArray[np.int64]:
        """Count for each reviewer how many submissions of the mask `of` are allowed."""
        same = np.bincount(self.label[of], minlength=self._label_count)[self.label]
        reviewer, submission = self.declared
        return int(of.sum()) - same - np.bincount(reviewer[of[submission]], minlength=self.n)

    def allowed_reviewers(self, of: Mask) -> NDArray[np.int64]:
        """Count for each submission how many reviewers of the mask `of` may review it."""
        same = np.bincount(self.label[of], minlength=self._label_count)[self.label]
        reviewer, submission = self.declared
        return int(of.sum()) - same - np.bincount(submission[of[reviewer]], minlength=self.n)

    def partners(self) -> NDArray[np.int64]:
        """Count for each unit the others with whom at least one direction is allowed."""
        mates = np.bincount(self.label, minlength=self._label_count)[self.label]
        reviewer, submission = self.declared
        back = np.isin(reviewer * self.n + submission, submission * self.n + reviewer)
        return self.n - mates - np.bincount(reviewer[back], minlength=self.n)


def _labels(n: int, group: ArrayLike | None) -> NDArray[np.int32]:
    """Return labels in which every unit without a group is alone."""
    if group is None:
        return np.arange(n, dtype=np.int32)
    array = np.asarray(group)
    if array.shape != (n,):
        raise ValueError(f"group must hold one label for each of {n} units, not {array.shape}")
    if n and array.dtype.kind not in "iu":
        raise ValueError(f"group must hold integers, not {array.dtype}")
    if n and array.max() >= n:
        array = np.where(array < 0, -1, np.unique(array, return_inverse=True)[1])
    labels = array.astype(np.int32)
    np.copyto(labels, n + np.arange(n, dtype=np.int32), where=array < 0)
    return labels
