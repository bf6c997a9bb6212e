"""Submissions, their files, and the anonymous copies that peers get.

Contents are stored once, by SHA-256, in the database itself: a hand-in is then whole or not there
at all, whatever kills the process.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from jupyter_social.core.tables import Id, Instant, Name, Sha256, metadata, personal, plain

blob = Table(
    "blob",
    metadata,
    plain("sha256", Sha256, primary_key=True),
    plain("size", Integer, nullable=False),
    personal("content", LargeBinary, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("assignment", Name, nullable=False),
    personal("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    plain("version", Integer, nullable=False),
    plain("content_hash", Sha256, nullable=False),
    personal("notes", JSON, nullable=False),
    personal("received_at", Instant, nullable=False),
    personal("withdrawn_at", Instant),
    UniqueConstraint("unit_id", "version"),
    CheckConstraint("version > 0", name="version"),
)

submission_file = Table(
    "submission_file",
    metadata,
    plain("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    personal("name", String(1024), primary_key=True),
    plain("sha256", Sha256, ForeignKey("blob.sha256"), nullable=False),
)

anonymous_notebook = Table(
    "anonymous_notebook",
    metadata,
    plain("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    plain("name", Name, primary_key=True),
    personal("source", String(1024), nullable=False),
    plain("sha256", Sha256, ForeignKey("blob.sha256"), nullable=False),
    personal("cell_ids", JSON, nullable=False),
    personal("report", JSON, nullable=False),
    comment="What peers get, byte for byte; `source` and `cell_ids` lead back to the hand-in.",
)

preview = Table(
    "preview",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("assignment", Name, nullable=False),
    personal("unit_id", Id, ForeignKey("unit.id"), nullable=False, unique=True),
    plain("content_hash", Sha256, nullable=False),
    personal("notes", JSON, nullable=False),
    personal("submission_id", Id, ForeignKey("submission.id")),
    comment="What somebody is about to hand in, already as peers would get it.",
)

preview_file = Table(
    "preview_file",
    metadata,
    plain("preview_id", Id, ForeignKey("preview.id"), primary_key=True),
    personal("name", String(1024), primary_key=True),
    plain("sha256", Sha256, ForeignKey("blob.sha256"), nullable=False),
)

preview_notebook = Table(
    "preview_notebook",
    metadata,
    plain("preview_id", Id, ForeignKey("preview.id"), primary_key=True),
    plain("name", Name, primary_key=True),
    personal("source", String(1024), nullable=False),
    plain("sha256", Sha256, ForeignKey("blob.sha256"), nullable=False),
    personal("cell_ids", JSON, nullable=False),
    personal("report", JSON, nullable=False),
)
