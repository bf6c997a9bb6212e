"""Rubrics by version, and reviews: a draft that changes, entries that are only ever added."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from jupyter_social.core.tables import Id, Instant, Name, Sha256, metadata, personal, plain

rubric = Table(
    "rubric",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    plain("version", Integer, primary_key=True, autoincrement=False),
    plain("sha256", Sha256, nullable=False),
    plain("criteria", JSON, nullable=False),
    plain("at", Instant, nullable=False),
)

given_away_task = Table(
    "given_away_task",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("assignment", Name, nullable=False),
    personal("reviewer", Id, ForeignKey("unit.id"), nullable=False),
    personal("author", Id, ForeignKey("unit.id"), nullable=False),
    comment="Open reviews that a repair gave to others; if done all the same, they count.",
)

review = Table(
    "review",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("assignment", Name, nullable=False),
    personal("author", Id, ForeignKey("unit.id"), nullable=False),
    personal("reviewer", Id, ForeignKey("unit.id")),
    personal("staff_id", Id, ForeignKey("person.id")),
    plain("submission_id", Id, ForeignKey("submission.id"), nullable=False),
    CheckConstraint("(reviewer IS NULL) <> (staff_id IS NULL)", name="one_reviewer"),
    CheckConstraint("reviewer <> author", name="not_self"),
    UniqueConstraint("course_id", "assignment", "reviewer", "author"),
    UniqueConstraint("author", "staff_id"),
    comment="A review that has begun: of whose work, and of which version of it.",
)
Index("ix_review_author", review.c.author)

review_draft = Table(
    "review_draft",
    metadata,
    plain("review_id", Id, ForeignKey("review.id"), primary_key=True),
    plain("version", Integer, nullable=False),
    plain("scores", JSON, nullable=False),
    personal("remarks", JSON, nullable=False),
    personal("comments", JSON, nullable=False),
    personal("overall", Text, nullable=False),
    CheckConstraint("version > 0", name="version"),
)

review_entry = Table(
    "review_entry",
    metadata,
    plain("review_id", Id, ForeignKey("review.id"), primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("kind", String(16), nullable=False),
    plain("rubric", Integer, nullable=False),
    plain("scores", JSON, nullable=False),
    personal("remarks", JSON, nullable=False),
    personal("comments", JSON, nullable=False),
    personal("overall", Text, nullable=False),
    personal("at", Instant, nullable=False),
    CheckConstraint("kind IN ('submitted', 'taken-back')", name="kind"),
    CheckConstraint("number > 0", name="number"),
    comment="The ledger that marks come from: entries are added, never changed.",
)
