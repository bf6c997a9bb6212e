"""What staff decide about people's safety. Pure."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What staff decide about a reported review: it stays hidden, or shows again."""

    HIDE = "hide"
    KEEP = "keep"
