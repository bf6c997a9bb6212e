"""Simulated annealing against the last reciprocal pairs, where flows are of no use.

"At most one of r reviews s and s reviews r" ties two arcs together, which no flow expresses. In
small or crowded classes exchanges stall a few pairs short. Here slots are exchanged one by one, and
an exchange that makes a fault more is taken with a probability that falls with the temperature
(Kirkpatrick, Gelatt, Vecchi 1983). A fault is a reciprocal pair or a forbidden one: exchanges that
always keep the other rules cannot reach every allocation. It ends after a fixed number of steps.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.slots import Slots

STEPS = 400_000
BATCH = 4096
HOT, COLD = 1.0, 0.15


def anneal(slots: Slots, faults: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exchange slots until no fault is left or the steps are over; return the faulty slots."""
    if not faults.size:
        return faults
    search = _Search(slots)
    for start in range(0, STEPS, BATCH):
        progress = (start % (STEPS // 4)) / (STEPS // 4)
        search.run(HOT * (COLD / HOT) ** progress)
        if not search.faults:
            break
    slots.table[:] = np.asarray(search.works, dtype=np.int32).reshape(slots.table.shape)
    return slots.faults()


class _Search:
    """The table as plain lists and sets: single steps are faster without arrays."""

    def __init__(self, slots: Slots) -> None:
        self.slots, self.n = slots, slots.n
        self.works = slots.flat.tolist()
        self.held = [set(row) for row in slots.table.T.tolist()]
        self.label = slots.constraints.label.tolist()
        reviewer, submission = slots.constraints.declared
        self.barred = set(zip(reviewer.tolist(), submission.tolist(), strict=True))
        pairs = [(r, s) for r, row in enumerate(self.held) for s in row]
        self.faults = sum(r in self.held[s] for r, s in pairs) // 2
        self.faults += sum(self._forbidden(r, s) for r, s in pairs)

    def run(self, temperature: float) -> None:
        """Try a batch of random exchanges at one temperature."""
        draws, size = self.slots.draws, len(self.works)
        near, far = draws.below(size, BATCH), draws.below(size, BATCH)
        chance = draws.below(2**32, BATCH) / 2**32
        for one, other, luck in zip(near.tolist(), far.tolist(), chance.tolist(), strict=True):
            self._step(one, other, luck, temperature)
            if not self.faults:
                return

    def _step(self, one: int, other: int, luck: float, temperature: float) -> None:
        r, q = one % self.n, other % self.n
        s, t = self.works[one], self.works[other]
        held = self.held
        if r in (q, t) or s in (q, t) or t in held[r] or s in held[q]:
            return
        before = self._faults_of(r, s) + self._faults_of(q, t)
        self._move(r, q, s, t)
        change = self._faults_of(r, t) + self._faults_of(q, s) - before
        if change > 0 and luck >= exp(-change / temperature):
            self._move(r, q, t, s)
            return
        self.faults += change
        self.works[one], self.works[other] = t, s

    def _faults_of(self, reviewer: int, submission: int) -> int:
        """Count what is wrong with one review: forbidden, half of a reciprocal pair, or both."""
        return (reviewer in self.held[submission]) + self._forbidden(reviewer, submission)

    def _forbidden(self, reviewer: int, submission: int) -> bool:
        same = self.label[reviewer] == self.label[submission]
        return same or (reviewer, submission) in self.barred

    def _move(self, r: int, q: int, s: int, t: int) -> None:
        """Take s from r and t from q, and give each what the other had."""
        self.held[r].remove(s)
        self.held[r].add(t)
        self.held[q].remove(t)
        self.held[q].add(s)
