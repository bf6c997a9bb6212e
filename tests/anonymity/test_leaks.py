"""The differential test tested: each of these leaks, planted in the program, is caught.

A leak is one line that somebody might write in good faith. It is planted while two worlds are
played; the test fails for a leak that nobody could see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from worlds import Secret, a_world, differences

from jupyter_social.core import pseudonyms, tables
from jupyter_social.core.errors import Forbidden, NotFound
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import my_unit
from jupyter_social.core.scrubbing import ALL_RULES, Rule, Scrubber, scrubber
from jupyter_social.core.views import Page
from jupyter_social.exchange import anonymizing
from jupyter_social.operations import OPERATIONS
from jupyter_social.reviews.desk import operations as desk_operations
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.desk import Desk
from jupyter_social.reviews.marks import feedback
from jupyter_social.reviews.marks import store as marks
from jupyter_social.reviews.marks.tables import feedback as feedback_table
from jupyter_social.server.routes import TableHandler

Plant = Callable[[pytest.MonkeyPatch], None]
LEAKS: dict[str, Plant] = {}


def leak(plant: Plant) -> Plant:
    LEAKS[plant.__name__] = plant
    return plant


def operation(name: str) -> Operation[Any, Any]:
    return next(found for found in OPERATIONS if found.name == name)


def change_answer(patch: pytest.MonkeyPatch, name: str, change: Callable[[Act, Any], Any]) -> None:
    """Let an operation answer otherwise."""
    found = operation(name)
    honest = found.call
    changed = lambda act, request: change(act, honest(act, request))  # noqa: E731
    patch.setitem(found.__dict__, "call", changed)


def names(act: Act) -> dict[str, str]:
    return dict(pseudonyms.owner_names(act.tx, act.course, "ps1"))


def authors(act: Act) -> dict[str, str]:
    """The author's name of each review."""
    named = names(act)
    found = desk.reviews(act.tx, act.course, "ps1")
    return {id: named[review.author] for id, review in found.items()}


def reviewers(act: Act) -> dict[str, str]:
    """The reviewer's name by the author's id of a review."""
    named = names(act)
    reviews = desk.reviews(act.tx, act.course, "ps1")
    ids = marks.feedback_ids(act.tx, act.course, "ps1")
    return {ids[id][1]: named[str(reviews[id].reviewer)] for id in ids}


def finished(act: Act) -> list[str]:
    """The reviews that are submitted now."""
    entries = desk.entries(act.tx, desk.reviews(act.tx, act.course, "ps1")).values()
    return [entry.review for entry in entries if entry.kind == "submitted"]


