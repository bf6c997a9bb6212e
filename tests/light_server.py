"""The course's service without a Jupyter server, to be killed and started again in no time.

`python light_server.py FOLDER URL LOG` imports the program once. For each line on its input it
forks a process that opens the course and serves it at the operator's door, as the process of a
Jupyter server would (the same service, handlers, threads and database), and prints its id. Only
Jupyter's own handlers and its identity provider are missing: people are acted for by name. The
line names a fault to be switched on, or none.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import server_faults

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.watched_folder import WatchedCourseFolder
from jupyter_social.config import SocialServer
from jupyter_social.operations import OPERATIONS
from jupyter_social.server import operator_door, rates
from jupyter_social.server.service import Service

PRELOADED = (OPERATIONS, operator_door, rates)


def main(folder: str, url: str, log: str) -> None:
    child = 0
    try:
        for fault in sys.stdin:
            if child:
                os.waitpid(child, 0)
            child = os.fork()
            if not child:
                server_faults.switch_on(fault.strip())
                serve(Path(folder), url, log)
            print(child, flush=True)
    finally:
        with suppress(ProcessLookupError):
            if child:
                os.kill(child, signal.SIGKILL)


def serve(folder: Path, url: str, log: str) -> None:
    """Serve until somebody kills this process."""
    os.close(0)
    logging.basicConfig(filename=log, level=logging.INFO)
    try:
        asyncio.run(_serve(folder, url))
    except BaseException:
        logging.getLogger().exception("The server died by itself.")
    finally:
        os._exit(1)


async def _serve(folder: Path, url: str) -> None:
    logger = logging.getLogger("light")

    def opened() -> Application:
        return open_application(WatchedCourseFolder(folder, log=logger), url)

    Service(opened, SocialServer(job_seconds=0.5, retry_seconds=0.05), log=logger).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
