"""Whether the reviewer-author graph hangs together, and the exchanges that join its parts.

Every unit gives k reviews and receives k, so the graph is balanced: each part of it is strongly
connected, every arc lies on a cycle, and no arc is a bridge. Two facts follow. To find a part it
is enough to follow arcs one way. And any exchange between slots of two parts joins them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.slots import Slots

    Table = NDArray[np.int32]

LEVELS = 64
TRIES = 2**10
BUDGET = 2**22
ATTEMPTS = 16


def is_connected(table: Table) -> bool:
    """Tell whether all units hang together, with a breadth-first search meant for k >= 2.

    A search deeper than 64 levels is given up as False: `components` then decides.
    """
    n = table.shape[1]
    seen = np.zeros(n, dtype=bool)
    frontier = np.zeros(1, dtype=np.int64)
    for _ in range(LEVELS):
        before = seen.copy()
        seen[table[:, frontier]] = True
        frontier = np.flatnonzero(seen & ~before)
        if frontier.size * 8 > n or not frontier.size:
            break
    return _absorbs_the_rest(table, seen)


def _absorbs_the_rest(table: Table, seen: NDArray[np.bool_]) -> bool:
    """Add units with an arc into `seen`, again and again; tell whether that adds everyone."""
    rest = np.flatnonzero(~seen)
    for _ in range(LEVELS):
        before = rest.size
        for held in table:
            hit = seen[held[rest]]
            seen[rest[hit]] = True
            rest = rest[~hit]
        if rest.size in (0, before):
            break
    return rest.size == 0


def components(table: Table) -> NDArray[np.int64]:
    """Label every unit with the smallest unit of its part (hooking and pointer jumping)."""
    parent = np.arange(table.shape[1])
    while True:
        least = parent.copy()
        for held in table:
            np.minimum(least, parent[held], out=least)
            np.minimum.at(least, held, parent)
        hooked = parent.copy()
        np.minimum.at(hooked, parent, least)
        while not np.array_equal(hooked, jumped := hooked[hooked]):
            hooked = jumped
        if np.array_equal(hooked, parent):
            return parent
        parent = hooked


def connect(slots: Slots) -> bool:
    """Join the parts by exchanges that keep every rule; tell whether one part is left.

    What no exchange joins, even after the table was mixed some times, stays apart.
    """
    if slots.k > 1 and is_connected(slots.table):
        return True
    budget = BUDGET
    for _ in range(ATTEMPTS):
        label = components(slots.table)
        budget = _join_all(slots, label, budget)
        if (label == label[0]).all():
            return True
        if budget <= 0:
            break
        slots.mix(rounds=16)
    return False


def _join_all(slots: Slots, label: NDArray[np.int64], budget: int) -> int:
    """Try to join every part to some other; return what is left of the budget of exchanges."""
    parts, size = np.unique(label, return_counts=True)
    for part in parts[np.argsort(size, kind="stable")[:-1]]:
        if budget <= 0:
            break
        member = np.flatnonzero(label == part)
        other = _joint(slots, label, member)
        budget -= TRIES * (other is None)
        if other is None and (cost := member.size * slots.k * slots.flat.size) <= budget:
            budget -= cost
            other = _joint_exhaustive(slots, label, member)
        if other is not None:
            label[member] = label[other]
    return budget


def _joint(slots: Slots, label: NDArray[np.int64], member: NDArray[np.int64]) -> int | None:
    """Exchange a random slot of the part with a random other one; return the unit joined to."""
    near = member[slots.draws.below(member.size, TRIES)]
    near = near + slots.n * slots.draws.below(slots.k, TRIES)
    far = slots.draws.below(slots.flat.size, TRIES)
    return _exchange_first(slots, label, near, far)


def _joint_exhaustive(
    slots: Slots, label: NDArray[np.int64], member: NDArray[np.int64]
) -> int | None:
    """Try every slot of the part against every other slot."""
    everything = np.arange(slots.flat.size)
    for unit in member:
        for near in range(int(unit), slots.flat.size, slots.n):
            other = _exchange_first(slots, label, np.full_like(everything, near), everything)
            if other is not None:
                return other
    return None


def _exchange_first(
    slots: Slots, label: NDArray[np.int64], near: NDArray[np.int64], far: NDArray[np.int64]
) -> int | None:
    """Make the first exchange that joins two parts and breaks no rule; return the unit joined."""
    apart = np.flatnonzero(label[near % slots.n] != label[far % slots.n])
    good = apart[slots.exchangeable(near[apart], far[apart])]
    if not good.size:
        return None
    slots.exchange(near[good[:1]], far[good[:1]])
    return int(far[good[0]] % slots.n)
