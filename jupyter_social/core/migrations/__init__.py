"""The schema's history. Each file in `versions/` goes from one schema to the next.

The migrations are plain statements of their day and import nothing of today's tables; `alembic
check`, in the tests, holds their sum against the tables of all wings.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import MetaData


def all_tables() -> MetaData:
    """Return the tables of the core and of every wing that has a `tables` module."""
    import jupyter_social
    from jupyter_social.core import tables

    for found in _tables_below(jupyter_social.__path__, "jupyter_social"):
        importlib.import_module(found)
    return tables.metadata


def _tables_below(path: Iterable[str], package: str) -> Iterator[str]:
    """Yield the modules called `tables` in the rooms of the house, without opening the others."""
    for found in pkgutil.iter_modules(path):
        name = f"{package}.{found.name}"
        if found.name == "tables":
            yield name
        elif found.ispkg and found.name not in ("migrations", "cli"):
            yield from _tables_below([str(Path(part) / found.name) for part in path], name)
