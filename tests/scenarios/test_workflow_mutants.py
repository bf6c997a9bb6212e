"""The test of the test: whatever rule is wrong, the model or an invariant sees it.

Each mutant puts one wrong rule in the place of a right one; the whole round that passes with the
right ones must fail with it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workflow import Play, a_whole_round

from jupyter_social import app
from jupyter_social.core import idempotency, operations, permissions, phases
from jupyter_social.core.course import MarkPolicy
from jupyter_social.core.people import Role
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Deadlines, Phase
from jupyter_social.exchange import handing_in
from jupyter_social.exchange import store as hand_ins
from jupyter_social.reviews import assigning
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import desk, submitting
from jupyter_social.reviews.desk import operations as reviewing
from jupyter_social.reviews.desk import store as desk_store
from jupyter_social.reviews.marks import book, feedback, releasing, rules, store
from jupyter_social.reviews.marks import operations as marks
from jupyter_social.reviews.rounds import deadlines, switching
from jupyter_social.reviews.rounds import rules as round_rules

Patch = pytest.MonkeyPatch
MUTANTS: dict[str, Callable[[Patch], None]] = {}


def mutant(function: Callable[[Patch], None]) -> Callable[[Patch], None]:
    MUTANTS[function.__name__] = function
    return function


def nothing(*_: Any, **__: Any) -> None:
    """A rule that refuses nothing and does nothing."""


def after_the_deadline(deadline: Any, now: Any) -> bool:
    return deadline is not None and now > deadline


@mutant
def the_instant_of_a_deadline_is_in_time_for_hand_ins(patch: Patch) -> None:
    patch.setattr(handing_in, "is_past", after_the_deadline)


@mutant
def the_instant_of_a_deadline_is_in_time_for_reviews(patch: Patch) -> None:
    patch.setattr(desk, "is_past", after_the_deadline)


@mutant
def a_phase_is_switched_after_its_deadline(patch: Patch) -> None:
    patch.setattr(round_rules, "is_past", after_the_deadline)


@mutant
def reviews_of_others_can_be_written(patch: Patch) -> None:
    patch.setattr(desk.Desk, "find", nothing)


@mutant
def reviews_can_be_changed_at_any_time(patch: Patch) -> None:
    patch.setattr(reviewing, "refuse_unless_open", nothing)


@mutant
def reviews_need_not_be_whole(patch: Patch) -> None:
    patch.setattr(submitting, "refuse_incomplete", nothing)


@mutant
def a_submitted_review_leaves_its_task_open(patch: Patch) -> None:
    patch.setattr(allocation, "set_state", nothing)


@mutant
def a_stale_draft_overwrites_the_newer_one(patch: Patch) -> None:
    def newest(act: Any, at: Any, review: str, text: Any, *, version: int) -> None:
        stored = desk_store.draft(act.tx, review)
        right(act, at, review, text, version=stored.version if stored else 0)

    right = reviewing._save
    patch.setattr(reviewing, "_save", newest)


@mutant
def a_release_is_taken_back_when_half_have_opened_it(patch: Patch) -> None:
    patch.setattr(releasing, "may_take_back", lambda *, authors, opened: 2 * opened <= authors)


@mutant
def a_release_that_was_taken_back_stays_released(patch: Patch) -> None:
    right = releasing.enter_phase

    def never_back(tx: Any, course: Any, name: str, phase: Phase, **options: Any) -> None:
        if phase is not Phase.REVIEW:
            right(tx, course, name, phase, **options)

    patch.setattr(releasing, "enter_phase", never_back)


@mutant
def feedback_stands_in_order_of_the_reviews(patch: Patch) -> None:
    def in_order(tx: Any, reviews: Any, *, random: Any) -> None:
        right(tx, reviews, random=Counting(random))

    right = store.name_feedback
    patch.setattr(store, "name_feedback", in_order)


class Counting:
    """Draws ids as its source does, and places one after the other."""

    def __init__(self, source: Any) -> None:
        self.source, self.places = source, 0

    def token_bytes(self, nbytes: int, /) -> bytes:
        if nbytes != store.POSITION_BYTES:
            found: bytes = self.source.token_bytes(nbytes)
            return found
        self.places += 1
        return self.places.to_bytes(nbytes, "big")


@mutant
def released_reviews_get_no_names(patch: Patch) -> None:
    patch.setattr(store, "name_feedback", nothing)


@mutant
def a_closed_round_can_be_rated(patch: Patch) -> None:
    patch.setattr(feedback, "_refuse_closed", nothing)


@mutant
def work_under_review_can_be_replaced(patch: Patch) -> None:
    patch.setattr(handing_in, "_stands", lambda *_: False)


@mutant
def what_is_handed_in_is_not_what_was_previewed(patch: Patch) -> None:
    right = hand_ins.take_preview

    def another(tx: Any, preview: Any, submission: str) -> None:
        right(tx, preview, submission)
        table = hand_ins.tables.anonymous_notebook
        name = table.c.name + ".copy"
        tx.execute(table.update().where(table.c.submission_id == submission).values(name=name))

    patch.setattr(hand_ins, "take_preview", another)


@mutant
def extensions_are_forgotten(patch: Patch) -> None:
    def of_class(_tx: Any, _course: Any, assignment: Any, _people: Any) -> Deadlines:
        return Deadlines(assignment.due, assignment.review_due)

    patch.setattr(handing_in, "deadlines", of_class)


@mutant
def extensions_are_not_shared_by_a_group(patch: Patch) -> None:
    def of_first(tx: Any, course: Any, assignment: Any, people: Any) -> Deadlines:
        return phases.deadlines(tx, course, assignment, list(people)[:1])

    patch.setattr(handing_in, "deadlines", of_first)


@mutant
def hidden_reviews_count(patch: Patch) -> None:
    patch.setattr(book.Book, "counted", lambda self, author: self.received.get(author, []))


@mutant
def a_median_is_a_mean(patch: Patch) -> None:
    mean = rules.POLICIES[MarkPolicy.MEAN]
    patch.setattr(rules, "POLICIES", dict.fromkeys(MarkPolicy, mean))


@mutant
def points_by_an_older_rubric_count_as_they_are(patch: Patch) -> None:
    patch.setattr(rules, "_points", lambda criterion, given: float(given.scores[criterion.key]))


@mutant
def an_override_may_give_any_points(patch: Patch) -> None:
    patch.setattr(marks, "_refuse_out_of_range", nothing)


@mutant
def closed_marks_can_be_overridden(patch: Patch) -> None:
    patch.setattr(marks, "_refuse_before_review", nothing)


@mutant
def a_repeated_request_is_done_again(patch: Patch) -> None:
    patch.setattr(idempotency, "recall", nothing)
    patch.setattr(idempotency, "keep", nothing)


@mutant
def students_act_under_their_own_names(patch: Patch) -> None:
    right = operations.Act.record

    def named(self: Any, kind: str, *, unit: Any = None, **options: Any) -> None:
        right(self, kind, **options)

    patch.setattr(operations.Act, "record", named)


@mutant
def assistants_may_release(patch: Patch) -> None:
    allowed = {**permissions.PERMISSIONS, Action.RELEASE: frozenset(Role)}
    patch.setattr(permissions, "PERMISSIONS", allowed)


@mutant
def students_go_on_while_paused(patch: Patch) -> None:
    patch.setattr(app, "refuse_while_paused", nothing)


@mutant
def a_phase_goes_back_although_its_deadline_has_passed(patch: Patch) -> None:
    patch.setattr(switching, "_refuse_going_back_in_time", nothing)


@mutant
def feedback_is_released_by_a_switch(patch: Patch) -> None:
    further = {**round_rules.BY_HAND, Phase.REVIEW: frozenset(Phase)}
    patch.setattr(switching, "BY_HAND", further)


@mutant
def a_deadline_releases_anew_what_was_taken_back(patch: Patch) -> None:
    patch.setattr(deadlines, "_is_releasable", lambda *_: True)


@mutant
def reviewers_get_other_tasks_than_the_run_came_to(patch: Patch) -> None:
    right = allocation.replace_open_tasks

    def fewer(*args: Any, pairs: Any, **options: Any) -> None:
        right(*args, pairs=sorted(pairs)[1:], **options)

    patch.setattr(allocation, "replace_open_tasks", fewer)
    assert assigning.store is allocation


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_rule_is_seen_in_a_whole_round(
    name: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    play = Play(tmp_path / "course", f"sqlite:///{tmp_path / 'state' / 'course.db'}")
    play.every = 5
    MUTANTS[name](monkeypatch)
    try:
        with pytest.raises((AssertionError, KeyError)):
            a_whole_round(play)
    finally:
        play.close()
