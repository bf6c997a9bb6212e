"""The people of the demo class. Nobody of these names is meant."""

from __future__ import annotations

import unicodedata

from jupyter_social.core.people import Identity, Role, RosterEntry

GROUP_SIZE = 4
GROUPS = ("herons", "otters", "swifts", "badgers", "lynxes", "storks")

_STUDENTS = (
    "Amara Okafor",
    "Bruno Keller",
    "Chiara Conti",
    "Daniel O'Brien",
    "Elif Yılmaz",
    "Fatima El Idrissi",
    "Grace Will",
    "Hiroshi Tanaka",
    "Inés Fernández",
    "Jakub Wiśniewski",
    "Kavya Menon",
    "Lars Sørensen",
    "May Lin",
    "Noor Haddad",
    "Oksana Shevchenko",
    "Pedro Nunes",
    "Quynh Pham",
    "Ravi Sharma",
    "Sinéad Murphy",
    "Tomáš Dvořák",
    "Uma Naidoo",
    "Victor Lefèvre",
    "Wanjiru Kamau",
    "Yuki Mori",
)
_STAFF = (("Maren Holt", Role.INSTRUCTOR), ("Sam Rivera", Role.ASSISTANT))


def roster() -> tuple[RosterEntry, ...]:
    """Return the class: an instructor, an assistant and 24 students in six groups."""
    staff = (RosterEntry(_identity(name), role) for name, role in _STAFF)
    students = (
        RosterEntry(_identity(name), Role.STUDENT, GROUPS[number // GROUP_SIZE])
        for number, name in enumerate(_STUDENTS)
    )
    return (*staff, *students)


def _identity(name: str) -> Identity:
    plain = unicodedata.normalize("NFD", name.replace("ø", "o").replace("ı", "i"))
    words = plain.encode("ascii", "ignore").decode().lower().split()
    username = ".".join("".join(filter(str.isalpha, word)) for word in (words[0], words[-1]))
    return Identity(username, name, f"{username}@example.org")
