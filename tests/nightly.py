"""How often a property is tried: as written in CI, many times more in the nightly run."""

from __future__ import annotations

import os

FACTOR = int(os.environ.get("NIGHTLY_FACTOR", "1"))


def times(examples: int) -> int:
    """The number of examples for this run."""
    return examples * FACTOR
