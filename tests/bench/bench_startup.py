"""What the extension adds to the start-up of a bare `jupyter server`: at most a twentieth.

The server is started in a course folder, with the extension and without it and with no other, in
turns, each in a process of its own; the clock stops at the first answer to `/api`. Medians. Exit 1
if the floor is missed.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from builders import Classroom

ROUNDS, LIMIT = 11, 1.05


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        Classroom.new(course, f"sqlite:///{course}/.jupyter-social/course.db").with_students(
            40
        ).close()
        seconds: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(ROUNDS + 1):
            for extended in (turn % 2 == 0, turn % 2 == 1):
                seconds[extended].append(started(course, Path(folder), extended=extended))
    bare, ours = (statistics.median(seconds[extended][1:]) for extended in (False, True))
    print(
        f"jupyter server: {bare:.2f} s, with the extension {ours:.2f} s, ratio {ours / bare:.3f} "
        f"(limit {LIMIT})"
    )
    return int(ours / bare > LIMIT)


def started(course: Path, folder: Path, *, extended: bool) -> float:
    """Start a server, wait for its first answer, and return how long that took."""
    port = free_port()
    config = folder / "config"
    config.mkdir(exist_ok=True)
    extensions = {"jupyter_social": extended}
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": extensions}})
    )
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_CONFIG_PATH": str(config),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_TOKEN": "bench",
    }
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={course}"),
        f"--ServerApp.config_file={config / 'jupyter_server_config.json'}",
    ]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(port):
            if process.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.002)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
