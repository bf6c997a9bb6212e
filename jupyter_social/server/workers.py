"""The threads in which requests are worked on, and a bound on how many wait for one.

The event loop serves everybody's notebooks: reading JSON, SQL and scrubbing happen here instead.
Whoever comes when the queue is full is asked to come again, so memory and waiting stay bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from jupyter_social.core.errors import Unavailable

T = TypeVar("T")


class Workers:
    """A pool of threads with a bounded queue."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="jupyter-social")
        self._most = threads + waiting
        self._busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread; raise `Unavailable` where too many wait already."""
        if self._busy >= self._most:
            raise Unavailable("Too many people are asking at once. Try again in a moment.")
        self._busy += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # Counted until it is done, not until nobody waits for it any more.
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    async def stop(self) -> None:
        """Let what has begun finish; nothing new is taken."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    def _done(self, _finished: object) -> None:
        self._busy -= 1