@leak
def a_field_names_the_author(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        return answer.model_copy(update={"title": "".join(authors(act).values())})

    change_answer(patch, "reviews.mine", change)


@leak
def reviews_are_sorted_by_their_authors(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        named = authors(act)
        rows = sorted(answer.reviews, key=lambda row: named.get(row.review, ""))
        return answer.model_copy(update={"reviews": rows})

    change_answer(patch, "reviews.mine", change)


@leak
def feedback_comes_in_the_order_of_its_writing(patch: pytest.MonkeyPatch) -> None:
    honest = marks.feedback_ids

    def fifo(tx: Any, course: Any, assignment: str) -> dict[str, tuple[int, str]]:
        entry = tables.metadata.tables["review_entry"]
        order = tx.execute(select(entry.c.review_id).order_by(entry.c.at)).scalars().all()
        found = honest(tx, course, assignment)
        return {id: (order.index(id), name) for id, (_, name) in found.items()}

    patch.setattr(feedback.store, "feedback_ids", fifo)


@leak
def feedback_says_when_it_was_written(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        entry = tables.metadata.tables["review_entry"]
        times = act.tx.execute(select(entry.c.review_id, entry.c.at).order_by(entry.c.review_id))
        return answer.model_copy(update={"note": str(times.all())})

    change_answer(patch, "feedback.mine", change)


@leak
def feedback_says_who_wrote_it(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        named = reviewers(act)
        said = [
            review.model_copy(update={"said": named[review.review]}) for review in answer.reviews
        ]
        return answer.model_copy(update={"reviews": said})

    change_answer(patch, "feedback.mine", change)


@leak
def the_id_of_feedback_is_a_hash_of_its_reviewer(patch: pytest.MonkeyPatch) -> None:
    honest = marks.name_feedback

    def hashed(tx: Any, reviews: list[str], *, random: Any) -> None:
        honest(tx, reviews, random=random)
        unit, member = tables.unit, tables.member
        review = tables.metadata.tables["review"]
        named = tx.execute(
            select(review.c.id, member.c.username)
            .join(unit, unit.c.id == review.c.reviewer)
            .join(member, member.c.person_id == unit.c.person_id)
        )
        for id, name in named.all():
            derived = hashlib.sha256(f"{name}{id}".encode()).hexdigest()[:22]
            here = feedback_table.c.review_id == id
            tx.execute(feedback_table.update().where(here).values(id=derived))

    patch.setattr(marks, "name_feedback", hashed)


@leak
def a_counter_ticks_before_the_release(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        mine = my_unit(act, act.files.course.assignment("ps1"))
        reviews = desk.reviews(act.tx, act.course, "ps1")
        number = sum(reviews[review].author == mine for review in finished(act))
        return answer.model_copy(update={"note": f"{number} reviews of your work are in."})

    change_answer(patch, "feedback.mine", change)


@leak
def the_class_sees_who_is_done(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        named, reviews = names(act), desk.reviews(act.tx, act.course, "ps1")
        done = sorted({named[str(reviews[review].reviewer)] for review in finished(act)})
        return answer.model_copy(update={"title": f"Done: {done}"})

    change_answer(patch, "reviews.mine", change)


@leak
def an_error_names_whose_it_is(patch: pytest.MonkeyPatch) -> None:
    refuse_existing(patch, lambda act, review: NotFound(f"It is by {authors(act)[review]}."))


@leak
def what_exists_is_forbidden_and_not_unknown(patch: pytest.MonkeyPatch) -> None:
    refuse_existing(patch, lambda act, review: Forbidden("This is not yours."))


def refuse_existing(patch: pytest.MonkeyPatch, refusal: Callable[[Act, str], Exception]) -> None:
    honest = desk_operations.desk_of

    def desk_of(act: Act, assignment: Any) -> Desk:
        found = honest(act, assignment)
        strict = found.find

        def find(review: str) -> None:
            if review not in found.tasks and review in authors(act):
                raise refusal(act, review)
            strict(review)

        object.__setattr__(found, "find", find)
        return found

    patch.setattr(desk_operations, "desk_of", desk_of)


def add_header(patch: pytest.MonkeyPatch, name: str, value: Callable[[Any], str]) -> None:
    honest = TableHandler.finish

    def finish(self: Any, *args: Any) -> Any:
        application = self.service._application
        if application is not None:
            self.set_header(name, value(application))
        return honest(self, *args)

    patch.setattr(TableHandler, "finish", finish)


def seating(application: Any) -> str:
    read = application.database.read
    found = read(lambda tx: pseudonyms.owner_names(tx, application.course, "ps1"))
    return hashlib.sha256(str(sorted(found.items())).encode()).hexdigest()


@leak
def an_etag_follows_from_the_rows(patch: pytest.MonkeyPatch) -> None:
    add_header(patch, "ETag", lambda application: f'"{seating(application)}"')


@leak
def a_header_tells_when_something_last_happened(patch: pytest.MonkeyPatch) -> None:
    def newest(application: Any) -> str:
        entry = tables.metadata.tables["review_entry"]
        query = select(entry.c.at, entry.c.review_id).order_by(entry.c.at.desc())
        return str(application.database.read(lambda tx: tx.execute(query).first()))

    add_header(patch, "Last-Modified", newest)


@leak
def the_number_of_the_journal_crosses_the_wire(patch: pytest.MonkeyPatch) -> None:
    def number(application: Any) -> str:
        query = select(tables.course.c.journal_seq)
        return str(application.database.read(lambda tx: tx.execute(query).scalar_one()))

    add_header(patch, "X-Cursor", number)


@leak
def the_size_of_a_page_tells_who_wrote_it(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        sizes = [int(name[-3:]) * (ord(unit[0]) % 7 + 1) for unit, name in names(act).items()]
        return Page(html=answer.html + " " * sum(sizes))

    change_answer(patch, "reviews.page", change)


@leak
def the_page_is_called_after_the_author(patch: pytest.MonkeyPatch) -> None:
    def change(act: Act, answer: Any) -> Any:
        return Page(html=f"{answer.html}<!-- {names(act)} -->")

    change_answer(patch, "reviews.page", change)


@leak
def files_keep_the_names_their_authors_gave(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(anonymizing, "public_names", lambda names, _: {name: name for name in names})


@leak
def the_metadata_of_notebooks_passes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scrubber, "notebook_metadata", lambda metadata, **_: metadata)


PEOPLE = {
    Rule.EMAILS,
    Rule.USERNAMES,
    Rule.FULL_NAMES,
    Rule.JOINED_NAMES,
    Rule.BARE_NAMES,
    Rule.OTHER_PEOPLE,
}


def without(*rules: Rule) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        lax = lambda roster: Scrubber(roster, rules=ALL_RULES - set(rules))  # noqa: E731
        patch.setattr(anonymizing, "_scrubber", lax)

    return plant


# One rule for people covers for another, so that all of them must fail for a name to get through.
LEAKS["names_stay_in_texts"] = without(*PEOPLE)
LEAKS["paths_stay_in_texts"] = without(*PEOPLE - {Rule.FULL_NAMES, Rule.EMAILS}, Rule.PATHS)
LEAKS["cells_keep_their_ids"] = without(Rule.CELL_IDS)


def test_there_are_at_least_fifteen_leaks() -> None:
    assert len(LEAKS) >= 15


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    LEAKS[name](monkeypatch)
    seen = [
        play(tmp_path / world, secret)
        for world, secret in (("a", Secret.plain()), ("b", Secret.reversed()))
    ]
    assert differences(*seen) != []


def play(folder: Path, secret: Secret) -> Any:
    with a_world(folder / "course", f"sqlite:///{folder}/state/course.db", secret) as world:
        world.thorough = False
        world.play()
        return world.seen
