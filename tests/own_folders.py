"""Jupyter's folders for one test: nobody reads or writes the configuration of whoever runs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def own_folders(folder: object) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "RUNTIME"):
            patch.setenv(f"JUPYTER_{name}_DIR", f"{folder}/jupyter-{name.lower()}")
        patch.delenv("JUPYTER_SOCIAL_DATABASE", raising=False)
        yield
