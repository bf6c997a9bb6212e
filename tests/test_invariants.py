"""Each invariant is shown to notice: one fault at a time, and exactly one of them complains.

A round is played once; each fault damages a copy of its database behind the program's back, or
puts a wrong rule in the place of a right one.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from builders import SeededRandom
from invariants import INVARIANTS, broken
from workflow import Play, a_whole_round

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core.course import MarkPolicy
from jupyter_social.reviews.marks import book, rules

COMMENT = '[{"notebook": "work.ipynb", "cell": "nowhere", "text": "hm"}]'
HERE = "(SELECT id FROM course)"
SUBMITTED = "(SELECT id FROM review_task WHERE state = 'finished' ORDER BY id LIMIT 1)"
ONCE = """(SELECT review_id FROM review_entry JOIN review ON review.id = review_id
    WHERE reviewer IS NOT NULL GROUP BY review_id HAVING count(*) = 1 ORDER BY review_id LIMIT 1)"""
UNIT = "(SELECT id FROM unit WHERE assignment = 'ps1' ORDER BY id LIMIT 1)"
WORK = f"(SELECT id FROM submission WHERE unit_id = {UNIT} ORDER BY version LIMIT 1)"
OPEN = "(SELECT id FROM review_task WHERE state = 'open' ORDER BY id LIMIT 1)"
A_REVIEW_OF_ONES_OWN = [
    f"INSERT INTO given_away_task VALUES ('own', {HERE}, 'ps1', {UNIT}, {UNIT})",
    f"INSERT INTO review VALUES ('own', {HERE}, 'ps1', {UNIT}, {UNIT}, NULL, {WORK})",
    "INSERT INTO review_draft VALUES ('own', 1, '{}', '{}', '[]', '')",
]
NEW_PAIR = """FROM unit r JOIN unit a ON r.assignment = a.assignment AND r.id <> a.id
    JOIN submission s ON s.unit_id = a.id
    WHERE r.assignment = 'ps1' AND NOT EXISTS (
        SELECT 1 FROM review WHERE reviewer = r.id AND author = a.id) AND NOT EXISTS (
        SELECT 1 FROM review_task WHERE reviewer = r.id AND author = a.id) AND NOT EXISTS (
        SELECT 1 FROM given_away_task WHERE reviewer = r.id AND author = a.id)
    ORDER BY r.id, a.id LIMIT 1"""
AN_UNKNOWN_REVIEW = [
    f"INSERT INTO review SELECT 'new', s.course_id, 'ps1', a.id, r.id, NULL, s.id {NEW_PAIR}",
    "INSERT INTO review_draft VALUES ('new', 1, '{}', '{}', '[]', '')",
]
A_BEGUN_REVIEW = [
    f"INSERT INTO given_away_task SELECT 'new', s.course_id, 'ps1', r.id, a.id {NEW_PAIR}",
    """INSERT INTO review SELECT 'new', g.course_id, 'ps1', g.author, g.reviewer, NULL, s.id
    FROM given_away_task g JOIN submission s ON s.unit_id = g.author WHERE g.id = 'new' LIMIT 1""",
    "INSERT INTO review_draft VALUES ('new', 1, '{}', '{}', '[]', '')",
]


def loose(table: str) -> str:
    """The table without any of its constraints."""
    return f"""CREATE TABLE loose AS SELECT * FROM {table}; DROP TABLE {table};
    ALTER TABLE loose RENAME TO {table}"""


DAMAGE: list[tuple[str, list[str]]] = [
    (
        "a_unit_is_one_owner_in_one_assignment",
        [
            loose("unit"),
            f"""INSERT INTO unit SELECT 'twin', course_id, assignment, person_id, group_id
            FROM unit WHERE id = {UNIT}""",
        ],
    ),
    (
        "owners_of_units_are_in_the_course",
        [f"INSERT INTO unit VALUES ('stray', {HERE}, 'ps1', 'nobody', NULL)"],
    ),
    (
        "the_journal_does_not_tell_whose_pseudonym_it_is",
        [
            """UPDATE journal SET actor = (SELECT person_id FROM unit
            WHERE 'unit ' || unit.id = journal.actor) WHERE seq = (SELECT min(seq) FROM journal
            WHERE kind = 'review.begun' AND data LIKE '%ps1%')"""
        ],
    ),
    (
        "the_journal_names_nobody",
        [
            """UPDATE journal SET data = '{"who": "student003"}'
            WHERE seq = (SELECT min(seq) FROM journal WHERE kind = 'round.switched')"""
        ],
    ),
    (
        "stored_answers_do_not_tell_whose_pseudonym_it_is",
        [
            """UPDATE answer SET body = (SELECT '{"unit": "' || unit.person_id || '"}' FROM unit
            WHERE unit.person_id IS NOT NULL LIMIT 1)""",
        ],
    ),
    (
        "stored_answers_do_not_tell_whose_pseudonym_it_is",
        ["UPDATE answer SET at = '2026-01-28 11:22:33.123456'"],
    ),
    (
        "versions_of_a_hand_in_are_numbered",
        [f"UPDATE submission SET version = 9 WHERE id = {WORK}"],
    ),
    (
        "hand_ins_are_of_the_assignment_of_their_unit",
        [f"UPDATE preview SET assignment = 'team' WHERE unit_id = {UNIT}"],
    ),
    (
        "every_hand_in_has_files",
        [f"DELETE FROM submission_file WHERE submission_id = {WORK}"],
    ),
    (
        "a_unit_has_one_preview_and_hands_in_its_own",
        [
            loose("preview"),
            f"""INSERT INTO preview SELECT 'twin', course_id, assignment, unit_id, content_hash,
            notes, NULL FROM preview WHERE unit_id = {UNIT}""",
        ],
    ),
    (
        "what_is_handed_in_is_what_was_previewed",
        [
            f"""UPDATE anonymous_notebook SET sha256 = (SELECT max(sha256) FROM submission_file)
            WHERE submission_id = (SELECT submission_id FROM preview
            WHERE submission_id IS NOT NULL AND unit_id >= {UNIT} ORDER BY unit_id LIMIT 1)"""
        ],
    ),
    (
        "contents_fit_their_hashes",
        [
            """UPDATE blob SET content = x'00'
            WHERE sha256 = (SELECT max(sha256) FROM submission_file)"""
        ],
    ),
    (
        "every_content_is_there",
        ["DELETE FROM blob WHERE sha256 = (SELECT max(sha256) FROM submission_file)"],
    ),
    ("nobody_reviews_their_own_work", A_REVIEW_OF_ONES_OWN),
    (
        "reviewers_and_authors_are_of_one_assignment",
        [
            f"""INSERT INTO declared_conflict SELECT {HERE}, 'ps1', {UNIT}, id
            FROM unit WHERE assignment = 'team' LIMIT 1"""
        ],
    ),
    (
        "nobody_reviews_a_work_twice",
        [
            loose("review"),
            """INSERT INTO review SELECT 'twin', course_id, assignment, author, reviewer,
            staff_id, submission_id FROM review WHERE staff_id IS NOT NULL LIMIT 1""",
        ],
    ),
    (
        "a_reviewer_has_one_task_for_a_work",
        [
            """INSERT INTO given_away_task SELECT 'twin', course_id, assignment, reviewer, author
            FROM review_task LIMIT 1"""
        ],
    ),
    ("every_review_by_a_peer_comes_from_a_task", AN_UNKNOWN_REVIEW),
    (
        "a_review_is_of_its_authors_work",
        [
            f"""UPDATE review SET submission_id = (SELECT id FROM submission
            WHERE unit_id <> review.author LIMIT 1) WHERE id = {SUBMITTED}"""
        ],
    ),
    ("assignments_of_reviewers_can_be_proven", [f"DELETE FROM review_task WHERE id = {OPEN}"]),
    (
        "runs_are_numbered",
        ["UPDATE allocation_run SET number = 7 WHERE assignment = 'team'"],
    ),
    (
        "finished_tasks_are_the_submitted_ones",
        [f"UPDATE review_task SET state = 'begun' WHERE id = {SUBMITTED}"],
    ),
    (
        "tasks_are_open_until_their_review_begins",
        [f"UPDATE review_task SET state = 'begun' WHERE id = {OPEN}"],
    ),
    ("entries_are_numbered", [f"UPDATE review_entry SET number = 5 WHERE review_id = {ONCE}"]),
    (
        "a_review_is_submitted_and_taken_back_in_turns",
        [
            f"""INSERT INTO review_entry SELECT review_id, 2, kind, rubric, scores, remarks,
            comments, overall, at FROM review_entry WHERE review_id = {ONCE}"""
        ],
    ),
    (
        "a_review_that_has_begun_has_a_draft",
        [f"DELETE FROM review_draft WHERE review_id = {SUBMITTED}"],
    ),
    (
        "a_submitted_review_says_what_its_draft_says",
        [f"UPDATE review_draft SET overall = 'other' WHERE review_id = {SUBMITTED}"],
    ),
    (
        "the_rubric_of_an_entry_is_known",
        [f"UPDATE review_entry SET rubric = 99 WHERE review_id = {ONCE}"],
    ),
    (
        "rubrics_fit_their_hashes",
        ["""UPDATE rubric SET criteria = replace(criteria, '"title": "clear"', '"title": "x"')"""],
    ),
    (
        "a_submitted_review_is_whole_by_its_rubric",
        [
            f"""UPDATE {table} SET scores = '{{"clear": 333, "whole": 0}}'
            WHERE review_id = {ONCE}"""
            for table in ("review_entry", "review_draft")
        ],
    ),
    (
        "comments_point_to_cells_of_the_work",
        [
            f"UPDATE {table} SET comments = '{COMMENT}' WHERE review_id = {ONCE}"
            for table in ("review_entry", "review_draft")
        ],
    ),
    (
        "feedback_is_out_while_a_release_stands",
        ["UPDATE phase SET phase = 'review' WHERE assignment = 'ps1'"],
    ),
    (
        "at_most_one_release_stands",
        ["UPDATE release SET taken_back_at = NULL WHERE number = 1 AND assignment = 'ps1'"],
    ),
    (
        "releases_are_numbered",
        [
            f"UPDATE {table} SET number = 9 WHERE number = 2 AND assignment = 'ps1'"
            for table in ("release", "feedback_opened")
        ],
    ),
    (
        "feedback_is_named_for_reviews_that_were_submitted",
        [*A_BEGUN_REVIEW, "INSERT INTO feedback VALUES ('f', 'new', 7)"],
    ),
    (
        "released_reviews_have_a_name_for_their_author",
        [
            """DELETE FROM feedback WHERE id = (SELECT feedback.id FROM feedback JOIN review_task
            ON review_task.id = review_id WHERE state = 'finished' AND review_id NOT IN
            (SELECT review_id FROM review_report UNION SELECT review_id FROM helpfulness)
            LIMIT 1)"""
        ],
    ),
    (
        "feedback_stands_in_an_order_that_tells_nothing",
        [
            """UPDATE feedback SET position = (SELECT count(*) FROM review
            WHERE review.id <= feedback.review_id)"""
        ],
    ),
    (
        "feedback_was_opened_by_authors_of_a_release",
        [f"INSERT INTO feedback_opened VALUES ({HERE}, 'ps1', 99, {UNIT})"],
    ),
    (
        "feedback_was_opened_by_authors_of_a_release",
        [f"INSERT INTO feedback_opened VALUES ({HERE}, 'ps1', 2, 'nobody')"],
    ),
    (
        "authors_speak_only_of_released_reviews",
        [*A_BEGUN_REVIEW, "INSERT INTO helpfulness VALUES ('new', 1, '')"],
    ),
    ("hidings_are_numbered", ["UPDATE review_hiding SET number = 4"]),
    ("overrides_are_numbered", ["UPDATE mark_override SET number = 9 WHERE number = 2"]),
    (
        "overrides_fit_a_rubric",
        ["""UPDATE mark_override SET points = '{"clear": 99999}' WHERE number = 1"""],
    ),
    (
        "overrides_fit_a_rubric",
        ["""UPDATE mark_override SET points = '{"nope": 1}' WHERE number = 1"""],
    ),
    (
        "journal_numbers_are_dense",
        [
            """DELETE FROM journal WHERE seq = (SELECT min(seq) FROM journal
            WHERE kind = 'round.switched')"""
        ],
    ),
    (
        "a_course_is_paused_once",
        [loose("pause"), *2 * [f"INSERT INTO pause VALUES ({HERE}, '2026-01-11 00:00:00')"]],
    ),
    (
        "extensions_are_for_members",
        [
            """UPDATE extension SET person_id = 'nobody' WHERE person_id =
            (SELECT min(person_id) FROM extension)"""
        ],
    ),
]


@dataclass(frozen=True)
class Played:
    """The course folder and the database file of a round that was played to its end."""

    folder: Path
    database: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    database = folder / "state" / "course.db"
    play = Play(folder / "course", f"sqlite:///{database}")
    play.checks = False
    a_whole_round(play)
    play.close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return Played(folder / "course", database)


@pytest.fixture
def a_copy(played: Played, tmp_path: Path) -> Iterator[Callable[..., Application]]:
    """The played round as an application, its database damaged by these statements."""
    opened: list[Application] = []

    def make(statements: list[str] = []) -> Application:  # noqa: B006
        copy = shutil.copy(played.database, tmp_path / "course.db")
        damage(Path(copy), statements)
        app = open_application(
            CourseFolder(played.folder), f"sqlite:///{copy}", random=SeededRandom(7)
        )
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.close()


def damage(database: Path, statements: list[str]) -> None:
    """Change the database behind the program's back, whatever its constraints say."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            before = "\n".join(connection.iterdump())
            connection.executescript(statement)
            connection.commit()
            undamaged = "\n".join(connection.iterdump()) == before
            assert not undamaged, f"this damages nothing: {statement}"


