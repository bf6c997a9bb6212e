"""What holds of every database, whatever was done to it: one small function for each promise.

`check_all(app)` reads a whole database and says in sentences what is broken. It runs after every
test that makes a course, and after every step of the workflow machine. What can be told from the
rows alone is told from the rows, without the program's help.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from jupyter_social.app import Application
from jupyter_social.authoring.findings import InvalidFiles
from jupyter_social.core.clock import SystemClock
from jupyter_social.core.course import Course
from jupyter_social.core.errors import NotFound
from jupyter_social.core.events import EVENTS, Recorded
from jupyter_social.core.operations import Act
from jupyter_social.core.people import OPERATOR
from jupyter_social.core.tables import metadata
from jupyter_social.exchange import store as hand_ins
from jupyter_social.privacy.operations import TOMBSTONE
from jupyter_social.reviews.marks.book import Book, book_of
from jupyter_social.reviews.verification import verify_assignment

Row = Mapping[str, Any]
Pair = tuple[str, str]
Invariant = Callable[["Whole"], Iterator[str]]
INVARIANTS: dict[str, Invariant] = {}
FREE_TEXT = {"reason", "note"}
BY_STUDENTS = {kind.value for kind, event in EVENTS.items() if event.under is Recorded.UNIT}
"""What only students do, and so what stands in the journal under a pseudonym."""


@dataclass
class Whole:
    """A whole database as rows, read once, and the course that its application works for."""

    app: Application
    tx: Connection

    def __post_init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def rows(self, table: str) -> list[Row]:
        if table not in self._rows:
            query = select(metadata.tables[table])
            self._rows[table] = [dict(row) for row in self.tx.execute(query).mappings()]
        return self._rows[table]

    def by_id(self, table: str) -> dict[str, Row]:
        return {row["id"]: row for row in self.rows(table)}

    @cached_property
    def reviews(self) -> dict[str, Row]:
        return self.by_id("review")

    @cached_property
    def tasks(self) -> dict[str, Row]:
        return self.by_id("review_task")

    @cached_property
    def given_away(self) -> dict[str, Row]:
        return self.by_id("given_away_task")

    @cached_property
    def drafts(self) -> dict[str, Row]:
        return {row["review_id"]: row for row in self.rows("review_draft")}

    @cached_property
    def entries(self) -> dict[str, list[Row]]:
        """The entries of each review, first to last."""
        return grouped(self.rows("review_entry"), "review_id", order="number")

    @cached_property
    def newest(self) -> dict[str, Row]:
        return {review: entries[-1] for review, entries in self.entries.items()}

    @cached_property
    def hidden(self) -> set[str]:
        lines = grouped(self.rows("review_hiding"), "review_id", order="number")
        return {review for review, hidings in lines.items() if hidings[-1]["hidden"]}

    @cached_property
    def rubrics(self) -> dict[tuple[str, str, int], dict[str, Row]]:
        """Each version of a rubric, as criteria by key."""
        return {
            (row["course_id"], row["assignment"], row["version"]): {
                criterion["key"]: criterion for criterion in row["criteria"]
            }
            for row in self.rows("rubric")
        }

    @cached_property
    def releases(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted(self.rows("release"), key=lambda row: row["number"]):
            found[place(row)].append(row)
        return found

    @cached_property
    def people_of(self) -> dict[str, set[str]]:
        """The people behind each unit: a person, or whoever is or was in the group."""
        in_group = grouped(self.rows("member"), "group_id")
        return {
            unit["id"]: {unit["person_id"]}
            if unit["person_id"]
            else {member["person_id"] for member in in_group.get(unit["group_id"], [])}
            for unit in self.rows("unit")
        }

    @cached_property
    def owned(self) -> dict[str, set[str]]:
        """What is under a pseudonym of each person: units, submissions, previews, reviews."""
        found: dict[str, set[str]] = defaultdict(set)
        held = [(unit, unit) for unit in self.people_of]
        held += [(row["unit_id"], row["id"]) for row in self.rows("submission")]
        held += [(row["unit_id"], row["id"]) for row in self.rows("preview")]
        for table in ("review_task", "given_away_task", "review"):
            held += [(row["reviewer"], row["id"]) for row in self.rows(table) if row["reviewer"]]
        held += [(row["author"], row["id"]) for row in self.rows("review")]
        for unit, id in held:
            for person in self.people_of.get(unit, ()):
                found[person].add(id)
        return found

    @cached_property
    def emptied(self) -> set[str]:
        """The submissions of people who were erased: that there was one stays, without contents."""
        gone = {
            row["person_id"] for row in self.rows("member") if row["username"].startswith(TOMBSTONE)
        }
        units = {row["id"] for row in self.rows("unit") if row["person_id"] in gone}
        return {row["id"] for row in self.rows("submission") if row["unit_id"] in units}

    @cached_property
    def course(self) -> Course | None:
        """The course as its files describe it, None where they cannot be read just now."""
        try:
            return self.app.files.course
        except (InvalidFiles, NotFound):
            return None

    @cached_property
    def books(self) -> list[Book]:
        """The mark books of the application's course, where every rubric is known."""
        if self.course is None:
            return []
        act = Act(
            self.tx,
            OPERATOR,
            self.app.course,
            files=self.app.files,
            hand_ins=hand_ins,
            clock=SystemClock(),
            random=self.app.random,
            trust=self.app.trust,
        )
        begun = {row["assignment"] for row in self.rows("review")}
        wanted = [a for a in self.course.assignments.values() if a.name in begun]
        found = [book_of(act, assignment) for assignment in wanted]
        return [b for b in found if all(e.rubric in b.rubrics for e in b.reviews.values())]


