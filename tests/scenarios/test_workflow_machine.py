"""A class does whatever it likes, in any order: the model agrees and every invariant holds.

The rules draw who does what and when, mostly at the edges of time; `workflow.Play` does it and
holds the outcome against the model. Each run begins at another point of the round.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from invariants import check_all
from nightly import times
from workflow import (
    DUE,
    OPENS,
    REVIEW_DUE,
    STUDENTS,
    TICK,
    Play,
    a_whole_round,
    each_edge,
)

from jupyter_social.core.phases import Phase

STEPS = 40
EXAMPLES = {"sqlite": 50, "postgresql": 10}
_numbers = itertools.count(1)

students = st.integers(0, STUDENTS - 1).map(lambda number: f"student{number:03d}")
groups = st.integers(0, 2).map(lambda number: f"group-{number}")
names = st.sampled_from(["ps1", "ps1", "team"])
texts = st.sampled_from(["one", "two", "three"])
choices = st.integers(0, 2)
offsets = st.sampled_from([-TICK, timedelta(0), TICK])


class Workflow(RuleBasedStateMachine):
    """Whatever a class may do; each act is asked of `Play`, which knows what must come of it."""

    url: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="social-workflow-"))
        self.play = Play(self.folder / "course", type(self).url())
        self.seen = 0

    def teardown(self) -> None:
        self.play.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(far=st.integers(0, 4), seed=choices)
    def begins_somewhere(self, far: int, seed: int) -> None:
        """Some steps of a round have been taken; what is far is reached in every run."""
        self.play.checks = False
        for step in (self._open, self._hand_in, self._review, self._release)[:far]:
            step(seed)
        self.play.checks = True
        check_all(self.play.app)

    def _open(self, _: int) -> None:
        self.play.go_to(OPENS)
        self.play.advance()

    def _hand_in(self, seed: int) -> None:
        for who in self.play.students[seed:]:
            for name in self.play.rounds:
                self.play.preview(who, name, f"by {self.play.owner(name, who)}")
                self.play.hand_in(who, name)

    def _review(self, seed: int) -> None:
        self.play.go_to(DUE)
        self.play.advance()
        for who in self.play.students[: STUDENTS - seed]:
            for name in self.play.rounds:
                for review in self.play.tasks_of(name, who):
                    body = self.play.body(name, seed, who)
                    self.play.write(who, name, review, body, submit=True)

    def _release(self, _: int) -> None:
        self.play.go_to(REVIEW_DUE)
        self.play.advance()
        self.play.release("ps1")

    # --- time and staff -----------------------------------------------------------------------

    @rule(offset=offsets, at=st.integers(0, 2), advance=st.booleans())
    def time_goes_to_an_edge(self, offset: timedelta, at: int, advance: bool) -> None:
        edges = self.play.edges_of_time()
        if edges:
            when = edges[min(at, len(edges) - 1)] + offset
            self.play.go_to(max(when, self.play.now))
        if advance:
            self.deadlines_switch()

    @rule()
    def deadlines_switch(self) -> None:
        self.play.advance()
        self.tell_of_edges()

    @rule(name=names, phase=st.sampled_from(Phase), who=st.sampled_from(["teacher", "helper"]))
    def staff_switch(self, name: str, phase: Phase, who: str) -> None:
        self.play.switch(name, phase, who)
        self.tell_of_edges()

    @rule(name=names, who=st.sampled_from(["teacher", "teacher", "helper", "student000"]))
    def somebody_releases(self, name: str, who: str) -> None:
        self.play.release(name, who)
        self.tell_of_edges()

    @rule(name=names)
    def staff_take_a_release_back(self, name: str) -> None:
        self.play.take_back_release(name)
        self.tell_of_edges()

    def tell_of_edges(self) -> None:
        for how, before, after in self.play.edges:
            event(f"{how}: {before.value} to {after.value}")

    @rule(name=names, who=students, kind=st.sampled_from(["due", "review_due"]), more=offsets)
    def staff_give_more_time(self, name: str, who: str, kind: str, more: timedelta) -> None:
        base = {"due": DUE, "review_due": REVIEW_DUE}[kind]
        self.play.extend(name, who, **{kind: base + more + timedelta(days=bool(more.days))})

    @rule(name=names, who=students, days=st.integers(1, 3))
    def staff_give_days(self, name: str, who: str, days: int) -> None:
        more = timedelta(days=days)
        self.play.extend(name, who, due=DUE + more, review_due=REVIEW_DUE + more)

    @rule(paused=st.booleans())
    def staff_pause_or_resume(self, paused: bool) -> None:
        self.play.pause(paused)

    @precondition(lambda self: self.play.paused)
    @rule()
    def staff_resume(self) -> None:
        self.play.pause(False)

    @rule(who=students)
    def a_student_leaves(self, who: str) -> None:
        if len(self.play.away) < 2:
            self.play.drop(who)

    @precondition(lambda self: self.play.away)
    @rule()
    def a_student_comes_back(self) -> None:
        self.play.readd(min(self.play.away))

    @rule(who=students, group=groups)
    def a_student_changes_groups(self, who: str, group: str) -> None:
        self.play.move(who, group)

    @rule(most=st.sampled_from([3, 4, 6]), extra=st.booleans())
    def the_rubric_is_edited(self, most: float, extra: bool) -> None:
        self.play.write_rubric(most=most, extra=extra)

    @rule(
        name=names,
        reviews=st.integers(1, 3),
        who=students,
        whom=students,
        options=st.fixed_dictionaries(
            {"avoid_groups": st.sampled_from([None, True, False])},
            optional={"reciprocal": st.sampled_from(["avoid", "allow"])},
        ),
        conflict=st.booleans(),
    )
    def staff_assign_or_repair(
        self, name: str, reviews: int, who: str, whom: str, options: Any, conflict: bool
    ) -> None:
        conflicts = [{"reviewer": who, "author": whom}] if conflict else []
        self.play.assign(name, reviews, conflicts=conflicts, **options)

    @rule()
    def the_last_request_comes_again(self) -> None:
        self.play.again()

    # --- hand-ins -----------------------------------------------------------------------------

    @rule(who=students, name=names, text=texts)
    def somebody_previews(self, who: str, name: str, text: str) -> None:
        self.play.preview(who, name, text)

    @rule(who=students, name=names)
    def somebody_hands_in(self, who: str, name: str) -> None:
        self.play.hand_in(who, name)

    @rule(who=students, name=names)
    def somebody_withdraws(self, who: str, name: str) -> None:
        self.play.withdraw(who, name)

    @rule(name=names, who=students, by=st.sampled_from(["teacher", "helper"]))
    def staff_withdraw(self, name: str, who: str, by: str) -> None:
        self.play.staff_withdraws(name, self.play.owner(name, who), by)

    @rule(name=names, who=students, text=texts)
    def staff_bring_in(self, name: str, who: str, text: str) -> None:
        self.play.staff_receives(name, self.play.owner(name, who), text)

    # --- reviews ------------------------------------------------------------------------------

    @rule(
        who=students,
        name=names,
        at=choices,
        choice=choices,
        text=texts,
        submit=st.booleans(),
        stale=st.sampled_from([0, 0, 0, -1, 1]),
        mine=st.sampled_from([True, True, True, False]),
    )
    def somebody_writes_a_review(
        self,
        who: str,
        name: str,
        at: int,
        choice: int,
        text: str,
        submit: bool,
        stale: int,
        mine: bool,
    ) -> None:
        review = self._review_of(who, name, at, mine=mine)
        before = self.play.rounds[name].written.get(review)
        if stale < 0 and (before is None or before.version + stale < 0):
            stale = 0
        body = self.play.body(name, choice, text)
        self.play.write(who, name, review, body, submit=submit, stale=stale)

    @rule(who=students, name=names, at=choices, mine=st.booleans())
    def somebody_takes_a_review_back(self, who: str, name: str, at: int, mine: bool) -> None:
        self.play.take_back(who, name, self._review_of(who, name, at, mine=mine))

    def _review_of(self, who: str, name: str, at: int, *, mine: bool = True) -> str:
        found = self.play.tasks_of(name, who) if mine else list(self.play.tasks(name))
        return found[at % len(found)] if found else "nothing"

    # --- feedback and marks -------------------------------------------------------------------

    @rule(who=students, name=names)
    def somebody_opens_feedback(self, who: str, name: str) -> None:
        self.play.open(who, name)

    @rule(who=students, whose=students, name=names, report=st.booleans())
    def somebody_speaks_of_a_review(self, who: str, whose: str, name: str, report: bool) -> None:
        found = self.play.feedback_of(name, self.play.owner(name, whose)) or ["nothing"]
        operation = "feedback.report" if report else "feedback.rate"
        self.play.speak(who, name, found[0], operation)

    @rule(hide=st.booleans())
    def staff_decide(self, hide: bool) -> None:
        self.play.decide(hide)

    @rule(name=names, at=st.integers(0, 12), hidden=st.booleans())
    def staff_hide(self, name: str, at: int, hidden: bool) -> None:
        found = sorted(self.play.rounds[name].written) or ["nothing"]
        self.play.hide(name, found[at % len(found)], hidden)

    @rule(
        name=names,
        who=students,
        points=st.dictionaries(
            st.sampled_from(["clear", "whole", "more", "nope"]),
            st.sampled_from([0, 2.5, 4, 7]),
            max_size=2,
        ),
    )
    def staff_override(self, name: str, who: str, points: dict[str, float]) -> None:
        self.play.override(name, self.play.owner(name, who), points)

    @rule(name=names, who=students, choice=choices, text=texts)
    def staff_review(self, name: str, who: str, choice: int, text: str) -> None:
        owner = self.play.owner(name, who)
        self.play.staff_review(name, owner, self.play.body(name, choice, text))

    @rule(name=names)
    def staff_look_at_marks(self, name: str) -> None:
        self.play.compare_marks(name)

    @rule(who=students, name=names)
    def somebody_looks_around(self, who: str, name: str) -> None:
        allowed = self.play.may_act(who)
        self.play.must(allowed, who, "rounds.mine")
        for operation in ("reviews.mine", "submissions.mine", "feedback.mine"):
            self.play.must(allowed, who, operation, assignment=name)
        for operation in ("rounds.show", "reviews.status"):
            self.play.must(True, "helper", operation, assignment=name)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_a_class_does_the_model_agrees_and_all_invariants_hold(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "postgresql":
        server = request.getfixturevalue("postgres_server")

    def url() -> str:
        number = next(_numbers)
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / str(number) / 'course.db'}"
        made: str = server.new_database(f"workflow_{number}")
        return made

    machine = type("Workflow", (Workflow,), {"url": staticmethod(url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=times(EXAMPLES[kind]),
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_a_round_goes_every_way_from_phase_to_phase(tmp_path: Path, database_url: str) -> None:
    play = Play(tmp_path / "course", database_url)
    a_whole_round(play)
    assert list(each_edge(play)) == []
    play.close()
