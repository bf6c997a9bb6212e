"""Rosters and notebooks for the tests and benches of scrubbing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing.folding import fold

_NAMES = Path(__file__).with_name("common_names.txt")


class SeededRandom:
    """A random source that a test can repeat."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, nbytes: int, /) -> bytes:
        return self._random.randbytes(nbytes)


def common_roster(size: int = 300) -> list[Identity]:
    """People with common names of many cultures; user names of the usual kinds."""
    lines = _NAMES.read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")][:size]
    roster: list[Identity] = []
    taken: set[str] = set()
    for number, name in enumerate(names):
        username = _username(name, number)
        while username in taken:
            username += str(number)
        taken.add(username)
        roster.append(Identity(username, name, f"{username}@uni.example.edu"))
    return roster


def _username(name: str, number: int) -> str:
    parts = [p for p in ("".join(c for c in w if c.isalnum()) for w in fold(name).split()) if p]
    if not "".join(parts).isascii():
        return f"st{10_000 + number}"
    kind = number % 4
    if kind == 0:
        return f"{parts[0]}.{parts[-1]}"
    if kind == 1:
        return f"{parts[0][0]}{parts[-1]}"
    if kind == 2:
        return parts[0]
    return f"{parts[-1]}{parts[0][0]}{number % 90 + 10}"


def a_notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"old-{number}")
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def markdown(source: str, **attachments: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "markdown", "metadata": {}, "source": source}
    if attachments:
        cell["attachments"] = attachments
    return cell


def code(source: str, *outputs: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    }


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"name": name, "output_type": "stream", "text": text}


def shows(mimetype: str, value: Any) -> dict[str, Any]:
    return {"data": {mimetype: value}, "metadata": {}, "output_type": "display_data"}


def fails(*traceback: str, evalue: str = "") -> dict[str, Any]:
    return {
        "ename": "ValueError",
        "evalue": evalue,
        "output_type": "error",
        "traceback": list(traceback),
    }
