"""The permission table: who may do what. An action or a role that is not written here is denied.

Roles are read from our own tables inside the transaction of the act itself, never from a request
or a cache (threats rule 2). Whoever is not allowed is told the same as somebody who asks for
something that does not exist (threats D8, I11).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.people import Actor, Role


class Action(StrEnum):
    """What can be asked of a course."""

    REPLACE_ROSTER = "replace-roster"
    READ_ROSTER = "read-roster"
    RECEIVE_SUBMISSIONS = "receive-submissions"
    LIST_SUBMISSIONS = "list-submissions"
    WITHDRAW_SUBMISSIONS = "withdraw-submissions"
    ASSIGN_REVIEWS = "assign-reviews"
    VERIFY_REVIEWS = "verify-reviews"
    SEE_REVIEW_STATUS = "see-review-status"
    REVEAL = "reveal"
    READ_AUDIT_LOG = "read-audit-log"


_LEADS = frozenset({Role.INSTRUCTOR, Role.OPERATOR})
_STAFF = frozenset({Role.ASSISTANT, Role.INSTRUCTOR, Role.OPERATOR})

PERMISSIONS: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.REPLACE_ROSTER: _LEADS,
        Action.READ_ROSTER: _STAFF,
        Action.RECEIVE_SUBMISSIONS: _STAFF,
        Action.LIST_SUBMISSIONS: _STAFF,
        Action.WITHDRAW_SUBMISSIONS: _LEADS,
        Action.ASSIGN_REVIEWS: _LEADS,
        Action.VERIFY_REVIEWS: _STAFF,
        Action.SEE_REVIEW_STATUS: _STAFF,
        Action.REVEAL: _LEADS,
        Action.READ_AUDIT_LOG: _LEADS,
    }
)


def may(actor: Actor, action: Action) -> bool:
    """Tell whether the actor may do this; what is not in the table is denied."""
    return actor.role in PERMISSIONS.get(action, frozenset())


def require(actor: Actor, action: Action) -> None:
    """Refuse with the uniform `NotFound` unless the actor may do this."""
    if not may(actor, action):
        raise NotFound(NOTHING_HERE)
