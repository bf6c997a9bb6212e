"""Ordinary words that are also names.

`may`, `will`, `mark` or `test` in a text is hardly ever the person of that name. The list holds the
commonest words of English and of programming, and names of mathematics such as `taylor`; it is
read when first needed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def common_words() -> frozenset[str]:
    """Return the words, lower-case."""
    text = files(__package__).joinpath("common_words.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split() if not line.startswith("#"))
