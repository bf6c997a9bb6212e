"""Seconds that allocating and repairing take, beside their floors; exit 1 if a floor is missed.

Run as a script. Floors are for two shared cores; the best of a few runs is compared, since a busy
machine only ever makes a run slower.
"""

from __future__ import annotations

import os
import platform
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation import allocate
from jupyter_social.reviews.allocation.repair import repair

if TYPE_CHECKING:
    from collections.abc import Callable

K = 5
FLOORS = {10_000: (0.03, 0.01), 100_000: (0.15, 0.05), 1_000_000: (2.0, 0.5)}
REPAIR_FLOOR = (5.0, 1.0)


def best_of(runs: int, work: Callable[[int], object]) -> float:
    """Return the seconds of the fastest of some runs, each with its own seed."""
    seconds = []
    for seed in range(runs):
        start = perf_counter()
        work(seed)
        seconds.append(perf_counter() - start)
    return min(seconds)


def allocation(n: int, *, no_reciprocal: bool) -> float:
    """Time a class of n with groups of four and 2n random conflicts."""
    rng = np.random.default_rng(n)
    group, conflicts = rng.permutation(n) // 4, rng.integers(0, n, (2 * n, 2))
    options = {"group": group, "conflicts": conflicts, "no_reciprocal": no_reciprocal}
    return best_of(5, lambda seed: allocate(n, K, **options, seed=seed))


def mending(n: int = 2_000, late: int = 100, left: int = 100) -> float:
    """Time the repair of a class with late works and drop-outs, 35 % of its reviews begun."""
    rng, size = np.random.default_rng(n), n + late
    rows = allocate(n, K, no_reciprocal=True)
    pairs = np.stack([np.repeat(np.arange(n), K), rows.ravel()], axis=1)
    begun = rng.random(len(pairs)) < 0.35
    active = np.ones(size, dtype=bool)
    active[rng.choice(n, left, replace=False)] = False
    state = {"begun": pairs[begun], "open": pairs[~begun]}
    people = {"reviewers": active, "submissions": active}
    return best_of(
        2, lambda seed: repair(size, K, **state, **people, no_reciprocal=True, seed=seed)
    )


def main() -> int:
    """Print the table; return 1 if a floor that must hold is missed."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}, k = {K}")
    print(f"{'work':34} {'seconds':>9} {'must':>6} {'stretch':>8}")
    rows = [
        (f"allocate {n:,}{', no reciprocal' * avoid}", allocation(n, no_reciprocal=avoid), floors)
        for n, floors in FLOORS.items()
        for avoid in (False, True)
    ]
    rows.append(("repair 2,000, 100 late, 100 left", mending(), REPAIR_FLOOR))
    for name, seconds, (must, stretch) in rows:
        verdict = "" if seconds <= must else "  MISSED"
        print(f"{name:34} {seconds:9.4f} {must:6.2f} {stretch:8.2f}{verdict}")
    return int(any(seconds > must for _, seconds, (must, _) in rows))


if __name__ == "__main__":
    sys.exit(main())