def broken(app: Application) -> dict[str, list[str]]:
    """Return what each invariant complains about; those that hold are not in it."""

    def look(tx: Connection) -> dict[str, list[str]]:
        whole = Whole(app, tx)
        found = {name: list(invariant(whole)) for name, invariant in INVARIANTS.items()}
        return {name: complaints for name, complaints in found.items() if complaints}

    return app.database.read(look)


def check_all(app: Application) -> None:
    """Fail with every sentence about what is broken."""
    found = broken(app)
    assert not found, "\n".join(
        f"{name}: {sentence}" for name, complaints in found.items() for sentence in complaints
    )


def invariant(function: Invariant) -> Invariant:
    INVARIANTS[function.__name__] = function
    return function


def grouped(rows: Iterable[Row], key: str, *, order: str = "") -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[order]) if order else rows:
        found[row[key]].append(row)
    return dict(found)


def place(row: Row) -> tuple[str, str]:
    return row["course_id"], row["assignment"]


def numbered(rows: Iterable[Row], key: str, number: str = "number") -> Iterator[str]:
    """Say whose numbers are not 1, 2, … without a gap."""
    for owner, lines in grouped(rows, key, order=number).items():
        numbers = [line[number] for line in lines]
        if numbers != list(range(1, len(lines) + 1)):
            yield f"{owner} has the numbers {numbers}."


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def strings(value: Any) -> Iterator[str]:
    """Every string within a JSON value, but free text, in which staff may write what they like."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in FREE_TEXT:
                yield from (key, *strings(inner))
    elif isinstance(value, Sequence):
        for inner in value:
            yield from strings(inner)


# --- pseudonyms ---------------------------------------------------------------------------------


@invariant
def a_unit_is_one_owner_in_one_assignment(whole: Whole) -> Iterator[str]:
    owners = Counter(
        (*place(unit), unit["person_id"], unit["group_id"]) for unit in whole.rows("unit")
    )
    yield from (f"{owner} has {n} pseudonyms." for owner, n in owners.items() if n > 1)
    for unit in whole.rows("unit"):
        if (unit["person_id"] is None) == (unit["group_id"] is None):
            yield f"Unit {unit['id']} is not of one owner."


@invariant
def owners_of_units_are_in_the_course(whole: Whole) -> Iterator[str]:
    known = {(row["course_id"], row["person_id"]) for row in whole.rows("member")}
    known |= {(row["course_id"], row["id"]) for row in whole.rows("roster_group")}
    for unit in whole.rows("unit"):
        if (unit["course_id"], unit["person_id"] or unit["group_id"]) not in known:
            yield f"The owner of unit {unit['id']} is not in its course."


@invariant
def the_journal_does_not_tell_whose_pseudonym_it_is(whole: Whole) -> Iterator[str]:
    people = set(whole.owned)
    for row in whole.rows("journal"):
        said = {row["actor"], *row["actor"].split(), row["subject"], *strings(row["data"])}
        for person in said & people:
            if theirs := said & whole.owned[person]:
                yield f"Event {row['seq']} says that {theirs} is of {person}."
        if (row["kind"] in BY_STUDENTS) != row["actor"].startswith("unit "):
            yield f"Event {row['seq']} ({row['kind']}) is by {row['actor']}."


@invariant
def the_journal_names_nobody(whole: Whole) -> Iterator[str]:
    public = {row["assignment"] for row in whole.rows("unit")} | {"operator", "deadline"}
    names = {
        member[field]
        for member in whole.rows("member")
        for field in ("username", "name", "email")
        if len(member[field]) > 1
    } - public
    for row in whole.rows("journal"):
        said = {row["actor"], row["subject"], *(v for v in values(row["data"]))}
        if found := said & names:
            yield f"Event {row['seq']} names {found}."


def values(data: Any) -> Iterator[str]:
    """The strings of a JSON object that are values, and not keys."""
    keys = set(data) if isinstance(data, Mapping) else set()
    yield from (found for found in strings(data) if found not in keys)


@invariant
def stored_answers_do_not_tell_whose_pseudonym_it_is(whole: Whole) -> Iterator[str]:
    for row in whole.rows("answer"):
        body = set(strings(json.loads(row["body"]))) if row["body"] else set()
        told = {*body, *(str(value) for name, value in row.items() if name != "body")}
        if found := told & whole.owned.keys():
            yield f"An answer to {row['operation']} says that {found} asked."
        if (row["at"].hour, row["at"].minute, row["at"].second, row["at"].microsecond) != (0,) * 4:
            yield f"The answer to {row['operation']} is stored with its instant."


# --- hand-ins -----------------------------------------------------------------------------------


@invariant
def versions_of_a_hand_in_are_numbered(whole: Whole) -> Iterator[str]:
    yield from numbered(whole.rows("submission"), "unit_id", "version")


@invariant
def hand_ins_are_of_the_assignment_of_their_unit(whole: Whole) -> Iterator[str]:
    units = whole.by_id("unit")
    for table in ("submission", "preview"):
        for row in whole.rows(table):
            if place(units[row["unit_id"]]) != place(row):
                yield f"The {table} {row['id']} is of another assignment than its unit."


@invariant
def every_hand_in_has_files(whole: Whole) -> Iterator[str]:
    full = {row["submission_id"] for row in whole.rows("submission_file")}
    for id in whole.by_id("submission").keys() - full - whole.emptied:
        yield f"Submission {id} has no files."


@invariant
def a_unit_has_one_preview_and_hands_in_its_own(whole: Whole) -> Iterator[str]:
    counts = Counter(row["unit_id"] for row in whole.rows("preview"))
    yield from (f"Unit {unit} has {n} previews." for unit, n in counts.items() if n > 1)
    submissions = whole.by_id("submission")
    for row in whole.rows("preview"):
        taken = row["submission_id"]
        if taken and submissions[taken]["unit_id"] != row["unit_id"]:
            yield f"The preview {row['id']} became somebody else's submission."


@invariant
def what_is_handed_in_is_what_was_previewed(whole: Whole) -> Iterator[str]:
    for shown, kept in (
        ("preview_file", "submission_file"),
        ("preview_notebook", "anonymous_notebook"),
    ):
        previews = grouped(whole.rows(shown), "preview_id")
        submissions = grouped(whole.rows(kept), "submission_id")
        for row in whole.rows("preview"):
            seen = {(f["name"], f["sha256"]) for f in previews.get(row["id"], [])}
            taken = submissions.get(row["submission_id"], [])
            if taken and seen != {(f["name"], f["sha256"]) for f in taken}:
                yield f"Submission {row['submission_id']} is not what its author looked at."


@invariant
def contents_fit_their_hashes(whole: Whole) -> Iterator[str]:
    for row in whole.rows("blob"):
        if sha256(row["content"]) != row["sha256"] or len(row["content"]) != row["size"]:
            yield f"The content {row['sha256'][:8]} does not fit its hash or size."


@invariant
def every_content_is_there(whole: Whole) -> Iterator[str]:
    here = {row["sha256"] for row in whole.rows("blob")}
    for table in ("submission_file", "anonymous_notebook", "preview_file", "preview_notebook"):
        for row in whole.rows(table):
            if row["sha256"] not in here:
                yield f"The content of {row['name']} in {table} is missing."


# --- who reviews whom ---------------------------------------------------------------------------


@invariant
def nobody_reviews_their_own_work(whole: Whole) -> Iterator[str]:
    for table in ("review_task", "given_away_task", "declared_conflict", "review"):
        for row in whole.rows(table):
            if row["reviewer"] == row["author"]:
                yield f"Unit {row['author']} stands in {table} on both sides."


@invariant
def reviewers_and_authors_are_of_one_assignment(whole: Whole) -> Iterator[str]:
    units = whole.by_id("unit")
    for table in ("review_task", "given_away_task", "declared_conflict", "review"):
        for row in whole.rows(table):
            for unit in {row["reviewer"], row["author"]} - {None}:
                if place(units[unit]) != place(row):
                    yield f"Unit {unit} stands in {table} of another assignment."


@invariant
def nobody_reviews_a_work_twice(whole: Whole) -> Iterator[str]:
    pairs = Counter(
        (row["reviewer"] or row["staff_id"], row["author"]) for row in whole.rows("review")
    )
    yield from (f"{pair[0]} reviews {pair[1]} {n} times." for pair, n in pairs.items() if n > 1)


@invariant
def a_reviewer_has_one_task_for_a_work(whole: Whole) -> Iterator[str]:
    rows = [*whole.tasks.values(), *whole.given_away.values()]
    pairs = Counter((row["reviewer"], row["author"]) for row in rows)
    yield from (f"{pair} stands in {n} tasks." for pair, n in pairs.items() if n > 1)


@invariant
def every_review_by_a_peer_comes_from_a_task(whole: Whole) -> Iterator[str]:
    tasks = {**whole.given_away, **whole.tasks}
    for id, review in whole.reviews.items():
        if review["reviewer"] is None:
            continue
        task = tasks.get(id)
        if task is None:
            yield f"Review {id} was never anybody's task."
        elif [task[end] for end in ("reviewer", "author")] != [
            review[end] for end in ("reviewer", "author")
        ]:
            yield f"Review {id} is of another pair than its task."


@invariant
def a_review_is_of_its_authors_work(whole: Whole) -> Iterator[str]:
    submissions = whole.by_id("submission")
    for id, review in whole.reviews.items():
        if submissions[review["submission_id"]]["unit_id"] != review["author"]:
            yield f"Review {id} is bound to a work that is not its author's."


@invariant
def assignments_of_reviewers_can_be_proven(whole: Whole) -> Iterator[str]:
    for course, assignment in sorted({place(row) for row in whole.rows("allocation_run")}):
        found = verify_assignment(whole.tx, course, assignment)
        if not found.holds:
            yield f"{assignment}: {found.problems} {[run.problems for run in found.runs]}"


@invariant
def runs_are_numbered(whole: Whole) -> Iterator[str]:
    runs = [{**row, "of": place(row)} for row in whole.rows("allocation_run")]
    yield from numbered(runs, "of")


# --- reviews ------------------------------------------------------------------------------------


@invariant
def finished_tasks_are_the_submitted_ones(whole: Whole) -> Iterator[str]:
    for id, task in whole.tasks.items():
        newest = whole.newest.get(id)
        submitted = newest is not None and newest["kind"] == "submitted"
        if (task["state"] == "finished") != submitted:
            yield f"Task {id} is {task['state']}, its newest entry {newest and newest['kind']}."


@invariant
def tasks_are_open_until_their_review_begins(whole: Whole) -> Iterator[str]:
    for id, task in whole.tasks.items():
        if (task["state"] == "open") != (id not in whole.reviews):
            yield f"Task {id} is {task['state']}; its review has begun: {id in whole.reviews}."


@invariant
def entries_are_numbered(whole: Whole) -> Iterator[str]:
    yield from numbered(whole.rows("review_entry"), "review_id")


@invariant
def a_review_is_submitted_and_taken_back_in_turns(whole: Whole) -> Iterator[str]:
    for id, entries in whole.entries.items():
        kinds = [entry["kind"] for entry in entries]
        wanted = ["submitted", "taken-back"] * len(kinds)
        if whole.reviews[id]["staff_id"]:
            wanted = ["submitted"] * len(kinds)
        if kinds != wanted[: len(kinds)]:
            yield f"Review {id} was {', then '.join(kinds)}."


@invariant
def a_review_that_has_begun_has_a_draft(whole: Whole) -> Iterator[str]:
    for id, review in whole.reviews.items():
        if bool(review["reviewer"]) != (id in whole.drafts):
            yield f"Review {id} has a draft: {id in whole.drafts}."


@invariant
def a_submitted_review_says_what_its_draft_says(whole: Whole) -> Iterator[str]:
    fields = ("scores", "remarks", "comments", "overall")
    for id, entry in whole.newest.items():
        draft = whole.drafts.get(id)
        if not draft or entry["kind"] != "submitted":
            continue
        if [draft[field] for field in fields] != [entry[field] for field in fields]:
            yield f"Review {id} was submitted with another text than its draft's."


@invariant
def the_rubric_of_an_entry_is_known(whole: Whole) -> Iterator[str]:
    for id, entries in whole.entries.items():
        for entry in entries:
            if (*place(whole.reviews[id]), entry["rubric"]) not in whole.rubrics:
                yield f"Entry {entry['number']} of {id} is by an unknown rubric."


@invariant
def rubrics_fit_their_hashes(whole: Whole) -> Iterator[str]:
    for row in whole.rows("rubric"):
        if sha256(json.dumps(row["criteria"], sort_keys=True).encode()) != row["sha256"]:
            yield f"Version {row['version']} of the rubric of {row['assignment']} was changed."
    rows = [{**row, "of": place(row)} for row in whole.rows("rubric")]
    yield from numbered(rows, "of", "version")


@invariant
def a_submitted_review_is_whole_by_its_rubric(whole: Whole) -> Iterator[str]:
    for id, entries in whole.entries.items():
        for entry in entries:
            rubric = whole.rubrics.get((*place(whole.reviews[id]), entry["rubric"]))
            if rubric is None or entry["kind"] != "submitted":
                continue
            if entry["scores"].keys() != rubric.keys():
                yield f"Entry {entry['number']} of {id} scores {sorted(entry['scores'])}."
            for key, points in entry["scores"].items():
                levels = [level["points"] for level in rubric.get(key, {"levels": ()})["levels"]]
                if key in rubric and points not in levels:
                    yield f"Entry {entry['number']} of {id} gives {points} for {key}."


@invariant
def comments_point_to_cells_of_the_work(whole: Whole) -> Iterator[str]:
    contents = {row["sha256"]: row["content"] for row in whole.rows("blob")}
    notebooks = {
        (row["submission_id"], row["name"]): contents.get(row["sha256"], b"")
        for row in whole.rows("anonymous_notebook")
    }
    for id, entry in whole.newest.items():
        for comment in entry["comments"]:
            work = whole.reviews[id]["submission_id"]
            if work in whole.emptied:
                continue
            notebook = notebooks.get((work, comment["notebook"]), b"")
            if comment["cell"].encode() not in notebook:
                yield f"Review {id} comments on a cell that its work does not have."


# --- releases and feedback ----------------------------------------------------------------------


@invariant
def feedback_is_out_while_a_release_stands(whole: Whole) -> Iterator[str]:
    out = {place(row) for row in whole.rows("phase") if row["phase"] in ("released", "closed")}
    standing = {at for at, rows in whole.releases.items() if rows[-1]["taken_back_at"] is None}
    for _, assignment in sorted(out ^ standing):
        yield f"The phase of {assignment} does not fit its releases."


@invariant
def at_most_one_release_stands(whole: Whole) -> Iterator[str]:
    for at, releases in whole.releases.items():
        if any(release["taken_back_at"] is None for release in releases[:-1]):
            yield f"An older release of {at[1]} stands beside the newest."


@invariant
def releases_are_numbered(whole: Whole) -> Iterator[str]:
    yield from numbered([{**row, "of": place(row)} for row in whole.rows("release")], "of")


@invariant
def feedback_is_named_for_reviews_that_were_submitted(whole: Whole) -> Iterator[str]:
    for row in whole.rows("feedback"):
        if row["review_id"] not in whole.entries:
            yield f"Feedback {row['id']} is of a review that was never submitted."
        elif place(whole.reviews[row["review_id"]]) not in whole.releases:
            yield f"Feedback {row['id']} has a name before any release."
    for key in ("id", "review_id"):
        counts = Counter(row[key] for row in whole.rows("feedback"))
        yield from (
            f"Two feedbacks have the {key} {value}." for value, n in counts.items() if n > 1
        )


@invariant
def released_reviews_have_a_name_for_their_author(whole: Whole) -> Iterator[str]:
    named = {row["review_id"] for row in whole.rows("feedback")}
    out = {at for at, rows in whole.releases.items() if rows[-1]["taken_back_at"] is None}
    for id, entry in whole.newest.items():
        if place(whole.reviews[id]) in out and entry["kind"] == "submitted" and id not in named:
            yield f"Review {id} was released and its author cannot see it."


@invariant
def feedback_stands_in_an_order_that_tells_nothing(whole: Whole) -> Iterator[str]:
    """Of ten or more that are drawn, one order in three million is that of the reviews' ids."""
    rows = [{**row, "of": place(whole.reviews[row["review_id"]])} for row in whole.rows("feedback")]
    for at, named in grouped(rows, "of", order="position").items():
        order = [row["review_id"] for row in named]
        if len(order) >= 10 and order in (sorted(order), sorted(order, reverse=True)):
            yield f"The feedback of {at[1]} stands in order of the reviews' ids."


