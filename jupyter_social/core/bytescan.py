"""Signs in megabytes of bytes, found several times faster than with a pattern.

numpy compares many bytes at once; it is imported at the first call, because not every command reads
a notebook. The bytes are taken in pieces that stay in the processor's cache.
"""

from __future__ import annotations

_PIECE = 100_000


def has_controls(data: bytes) -> bool:
    """Whether there is a control character (C0) other than a line feed."""
    import numpy as np

    codes = np.frombuffer(data, np.uint8)
    pieces = (codes[at : at + _PIECE] for at in range(0, len(codes), _PIECE))
    return any(((piece < 32) & (piece != 10)).any() for piece in pieces)


def has_pair(data: bytes, pair: bytes) -> bool:
    """Whether two bytes follow each other somewhere."""
    import numpy as np

    codes = np.frombuffer(data, np.uint8)
    pieces = (codes[at : at + _PIECE + 1] for at in range(0, len(codes), _PIECE))
    return any(((piece[:-1] == pair[0]) & (piece[1:] == pair[1])).any() for piece in pieces)
