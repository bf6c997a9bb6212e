"""The draw: a random regular graph of reviewers and works that breaks no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation.annealing import anneal
from jupyter_social.reviews.allocation.arguments import sizes
from jupyter_social.reviews.allocation.certificate import Infeasible
from jupyter_social.reviews.allocation.completion import complete
from jupyter_social.reviews.allocation.connectivity import connect
from jupyter_social.reviews.allocation.constraints import Constraints
from jupyter_social.reviews.allocation.draws import Draws
from jupyter_social.reviews.allocation.recount import (
    refuse_reciprocal,
    refuse_too_few,
    refuse_unfound,
)
from jupyter_social.reviews.allocation.slots import Slots

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ALGORITHM = "1"

SMALL = 128
RESTARTS = 24


def allocate(
    n: int,
    k: int,
    *,
    group: ArrayLike | None = None,
    conflicts: ArrayLike | None = None,
    no_reciprocal: bool = False,
    seed: int = 0,
) -> NDArray[np.int32]:
    """Draw who reviews whom: row r of the (n, k) result holds the submissions of reviewer r.

    Submission i is unit i's own. Nobody reviews their own work, a group-mate's, a work in
    conflict or one work twice; every submission gets exactly k reviews; the reviewer-author graph
    is connected wherever exchanges can make it so. The same inputs and seed give the same result
    on every platform for one value of `ALGORITHM`.

    `group` holds n integer labels, a negative one meaning no group. `conflicts` is (m, 2), pairs
    of (reviewer, submission). With `no_reciprocal`, r never reviews s where s reviews r. `seed` is
    an integer from 0 to 2**63 - 1.

    Raises ValueError for unusable arguments, and Infeasible with a `Certificate` where no
    allocation exists or, for `no_reciprocal` alone, none was found.

    Sources: Stelmakh, Shah, Singh, "PeerReview4All" (JMLR 2021) for the setting; Wormald, "Models
    of random regular graphs" (1999), for permutations and switchings.
    """
    n, k = sizes(n, k)
    constraints, draws = Constraints(n, group, conflicts), Draws(seed)
    refuse_too_few(n, k)
    slots = _valid(k, constraints, draws, no_reciprocal=no_reciprocal)
    if not connect(slots) and n * k <= SMALL:
        slots = _connected_elsewhere(slots)
    return np.ascontiguousarray(slots.table.T)


def _valid(k: int, constraints: Constraints, draws: Draws, *, no_reciprocal: bool) -> Slots:
    """Draw a table that breaks no rule, connected or not."""
    slots = Slots(k, constraints, draws)
    if no_reciprocal:
        _settle_without_reciprocal(slots)
    else:
        _settle(slots)
    return slots


def _connected_elsewhere(slots: Slots) -> Slots:
    """Return a connected table from a fresh start, or the given one if none is found.

    In tiny crowded classes exchanges cannot get from every valid table to every other.
    """
    for _ in range(RESTARTS):
        try:
            other = _valid(
                slots.k, slots.constraints, slots.draws, no_reciprocal=slots.no_reciprocal
            )
        except Infeasible:
            continue
        if connect(other):
            return other
    return slots


def _settle(slots: Slots) -> None:
    """Mend every fault: exchanges first, augmenting paths for what they leave."""
    faults = slots.settle(slots.faults())
    if faults.size:
        complete(slots, faults)
        slots.mix(rounds=_mixing_rounds(slots))


def _settle_without_reciprocal(slots: Slots) -> None:
    """Mend every fault and every reciprocal pair, which no exact method does: exchanges, search."""
    slots.no_reciprocal = True
    faults = slots.settle(slots.faults())
    if not faults.size:
        return
    slots.no_reciprocal = False
    _settle(slots)
    refuse_reciprocal(slots.constraints, slots.k)
    slots.no_reciprocal = True
    left = anneal(slots, slots.settle(slots.faults()))
    if left.size:
        refuse_unfound(left, slots.k, slots.n)


def _mixing_rounds(slots: Slots) -> int:
    """Exchanges after an exact completion, which prefers some pairs, to make them random again."""
    return 32 if slots.flat.size < 2**17 else 8
