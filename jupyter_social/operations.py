"""The operation table: everything that can be asked of a course, one row each.

Routes, the OpenAPI document, the permission page and the authorisation tests read it whole; the
command line names single rows.
"""

from __future__ import annotations

from typing import Any

from jupyter_social.audit import operations as audit
from jupyter_social.core.operations import Operation
from jupyter_social.exchange import operations as exchange
from jupyter_social.privacy import operations as privacy
from jupyter_social.reviews import operations as reviews
from jupyter_social.roster import operations as roster

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *roster.OPERATIONS,
    *exchange.OPERATIONS,
    *reviews.OPERATIONS,
    *privacy.OPERATIONS,
    *audit.OPERATIONS,
)
