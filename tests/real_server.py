"""`jupyter server` with the extension in a process of its own, where whoever has the token NAME is
NAME.

`with running(folder, course, url) as server: server.client("teacher")` speaks to it. What differs
from a real installation stands in `CONFIGURATION`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import server_process
from postgres_server import _free_port
from server_faults import VARIABLE
from server_process import SECONDS, Client

CONFIGURATION = """
import server_faults
from server_process import TokenIsName

server_faults.switch_on()
c.ServerApp.identity_provider_class = TokenIsName
c.ServerApp.jpserver_extensions = {"jupyter_social": True}
c.ServerApp.allow_unauthenticated_access = False
c.SocialServer.reads_per_ten_seconds = 10_000_000
c.SocialServer.writes_per_minute = 10_000_000
c.SocialServer.job_seconds = 0.2
"""


@dataclass
class RealServer:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def client(self, username: str) -> Client:
        return Client(self.port, headers={"Authorization": f"token {username}"})

    def forget_most_memory(self) -> None:
        """Let `memory("VmHWM")` begin anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def memory(self, which: str) -> int:
        """The bytes it holds (`VmRSS`) or held at most (`VmHWM`)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(which))
        return int(line.split()[1]) * 1024


@contextmanager
def running(folder: Path, course: Path, url: str, *, fault: str = "") -> Iterator[RealServer]:
    """Run a server for the course; its own files are in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jupyter_server_config.py").write_text(CONFIGURATION)
    port, log = _free_port(), folder / "server.log"
    words = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    command = [sys.executable, "-m", "jupyter_server", *words, "--allow-root", "--ip=127.0.0.1"]
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command,
            cwd=course,
            stdout=written,
            stderr=written,
            env=_environment(folder, url, fault),
        ) as process,
    ):
        try:
            server = RealServer(process, port, log)
            _wait_until_open(server)
            yield server
        finally:
            process.kill()


def _environment(folder: Path, url: str, fault: str) -> dict[str, str]:
    ours = [str(Path(server_process.__file__).parent), *sys.path]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in ours if path),
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_SOCIAL_DATABASE": url,
        VARIABLE: fault,
    }


def _wait_until_open(server: RealServer) -> None:
    for _ in range(SECONDS * 40):
        try:
            if server.client("teacher").get("courses").status == 200:
                return
        except OSError:
            if server.process.poll() is not None:
                break
        time.sleep(0.05)
    raise AssertionError("the course was not opened: " + server.log.read_text())
