"""What an installation without isolation must not pretend."""

from __future__ import annotations

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Conflict
from jupyter_social.core.operations import Act


class Untrusted(Conflict):
    """A graded round on a server that cannot keep people apart."""

    code = "not-isolated"
    title = "This server cannot promise anonymity"


def refuse_untrusted(act: Act, assignment: Assignment) -> None:
    """Refuse a graded round where users can read the service's files, unless that is accepted."""
    if assignment.graded and not act.trust.isolated and not act.trust.accepts_graded:
        raise Untrusted(
            f"{assignment.name} is graded, but whoever can run code on this server can read its "
            "files, so anonymity and marks cannot be promised. Run the course as a JupyterHub "
            "service, or accept it: c.Storage.accept_graded_without_isolation = True."
        )
