"""Rounds: phases, previews, reviews, releases, marks, reports."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of a whole round; what was answered to keys is forgotten, once."""
    op.drop_table("answer")
    op.create_table(
        "answer",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_answer_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "id", name=op.f("pk_answer")),
        comment="What each write answered, so that a repeated request changes nothing.",
    )
    op.create_table(
        "extension",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_extension_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_extension_person_id_person")
        ),
        sa.PrimaryKeyConstraint("course_id", "assignment", "person_id", name=op.f("pk_extension")),
        comment="Later deadlines for one person; for group work it counts for the whole group.",
    )
    op.create_table(
        "pause",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_pause_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_pause")),
        comment="While a course has a row here, its students can neither read nor write.",
    )
    op.create_table(
        "phase",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "phase IN ('set-up', 'submission', 'review', 'released', 'closed')",
            name=op.f("ck_phase_phase"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_phase_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "assignment", name=op.f("pk_phase")),
        comment="Where the round of an assignment stands; without a row it is being set up.",
    )
    op.create_table(
        "release",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_release_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "assignment", "number", name=op.f("pk_release")),
    )
    op.create_table(
        "rubric",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_rubric_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "assignment", "version", name=op.f("pk_rubric")),
    )
    op.create_table(
        "feedback_opened",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "assignment", "number"],
            ["release.course_id", "release.assignment", "release.number"],
            name=op.f("fk_feedback_opened_course_id_assignment_number_release"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_feedback_opened_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "assignment", "number", "unit_id", name=op.f("pk_feedback_opened")
        ),
    )
    op.create_table(
        "given_away_task",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("reviewer", sa.String(length=22), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["author"], ["unit.id"], name=op.f("fk_given_away_task_author_unit")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_given_away_task_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["unit.id"], name=op.f("fk_given_away_task_reviewer_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_away_task")),
        comment="Open reviews that a repair gave to others; if done all the same, they count.",
    )
    op.create_table(
        "mark_override",
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_mark_override_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_mark_override_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "assignment", "unit_id", "number", name=op.f("pk_mark_override")
        ),
        comment="The newest row of a unit holds; one without points takes the override back.",
    )
    op.create_table(
        "preview",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("submission_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_preview_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_preview_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_preview_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_preview_unit_id")),
        comment="What somebody is about to hand in, already as peers would get it.",
    )
    op.create_table(
        "review",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("course_id", sa.String(length=22), nullable=False),
        sa.Column("assignment", sa.String(length=255), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.Column("reviewer", sa.String(length=22), nullable=True),
        sa.Column("staff_id", sa.String(length=22), nullable=True),
        sa.Column("submission_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(reviewer IS NULL) <> (staff_id IS NULL)", name=op.f("ck_review_one_reviewer")
        ),
        sa.CheckConstraint("reviewer <> author", name=op.f("ck_review_not_self")),
        sa.ForeignKeyConstraint(["author"], ["unit.id"], name=op.f("fk_review_author_unit")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_review_course_id_course")
        ),
        sa.ForeignKeyConstraint(["reviewer"], ["unit.id"], name=op.f("fk_review_reviewer_unit")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["person.id"], name=op.f("fk_review_staff_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("author", "staff_id", name=op.f("uq_review_author_staff_id")),
        sa.UniqueConstraint(
            "course_id",
            "assignment",
            "reviewer",
            "author",
            name=op.f("uq_review_course_id_assignment_reviewer_author"),
        ),
        comment="A review that has begun: of whose work, and of which version of it.",
    )
    op.create_index("ix_review_author", "review", ["author"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_feedback_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("review_id", name=op.f("uq_feedback_review_id")),
        comment="The author's own name and place for a review: both random, drawn at the release.",
    )
    op.create_table(
        "helpfulness",
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_helpfulness_review_id_review")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_helpfulness")),
        comment="Whether a review helped, as its author says: what staff learn about reviewing.",
    )
    op.create_table(
        "preview_file",
        sa.Column("preview_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["preview.id"], name=op.f("fk_preview_file_preview_id_preview")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_preview_file_sha256_blob")
        ),
        sa.PrimaryKeyConstraint("preview_id", "name", name=op.f("pk_preview_file")),
    )
    op.create_table(
        "preview_notebook",
        sa.Column("preview_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("cell_ids", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["preview.id"], name=op.f("fk_preview_notebook_preview_id_preview")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_preview_notebook_sha256_blob")
        ),
        sa.PrimaryKeyConstraint("preview_id", "name", name=op.f("pk_preview_notebook")),
    )
    op.create_table(
        "review_draft",
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("comments", sa.JSON(), nullable=False),
        sa.Column("overall", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_review_draft_version")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_draft_review_id_review")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_review_draft")),
    )
    op.create_table(
        "review_entry",
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rubric", sa.Integer(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("comments", sa.JSON(), nullable=False),
        sa.Column("overall", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('submitted', 'taken-back')", name=op.f("ck_review_entry_kind")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_review_entry_number")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_entry_review_id_review")
        ),
        sa.PrimaryKeyConstraint("review_id", "number", name=op.f("pk_review_entry")),
        comment="The ledger that marks come from: entries are added, never changed.",
    )
    op.create_table(
        "review_hiding",
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_hiding_review_id_review")
        ),
        sa.PrimaryKeyConstraint("review_id", "number", name=op.f("pk_review_hiding")),
        comment="The newest row tells whether staff hide a review; hidden, it counts no more.",
    )
    op.create_table(
        "review_report",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("review_id", sa.String(length=22), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_report_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_report")),
        sa.UniqueConstraint("review_id", name=op.f("uq_review_report_review_id")),
        comment="An author's report of a review; without a decision it waits for staff.",
    )
