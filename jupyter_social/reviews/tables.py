"""Who reviews whom, in pseudonyms, and how it came about."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from jupyter_social.core.tables import Id, Instant, Name, Sha256, metadata, personal, plain

allocation_run = Table(
    "allocation_run",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    plain("number", Integer, primary_key=True, autoincrement=False),
    plain("algorithm", String(16), nullable=False),
    plain("inputs", JSON, nullable=False),
    plain("input_hash", Sha256, nullable=False),
    plain("output_hash", Sha256, nullable=False),
    plain("at", Instant, nullable=False),
    comment="The chain of runs, inputs and seed included, so that each can be replayed.",
)

review_task = Table(
    "review_task",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, nullable=False),
    plain("assignment", Name, nullable=False),
    plain("run", Integer, nullable=False),
    personal("reviewer", Id, ForeignKey("unit.id"), nullable=False),
    personal("author", Id, ForeignKey("unit.id"), nullable=False),
    plain("state", String(16), nullable=False),
    UniqueConstraint("course_id", "assignment", "reviewer", "author"),
    ForeignKeyConstraint(
        ["course_id", "assignment", "run"],
        ["allocation_run.course_id", "allocation_run.assignment", "allocation_run.number"],
    ),
    CheckConstraint("state IN ('open', 'begun', 'finished')", name="state"),
    CheckConstraint("reviewer <> author", name="not_self"),
)

declared_conflict = Table(
    "declared_conflict",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    personal("reviewer", Id, ForeignKey("unit.id"), primary_key=True),
    personal("author", Id, ForeignKey("unit.id"), primary_key=True),
)
