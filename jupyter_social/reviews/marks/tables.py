"""Releases, what authors did with the feedback, and overrides: added to, never rewritten."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
)

from jupyter_social.core.tables import Id, Instant, Name, metadata, personal, plain

release = Table(
    "release",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("at", Instant, nullable=False),
    plain("taken_back_at", Instant),
    plain("reason", Text),
)

feedback = Table(
    "feedback",
    metadata,
    plain("id", Id, primary_key=True),
    plain("review_id", Id, ForeignKey("review.id"), nullable=False, unique=True),
    plain("position", BigInteger, nullable=False),
    comment="The author's own name and place for a review: both random, drawn at the release.",
)

feedback_opened = Table(
    "feedback_opened",
    metadata,
    plain("course_id", Id, primary_key=True),
    plain("assignment", Name, primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    personal("unit_id", Id, ForeignKey("unit.id"), primary_key=True),
    ForeignKeyConstraint(
        ["course_id", "assignment", "number"],
        ["release.course_id", "release.assignment", "release.number"],
    ),
)

helpfulness = Table(
    "helpfulness",
    metadata,
    plain("review_id", Id, ForeignKey("review.id"), primary_key=True),
    personal("helpful", Boolean, nullable=False),
    personal("text", Text, nullable=False),
    comment="Whether a review helped, as its author says: what staff learn about reviewing.",
)

mark_override = Table(
    "mark_override",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    personal("unit_id", Id, ForeignKey("unit.id"), primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("points", JSON, nullable=False),
    personal("reason", Text, nullable=False),
    plain("at", Instant, nullable=False),
    comment="The newest row of a unit holds; one without points takes the override back.",
)
