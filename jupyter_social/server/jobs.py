"""The loop that does what falls due without anybody asking: deadlines, for one.

It looks every few seconds. A failure is logged and the loop goes on: one bad row must not keep a
class's deadlines from passing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from jupyter_social.core.errors import Problem
from jupyter_social.server.refusals import without_data


async def repeat(
    job: Callable[[], Awaitable[object]], *, seconds: float, log: logging.Logger
) -> None:
    """Do `job` every so many seconds until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await job()
        except Problem as problem:
            log.warning("A job of jupyter_social has to wait: %s", problem.code)
        except Exception as error:
            log.error("A job of jupyter_social failed; it is tried again.\n%s", without_data(error))
