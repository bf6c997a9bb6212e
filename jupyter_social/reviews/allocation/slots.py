"""The table of who reviews whom while it is being made, and the exchanges that mend it.

A slot is one review: flat slot j * n + r of the (k, n) table holds a submission of reviewer r. To
exchange the submissions of two slots changes nobody's number of reviews, given or received, so a
table that starts from k permutations stays exactly balanced whatever is exchanged. A random table
of a large class has a few dozen faults however large the class is; a few vectorised rounds of
exchanges with random partners remove them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.constraints import Constraints, Ints, Mask
    from jupyter_social.reviews.allocation.draws import Draws

CANDIDATES = 2**17
ROUNDS = 64
PATIENCE = 12


class Slots:
    """A (k, n) int32 table of submissions, with its constraints and source of randomness."""

    def __init__(self, k: int, constraints: Constraints, draws: Draws) -> None:
        self.k, self.n = k, constraints.n
        self.constraints, self.draws = constraints, draws
        self.table = np.stack([draws.permutation(self.n) for _ in range(k)])
        self.flat = self.table.reshape(-1)
        self.no_reciprocal = False
        self._first = np.empty(self.n, dtype=np.int64)

    def faults(self) -> NDArray[np.int64]:
        """Return every slot that breaks a rule, sorted; of repeats in a row all but the first."""
        label, found = self.constraints.label, []
        for column, held in enumerate(self.table):
            wrong = label[held] == label
            for earlier in self.table[:column]:
                wrong |= held == earlier
            found.append(np.flatnonzero(wrong) + column * self.n)
        found.append(self._declared())
        if self.no_reciprocal:
            found.append(self.reciprocal())
        return np.unique(np.concatenate(found))

    def _declared(self) -> NDArray[np.int64]:
        """Return the slots with a declared conflict.

        Asks each conflict whether it occurs, k gathers, rather than each slot whether it is a
        conflict, which needs a sorted or hashed set.
        """
        reviewer, submission = self.constraints.reviewer, self.constraints.submission
        found = [np.empty(0, dtype=np.int64)]
        for column, held in enumerate(self.table):
            hit = np.flatnonzero(held[reviewer] == submission)
            found.append(reviewer[hit].astype(np.int64) + column * self.n)
        return np.concatenate(found)

    def reciprocal(self) -> NDArray[np.int64]:
        """Return one slot of every reciprocal pair (both if they lie in the same column)."""
        everyone, found = np.arange(self.n, dtype=np.int32), []
        for column, held in enumerate(self.table):
            for other in self.table[column:]:
                back = np.flatnonzero(other[held] == everyone)
                found.append(back + column * self.n)
        return np.concatenate(found)

    def still_faulty(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the given slots that break a rule now."""
        row, held = slots % self.n, self.flat[slots]
        wrong = self.constraints.forbids(row, held)
        earlier = np.arange(self.k)[:, None] < slots // self.n
        wrong |= ((self.table[:, row] == held) & earlier).any(axis=0)
        if self.no_reciprocal:
            wrong |= (self.table[:, held] == row).any(axis=0)
        return slots[wrong]

    def exchangeable(self, these: NDArray[np.int64], those: NDArray[np.int64]) -> Mask:
        """Tell for each pair of slots whether both are without fault after an exchange."""
        ok: Mask = (these % self.n != those % self.n) & (self.flat[these] != self.flat[those])
        for giver, taker in ((these, those), (those, these)):
            pick = np.flatnonzero(ok)
            ok[pick] = self._acceptable(taker[pick] % self.n, self.flat[giver[pick]])
        return ok

    def _acceptable(self, row: Ints, submission: Ints) -> Mask:
        """Tell for each reviewer and submission whether the reviewer could take it on."""
        ok: Mask = ~self.constraints.forbids(row, submission)
        ok &= (self.table[:, row] != submission).all(axis=0)
        if self.no_reciprocal:
            ok &= (self.table[:, submission] != row).all(axis=0)
        return ok

    def exchange(self, these: NDArray[np.int64], those: NDArray[np.int64]) -> None:
        """Exchange what the slots hold, pair by pair."""
        self.flat[these], self.flat[those] = self.flat[those], self.flat[these]

    def settle(self, faults: NDArray[np.int64], *, rounds: int = ROUNDS) -> NDArray[np.int64]:
        """Exchange faulty slots away until none is left or `rounds` are over; return the rest."""
        idle = 0
        for turn in range(rounds):
            if not faults.size or idle == PATIENCE:
                break
            these, those = self._partners(faults, turn)
            before, faults = faults.size, self._exchange_disjoint(faults, these, those)
            idle = idle + 1 if faults.size == before else 0
        return faults

    def _partners(
        self, faults: NDArray[np.int64], turn: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draw partners for faulty slots: from all slots and, in odd turns, from the faulty."""
        most = min(CANDIDATES // (faults.size * self.k), self.flat.size)
        copies = max(1, min(4 << min(turn, 12), most))
        these = np.tile(faults, copies)
        if turn % 2:
            return these, faults[self.draws.below(faults.size, these.size)]
        return these, self.draws.below(self.flat.size, these.size)

    def _exchange_disjoint(
        self, faults: NDArray[np.int64], these: NDArray[np.int64], those: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Make the good exchanges, at most one in a row of the table; return the faults left."""
        good = np.flatnonzero(self.exchangeable(these, those))
        these, those = these[good], those[good]
        keep = self._row_disjoint(these % self.n, those % self.n)
        these, those = these[keep], those[keep]
        self.exchange(these, those)
        return self.still_faulty(np.unique(np.concatenate([faults, those])))

    def _row_disjoint(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> Mask:
        """Tell which exchanges come first in both their rows."""
        order = np.arange(one.size)
        self._first[one] = self._first[other] = one.size
        np.minimum.at(self._first, one, order)
        np.minimum.at(self._first, other, order)
        earliest: Mask = (self._first[one] == order) & (self._first[other] == order)
        return earliest

    def mix(self, *, rounds: int) -> None:
        """Make random good exchanges everywhere; the table must be without fault and stays so."""
        for _ in range(rounds):
            order = self.draws.permutation(self.flat.size).astype(np.int64)
            half = order.size // 2
            these, those = order[:half], order[half : 2 * half]
            good = self.exchangeable(these, those)
            these, those = these[good], those[good]
            keep = self._row_disjoint(these % self.n, those % self.n)
            if self.no_reciprocal:
                # Two exchanges in one round could make a reciprocal pair between them.
                keep[np.flatnonzero(keep)[1:]] = False
            self.exchange(these[keep], those[keep])