def hidden_ones_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(book.Book, "counted", lambda self, author: self.received.get(author, []))


def the_first_review_decides(patch: pytest.MonkeyPatch) -> None:
    def first(criteria: Any, reviews: Any, **options: Any) -> rules.Mark:
        mark = rules.mark_of(criteria, reviews[:1], **options)
        return replace(mark, reviews=len(reviews))

    patch.setattr(book, "mark_of", first)


def points_are_summed(patch: pytest.MonkeyPatch) -> None:
    wrong = {MarkPolicy.MEDIAN: sum, MarkPolicy.MEAN: statistics.fmean}
    patch.setattr(rules, "POLICIES", wrong)


WRONG_RULES: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("marks_come_from_what_is_submitted_and_not_hidden", hidden_ones_count),
    ("marks_are_the_same_in_whatever_order", the_first_review_decides),
    ("marks_lie_within_what_was_given", points_are_summed),
]


def test_a_round_that_was_played_keeps_every_invariant(
    a_copy: Callable[..., Application],
) -> None:
    assert broken(a_copy()) == {}


@pytest.mark.parametrize(
    ("name", "statements"), DAMAGE, ids=[f"{n}-{name}" for n, (name, _) in enumerate(DAMAGE)]
)
def test_a_damaged_database_makes_exactly_one_invariant_complain(
    a_copy: Callable[..., Application], name: str, statements: list[str]
) -> None:
    assert list(broken(a_copy(statements))) == [name]


@pytest.mark.parametrize(("name", "rule"), WRONG_RULES, ids=[name for name, _ in WRONG_RULES])
def test_a_wrong_rule_makes_exactly_one_invariant_complain(
    a_copy: Callable[..., Application],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    rule: Callable[[pytest.MonkeyPatch], None],
) -> None:
    app = a_copy()
    rule(monkeypatch)
    assert list(broken(app)) == [name]


def test_every_invariant_has_a_fault_that_it_notices() -> None:
    assert {name for name, _ in [*DAMAGE, *WRONG_RULES]} == INVARIANTS.keys()
