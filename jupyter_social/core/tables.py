"""The tables every wing stands on, and the column types all tables share.

Each column says in its `info` whether it holds personal data: export, erasure and retention go by
that mark, and a test refuses a column without one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC on every database; a naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite returns naive values; they were stored in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def plain(name: str, type_: Any, *constraints: Any, **options: Any) -> Column[Any]:
    """A column without personal data."""
    return Column(name, type_, *constraints, info={"personal": False}, **options)


def personal(name: str, type_: Any, *constraints: Any, **options: Any) -> Column[Any]:
    """A column that holds what a person is, wrote or did: exported and erased with the person."""
    return Column(name, type_, *constraints, info={"personal": True}, **options)


Id = String(22)
Name = String(255)
Sha256 = String(64)

course = Table(
    "course",
    metadata,
    plain("id", Id, primary_key=True),
    plain("name", Name, nullable=False, unique=True),
    plain("journal_seq", Integer, nullable=False, server_default="0"),
    plain("created_at", Instant, nullable=False),
)

person = Table(
    "person",
    metadata,
    personal("id", Id, primary_key=True),
    personal("created_at", Instant, nullable=False),
)

roster_group = Table(
    "roster_group",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("name", Name, nullable=False),
    UniqueConstraint("course_id", "name"),
    UniqueConstraint("course_id", "id"),
)

member = Table(
    "member",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    personal("person_id", Id, ForeignKey("person.id"), primary_key=True),
    personal("username", Name, nullable=False),
    personal("name", Name, nullable=False),
    personal("email", Name, nullable=False),
    plain("role", String(16), nullable=False),
    personal("group_id", Id),
    plain("active", Boolean, nullable=False),
    personal("joined_at", Instant, nullable=False),
    personal("left_at", Instant),
    CheckConstraint("role IN ('student', 'assistant', 'instructor')", name="role"),
    ForeignKeyConstraint(["course_id", "group_id"], ["roster_group.course_id", "roster_group.id"]),
)

Index(
    "uq_member_active_username",
    member.c.course_id,
    member.c.username,
    unique=True,
    sqlite_where=text("active"),
    postgresql_where=text("active"),
)

unit = Table(
    "unit",
    metadata,
    plain("id", Id, primary_key=True),
    plain("course_id", Id, ForeignKey("course.id"), nullable=False),
    plain("assignment", Name, nullable=False),
    personal("person_id", Id, ForeignKey("person.id")),
    personal("group_id", Id, ForeignKey("roster_group.id")),
    CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", name="one_owner"),
    UniqueConstraint("course_id", "assignment", "person_id"),
    UniqueConstraint("course_id", "assignment", "group_id"),
    comment="Who hands in under which pseudonym: read by core.pseudonyms alone.",
)

journal = Table(
    "journal",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("seq", Integer, primary_key=True, autoincrement=False),
    plain("at", Instant, nullable=False),
    personal("actor", String(64), nullable=False),
    plain("kind", String(64), nullable=False),
    plain("subject", Name),
    personal("data", JSON, nullable=False),
    CheckConstraint("seq > 0", name="seq"),
)

phase = Table(
    "phase",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    plain("phase", String(16), nullable=False),
    plain("since", Instant, nullable=False),
    CheckConstraint(
        "phase IN ('set-up', 'submission', 'review', 'released', 'closed')", name="phase"
    ),
    comment="Where the round of an assignment stands; without a row it is being set up.",
)

extension = Table(
    "extension",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("assignment", Name, primary_key=True),
    personal("person_id", Id, ForeignKey("person.id"), primary_key=True),
    personal("due", Instant),
    personal("review_due", Instant),
    comment="Later deadlines for one person; for group work it counts for the whole group.",
)

pause = Table(
    "pause",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("since", Instant, nullable=False),
    comment="While a course has a row here, its students can neither read nor write.",
)

answer = Table(
    "answer",
    metadata,
    plain("course_id", Id, ForeignKey("course.id"), primary_key=True),
    plain("id", Sha256, primary_key=True),
    plain("operation", String(64), nullable=False),
    plain("request_hash", Sha256, nullable=False),
    plain("body", Text),
    plain("at", Instant, nullable=False),
    comment="What each write answered, so that a repeated request changes nothing.",
)
