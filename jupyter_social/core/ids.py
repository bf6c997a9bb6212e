"""Random ids that derive from nobody.

An id that is a hash, a number or a time can be traced back to a person or an order of events
(threats D5); ours are 128 random bits. The source of randomness is passed in, so that a test can
replay a whole course.
"""

from __future__ import annotations

import base64
import secrets
from typing import Protocol

ID_BYTES = 16


class RandomSource(Protocol):
    """Where random bytes come from: the operating system, or a seeded generator in tests."""

    def token_bytes(self, nbytes: int, /) -> bytes:
        """Return `nbytes` random bytes."""
        ...


class SystemRandomSource:
    """The operating system's generator (`secrets`)."""

    def token_bytes(self, nbytes: int, /) -> bytes:
        """Return `nbytes` random bytes from the operating system."""
        return secrets.token_bytes(nbytes)


def new_id(random: RandomSource) -> str:
    """Draw a new id: 128 random bits as 22 URL-safe characters.

    None begins with a dash, so that every id can be typed as an argument of a command.
    """
    drawn = base64.urlsafe_b64encode(random.token_bytes(ID_BYTES)).rstrip(b"=").decode("ascii")
    return f"_{drawn[1:]}" if drawn.startswith("-") else drawn
