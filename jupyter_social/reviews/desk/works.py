"""What a review needs to know of the notebooks under review."""

from __future__ import annotations

import json
from collections.abc import Mapping


def cells_of(notebooks: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """Return the cell ids of each notebook."""
    return {
        name: frozenset(cell["id"] for cell in json.loads(data)["cells"])
        for name, data in notebooks.items()
    }