@invariant
def feedback_was_opened_by_authors_of_a_release(whole: Whole) -> Iterator[str]:
    authors = {row["unit_id"] for row in whole.rows("submission")}
    released = {(*at, row["number"]) for at, rows in whole.releases.items() for row in rows}
    for row in whole.rows("feedback_opened"):
        if (*place(row), row["number"]) not in released:
            yield f"Release {row['number']} of {row['assignment']} was opened and never made."
        if row["unit_id"] not in authors:
            yield f"Unit {row['unit_id']} opened feedback and has no work."


@invariant
def authors_speak_only_of_released_reviews(whole: Whole) -> Iterator[str]:
    named = {row["review_id"] for row in whole.rows("feedback")}
    for table in ("helpfulness", "review_report"):
        for row in whole.rows(table):
            if row["review_id"] not in named:
                yield f"There is a {table} of review {row['review_id']}, which was not released."


@invariant
def hidings_are_numbered(whole: Whole) -> Iterator[str]:
    yield from numbered(whole.rows("review_hiding"), "review_id")


# --- marks --------------------------------------------------------------------------------------


@invariant
def overrides_are_numbered(whole: Whole) -> Iterator[str]:
    yield from numbered(whole.rows("mark_override"), "unit_id")


@invariant
def overrides_fit_a_rubric(whole: Whole) -> Iterator[str]:
    most: dict[tuple[tuple[str, str], str], int] = defaultdict(int)
    for (course, assignment, _), rubric in whole.rubrics.items():
        for key, criterion in rubric.items():
            points = max(level["points"] for level in criterion["levels"])
            most[(course, assignment), key] = max(most[(course, assignment), key], points)
    if whole.course is not None:
        for assignment in whole.course.assignments.values():
            for criterion in assignment.criteria:
                at = (whole.app.course, assignment.name), criterion.key
                most[at] = max(most[at], criterion.most)
    for row in whole.rows("mark_override"):
        for key, points in row["points"].items():
            if (place(row), key) not in most:
                yield f"An override of {row['unit_id']} sets {key}, which no rubric has."
            elif not 0 <= points <= most[place(row), key]:
                yield f"An override of {row['unit_id']} gives {points} for {key}."


