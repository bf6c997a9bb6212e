"""The command line as tests run it: in this process, or as the real program in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config.configurable import SingletonConfigurable

from jupyter_social.cli.main import main

BIN = Path(sys.executable).parent
PROGRAM = BIN / "jupyter-social"


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output; anything more or less is an error."""
        return json.loads(self.out)


def run(*arguments: object, cwd: Path) -> Done:
    """Run a command in this process; as piped, so without a terminal."""
    out, err = _Piped(), _Piped()
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _as_in_a_new_process(),
    ):
        try:
            main([str(argument) for argument in arguments])
            code: object = 0
        except SystemExit as left:
            code = left.code
    return Done(code if isinstance(code, int) else int(code is not None), out.text(), err.text())


def program(*arguments: object, cwd: Path, timeout: float = 120, **options: Any) -> Done:
    """Run the real program and wait for it."""
    done = subprocess.run(
        [PROGRAM, *(_argument(argument) for argument in arguments)],
        cwd=cwd,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
        **options,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def _argument(argument: object) -> str | bytes:
    return argument if isinstance(argument, bytes) else os.fspath(str(argument))


class _Piped(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        data: bytes = self.buffer.getvalue()  # type: ignore[attr-defined]
        return data.decode()


@contextlib.contextmanager
def _as_in_a_new_process() -> Iterator[None]:
    """Commands are singletons: forget them before and after."""
    _forget(SingletonConfigurable)
    try:
        yield
    finally:
        _forget(SingletonConfigurable)


def _forget(kind: type[SingletonConfigurable]) -> None:
    kind._instance = None
    for below in kind.__subclasses__():
        _forget(below)
