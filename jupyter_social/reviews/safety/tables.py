"""What was reported, and which reviews are hidden: added to, never rewritten."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Integer, String, Table, Text

from jupyter_social.core.tables import Id, Instant, metadata, personal, plain

review_report = Table(
    "review_report",
    metadata,
    plain("id", Id, primary_key=True),
    plain("review_id", Id, ForeignKey("review.id"), nullable=False, unique=True),
    personal("reason", Text, nullable=False),
    plain("decision", String(16)),
    plain("note", Text),
    comment="An author's report of a review; without a decision it waits for staff.",
)

review_hiding = Table(
    "review_hiding",
    metadata,
    plain("review_id", Id, ForeignKey("review.id"), primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("hidden", Boolean, nullable=False),
    plain("reason", Text, nullable=False),
    plain("at", Instant, nullable=False),
    comment="The newest row tells whether staff hide a review; hidden, it counts no more.",
)
