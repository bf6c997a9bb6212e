"""The documented source of randomness of an allocation.

NumPy promises the raw stream of PCG64 for good, but not what `Generator.permutation` makes of it
(NEP 19). A stored seed must give the same allocation in ten years, so everything here is built on
the raw 64-bit words: a permutation is the order of n words whose low bits carry the index, hence
without ties and without any dependence on how a sort treats them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.random import PCG64

from jupyter_social.reviews.allocation.arguments import whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_SEED = 2**63 - 1


class Draws:
    """Reproducible draws from `PCG64(seed)`; `seed` is an integer from 0 to 2**63 - 1."""

    def __init__(self, seed: int) -> None:
        self._bits = PCG64(whole_number(seed, name="seed", least=0, most=LARGEST_SEED))

    def permutation(self, n: int) -> NDArray[np.int32]:
        """Return a random order of 0..n-1 (its bias is below n / 2**(64 - bits of n))."""
        low = np.uint64((1 << max(n - 1, 0).bit_length()) - 1)
        words = self._bits.random_raw(n)
        words &= ~low
        words |= np.arange(n, dtype=np.uint64)
        words.sort()
        words &= low
        return words.astype(np.int32)

    def below(self, bound: int, size: int) -> NDArray[np.int64]:
        """Return `size` draws from 0..bound-1."""
        return (self._bits.random_raw(size) % np.uint64(bound)).astype(np.int64)

    def one_of(self, array: NDArray[np.int64]) -> int:
        """Return one element of a non-empty array."""
        return int(array[int(self.below(array.size, 1)[0])])
