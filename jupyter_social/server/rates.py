"""How fast one person may ask.

The bounds that decide anything are in the database; these only keep one person, or one runaway
script, from slowing down the class.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from jupyter_social.core.errors import TooMany

READ_SECONDS = 10


class Rates:
    """Counts reads and writes by user name, in this process."""

    def __init__(self, *, reads_per_ten_seconds: int, writes_per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._reads = RateLimitItemPerSecond(reads_per_ten_seconds, READ_SECONDS)
        self._writes = RateLimitItemPerMinute(writes_per_minute)

    def count(self, username: str, *, writes: bool) -> None:
        """Count one request, or raise `TooMany` with the seconds until the next is taken."""
        item = self._writes if writes else self._reads
        if self._limiter.hit(item, username):
            return
        reset = self._limiter.get_window_stats(item, username).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        raise TooMany(
            f"You are asking faster than the server lets anybody. Try again in {seconds} s.",
            retry_after=seconds,
        )
