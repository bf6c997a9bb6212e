"""The schema's history. Each file in `versions/` goes from one schema to the next.

The migrations are plain statements of their day and import nothing of today's tables; `alembic
check`, in the tests, holds their sum against the tables of all wings.
"""

from __future__ import annotations

import importlib.util
import pkgutil

from sqlalchemy import MetaData


def all_tables() -> MetaData:
    """Return the tables of the core and of every wing that has a `tables` module."""
    import jupyter_social
    from jupyter_social.core import tables

    for found in pkgutil.iter_modules(jupyter_social.__path__):
        if found.ispkg and _has_tables(found.name):
            importlib.import_module(f"jupyter_social.{found.name}.tables")
    return tables.metadata


def _has_tables(wing: str) -> bool:
    return importlib.util.find_spec(f"jupyter_social.{wing}.tables") is not None
