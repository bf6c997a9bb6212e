"""The audit log is a view of the journal: nothing is logged twice."""

from __future__ import annotations

from jupyter_social.audit.views import AuditEntry, AuditLog, ReadAudit
from jupyter_social.core import journal
from jupyter_social.core.events import AUDITED
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action

LIMIT = 10_000
UNDER_PSEUDONYM = "unit "


def read_audit(act: Act, request: ReadAudit) -> AuditLog:
    """Return what was done in the course, oldest first."""
    events = [
        event
        for event in journal.read_since(act.tx, act.course, 0, kinds=AUDITED, limit=LIMIT)
        if not event.actor.startswith(UNDER_PSEUDONYM)
    ]
    return AuditLog(
        entries=[
            AuditEntry(
                at=event.at,
                actor=event.actor,
                kind=event.kind,
                subject=event.subject,
                data=dict(event.data),
            )
            for event in events
        ]
    )


READ = Operation(
    name="audit.read",
    method="GET",
    path="/audit",
    call=read_audit,
    body=ReadAudit,
    returns=AuditLog,
    needs=Action.READ_AUDIT_LOG,
)
OPERATIONS = (READ,)
