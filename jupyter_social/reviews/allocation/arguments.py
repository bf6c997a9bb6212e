"""What callers of the allocator may pass, checked once with a sentence for whoever passed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int32] | NDArray[np.int64]

LARGEST_CLASS = 2**30


def sizes(n: object, k: object) -> tuple[int, int]:
    """Return the number of units and of reviews of each."""
    units = whole_number(n, name="n", least=0, most=LARGEST_CLASS)
    return units, whole_number(k, name="k", least=1, most=LARGEST_CLASS)


def whole_number(value: object, *, name: str, least: int, most: int) -> int:
    """Return `value` as an int from `least` to `most`, or raise ValueError naming it."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must lie between {least} and {most}, not {value}")
    return int(value)


def pairs_of(pairs: ArrayLike | None, n: int, *, name: str) -> Ints:
    """Return (reviewer, submission) pairs as an integer array (m, 2) within 0..n-1."""
    array = np.asarray([] if pairs is None else pairs)
    if array.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} must have the shape (m, 2), not {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integers, not {array.dtype}")
    if array.min() < 0 or array.max() >= n:
        raise ValueError(f"{name} must name units from 0 to {n - 1}")
    return array
