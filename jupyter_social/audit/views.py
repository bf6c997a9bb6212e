"""What goes in and out of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jupyter_social.core.views import View


class ReadAudit(View):
    """Asks for the audit log."""


class AuditEntry(View):
    """One act: ids, counts and reasons, no names."""

    at: datetime
    actor: str
    kind: str
    subject: str | None
    data: dict[str, Any]


class AuditLog(View):
    """The log, oldest first."""

    entries: list[AuditEntry]
