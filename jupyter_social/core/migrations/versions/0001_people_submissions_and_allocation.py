"""People, the journal, submissions and the allocation of reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the first release."""
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("journal_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("name", name=op.f("uq_course_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "allocation_run",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("output_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_allocation_run_course_id_course")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "assignment", "number", name=op.f("pk_allocation_run")
        ),
        comment="The chain of runs, inputs and seed included, so that each can be replayed.",
    )
    op.create_table(
        "answer",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_answer_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "caller", "operation", "key", name=op.f("pk_answer")),
        comment="What each write answered, so that a repeated request changes nothing.",
    )
    op.create_table(
        "journal",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_journal_seq")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_journal_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "seq", name=op.f("pk_journal")),
    )
    op.create_table(
        "roster_group",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_roster_group_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_group")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_roster_group_course_id_id")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_roster_group_course_id_name")),
    )
    op.create_table(
        "member",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("group_id", sa.String(length=22), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('student', 'assistant', 'instructor')", name=op.f("ck_member_role")
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "group_id"],
            ["roster_group.course_id", "roster_group.id"],
            name=op.f("fk_member_course_id_group_id_roster_group"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_member_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_member_person_id_person")
        ),
        sa.PrimaryKeyConstraint("course_id", "person_id", name=op.f("pk_member")),
    )
    op.create_index(
        "uq_member_active_username",
        "member",
        ["course_id", "username"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=True),
        sa.Column("group_id", sa.String(length=22), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_unit_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_unit_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["roster_group.id"], name=op.f("fk_unit_group_id_roster_group")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_unit_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint(
            "course_id",
            "assignment",
            "group_id",
            name=op.f("uq_unit_course_id_assignment_group_id"),
        ),
        sa.UniqueConstraint(
            "course_id",
            "assignment",
            "person_id",
            name=op.f("uq_unit_course_id_assignment_person_id"),
        ),
        comment="Who hands in under which pseudonym: read by core.pseudonyms alone.",
    )
    op.create_table(
        "declared_conflict",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("reviewer", sa.String(length=22), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["author"], ["unit.id"], name=op.f("fk_declared_conflict_author_unit")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_declared_conflict_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["unit.id"], name=op.f("fk_declared_conflict_reviewer_unit")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "assignment", "reviewer", "author", name=op.f("pk_declared_conflict")
        ),
    )
    op.create_table(
        "review_task",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(length=22), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'begun', 'finished')", name=op.f("ck_review_task_state")
        ),
        sa.CheckConstraint("reviewer <> author", name=op.f("ck_review_task_not_self")),
        sa.ForeignKeyConstraint(["author"], ["unit.id"], name=op.f("fk_review_task_author_unit")),
        sa.ForeignKeyConstraint(
            ["course_id", "assignment", "run"],
            ["allocation_run.course_id", "allocation_run.assignment", "allocation_run.number"],
            name=op.f("fk_review_task_course_id_assignment_run_allocation_run"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["unit.id"], name=op.f("fk_review_task_reviewer_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_task")),
        sa.UniqueConstraint(
            "course_id",
            "assignment",
            "reviewer",
            "author",
            name=op.f("uq_review_task_course_id_assignment_reviewer_author"),
        ),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_submission_version")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_submission_course_id_course")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_submission_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("unit_id", "version", name=op.f("uq_submission_unit_id_version")),
    )
    op.create_table(
        "anonymous_notebook",
        sa.Column("submission_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("cell_ids", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_anonymous_notebook_sha256_blob")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_anonymous_notebook_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "name", name=op.f("pk_anonymous_notebook")),
        comment="What peers get, byte for byte; `source` and `cell_ids` lead back to the hand-in.",
    )
    op.create_table(
        "submission_file",
        sa.Column("submission_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_submission_file_sha256_blob")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_file_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "name", name=op.f("pk_submission_file")),
    )