@invariant
def marks_come_from_what_is_submitted_and_not_hidden(whole: Whole) -> Iterator[str]:
    counts = Counter(
        whole.reviews[id]["author"]
        for id, entry in whole.newest.items()
        if entry["kind"] == "submitted" and id not in whole.hidden
    )
    for book in whole.books:
        for author in sorted({review.author for review in book.reviews.values()}):
            if book.mark(author).reviews != counts[author]:
                yield f"The mark of {author} does not come from {counts[author]} reviews."


@invariant
def marks_are_the_same_in_whatever_order(whole: Whole) -> Iterator[str]:
    for book in whole.books:
        shuffled = replace(
            book,
            tasks=tuple(reversed(book.tasks)),
            reviews=dict(random.Random(1).sample(list(book.reviews.items()), len(book.reviews))),
        )
        turned = replace(book, reviews=dict(reversed(list(book.reviews.items()))))
        for author in sorted({review.author for review in book.reviews.values()}):
            found = [b.mark(author) for b in (book, book, shuffled, turned)]
            if any(mark != found[0] for mark in found):
                yield f"The mark of {author} depends on the order of rows."


@invariant
def marks_lie_within_what_was_given(whole: Whole) -> Iterator[str]:
    for book in whole.books:
        for author in sorted({review.author for review in book.reviews.values()}):
            for criterion in book.mark(author).criteria:
                if criterion.overridden or not criterion.given:
                    continue
                least, most = min(criterion.given), max(criterion.given)
                if criterion.mark is None or not least - 1e-6 <= criterion.mark <= most + 1e-6:
                    yield f"{author} gets {criterion.mark} for {criterion.key}: {criterion.given}."
                elif most > criterion.most + 1e-6:
                    yield f"{author} was given {most} of {criterion.most} for {criterion.key}."


# --- the course ---------------------------------------------------------------------------------


@invariant
def journal_numbers_are_dense(whole: Whole) -> Iterator[str]:
    events = grouped(whole.rows("journal"), "course_id", order="seq")
    for course in whole.rows("course"):
        numbers = [row["seq"] for row in events.get(course["id"], [])]
        if numbers != list(range(1, course["journal_seq"] + 1)):
            yield f"The journal counts to {course['journal_seq']} and has {len(numbers)} events."


@invariant
def a_course_is_paused_once(whole: Whole) -> Iterator[str]:
    counts = Counter(row["course_id"] for row in whole.rows("pause"))
    yield from (f"The course {id} is paused {n} times." for id, n in counts.items() if n > 1)


@invariant
def extensions_are_for_members(whole: Whole) -> Iterator[str]:
    members = {(row["course_id"], row["person_id"]) for row in whole.rows("member")}
    for row in whole.rows("extension"):
        if (row["course_id"], row["person_id"]) not in members:
            yield f"{row['person_id']} has an extension and is not in the course."
