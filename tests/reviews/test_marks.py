"""Marks: the median or the mean, unrounded, whatever the order; and how they are told."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times

from jupyter_social.core.course import Criterion, Level, MarkPolicy
from jupyter_social.reviews.desk.rules import in_words
from jupyter_social.reviews.marks.rules import (
    CriterionMark,
    Given,
    Mark,
    mark_of,
    may_take_back,
    reviewing_mark,
)
from jupyter_social.reviews.marks.views import shown
from jupyter_social.reviews.marks.words import flags, how

KEYS = ("clear", "whole", "kind")
policies = st.sampled_from(MarkPolicy)
mosts = st.integers(1, 100_000)


def criterion(key: str, most: int) -> Criterion:
    return Criterion(key, key.title(), (Level(0, "No"), Level(most, "Yes")))


@st.composite
def works(draw: st.DrawFn) -> tuple[list[Criterion], list[Given]]:
    """A rubric, and reviews by it or by an older one, in which criteria may be missing."""
    criteria = [criterion(key, draw(mosts)) for key in KEYS[: draw(st.integers(1, 3))]]
    reviews = []
    for _ in range(draw(st.integers(0, 7))):
        older = [draw(st.sampled_from([c, criterion(c.key, draw(mosts))])) for c in criteria]
        kept = [c for c in older if draw(st.integers(0, 9))]
        scores = {c.key: draw(st.integers(0, c.most)) for c in kept}
        reviews.append(Given(scores, {c.key: c for c in kept}))
    return criteria, reviews


def exactly(criterion: Criterion, reviews: list[Given], policy: MarkPolicy) -> Fraction | None:
    """The mark of one criterion in exact fractions."""
    points = sorted(
        Fraction(review.scores[criterion.key]) * criterion.most / review.rubric[criterion.key].most
        for review in reviews
        if criterion.key in review.scores
    )
    if not points:
        return None
    if policy is MarkPolicy.MEAN:
        return sum(points, Fraction(0)) / len(points)
    half = len(points) // 2
    return points[half] if len(points) % 2 else (points[half - 1] + points[half]) / 2


@given(works(), policies)
@settings(deadline=None, max_examples=times(300))
def test_a_mark_is_the_exact_median_or_mean_and_is_not_rounded(work: Any, policy: Any) -> None:
    criteria, reviews = work
    mark = mark_of(criteria, reviews, policy=policy, overrides={})
    expected = [exactly(c, reviews, policy) for c in criteria]
    for found, exact in zip(mark.criteria, expected, strict=True):
        assert (found.mark is None) == (exact is None)
        assert exact is None or found.mark == pytest.approx(float(exact), rel=1e-12)
    if None in expected:
        assert mark.mark is None, "a work has no mark while a criterion has none"
    else:
        assert mark.mark == pytest.approx(float(sum(expected, Fraction(0))), rel=1e-12)


def test_the_mean_of_thirds_stays_a_third() -> None:
    criteria = [criterion("clear", 100)]
    reviews = [Given({"clear": points}, {"clear": criteria[0]}) for points in (0, 0, 100)]
    mark = mark_of(criteria, reviews, policy=MarkPolicy.MEAN, overrides={})
    assert mark.mark == pytest.approx(100 / 3, rel=1e-15)
    assert shown(mark.mark) == 0.33


@given(works(), policies, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=times(300))
def test_a_mark_is_the_same_in_whatever_order_reviews_come(
    work: Any, policy: Any, random: Any
) -> None:
    criteria, reviews = work
    mark = mark_of(criteria, reviews, policy=policy, overrides={})
    for _ in range(3):
        shuffled = random.sample(reviews, len(reviews))
        assert mark_of(criteria, shuffled, policy=policy, overrides={}) == mark


@given(works(), policies)
@settings(deadline=None, max_examples=times(300))
def test_a_mark_lies_within_what_was_given_and_within_the_rubric(work: Any, policy: Any) -> None:
    criteria, reviews = work
    for found in mark_of(criteria, reviews, policy=policy, overrides={}).criteria:
        if found.mark is not None:
            assert found.given[0] - 1e-6 <= found.mark <= found.given[-1] + 1e-6
            assert -1e-6 <= found.mark <= found.most + 1e-6
            assert list(found.given) == sorted(found.given)


@given(works(), policies, st.data())
@settings(deadline=None, max_examples=times(300))
def test_an_override_takes_the_place_of_its_criterion_and_of_no_other(
    work: Any, policy: Any, data: st.DataObject
) -> None:
    criteria, reviews = work
    chosen = data.draw(st.sampled_from(criteria))
    points = data.draw(st.integers(0, chosen.most))
    before = mark_of(criteria, reviews, policy=policy, overrides={})
    after = mark_of(criteria, reviews, policy=policy, overrides={chosen.key: points, "gone": 7})
    assert after.overridden
    for old, new in zip(before.criteria, after.criteria, strict=True):
        if new.key == chosen.key:
            assert (new.mark, new.overridden, new.given) == (float(points), True, old.given)
        else:
            assert new == old


def test_an_override_is_never_more_than_its_criterion_brings_now() -> None:
    mark = mark_of([criterion("clear", 200)], [], policy=MarkPolicy.MEAN, overrides={"clear": 400})
    assert mark.mark == mark.most == 200


@pytest.mark.parametrize("policy", MarkPolicy)
def test_points_by_an_older_rubric_count_in_proportion(policy: MarkPolicy) -> None:
    old, new = criterion("clear", 400), criterion("clear", 1000)
    reviews = [Given({"clear": 200}, {"clear": old}), Given({"clear": 1000}, {"clear": new})]
    (found,) = mark_of([new], reviews, policy=policy, overrides={}).criteria
    assert found.given == (500.0, 1000.0)
    assert found.mark == 750


def test_points_of_a_criterion_that_brought_nothing_count_as_they_are() -> None:
    nothing = Criterion("clear", "Clear", (Level(0, "No"), Level(0, "Yes")))
    reviews = [Given({"clear": 0}, {"clear": nothing})]
    mark = mark_of([criterion("clear", 400)], reviews, policy=MarkPolicy.MEAN, overrides={})
    assert mark.mark == 0


def test_a_work_without_reviews_and_a_rubric_without_criteria_have_no_mark() -> None:
    without = mark_of([criterion("clear", 400)], [], policy=MarkPolicy.MEDIAN, overrides={})
    assert without.mark is None
    assert mark_of([], [], policy=MarkPolicy.MEDIAN, overrides={}).mark is None


# --- take-back and reviewing -------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_release_may_be_taken_back_while_fewer_than_half_have_opened_it(
    authors: int, opened: int
) -> None:
    assert may_take_back(authors=authors, opened=opened) == (
        Fraction(opened) < Fraction(authors, 2)
    )


@pytest.mark.parametrize(
    ("authors", "opened", "may"),
    [(0, 0, False), (1, 0, True), (1, 1, False), (2, 1, False), (5, 2, True), (5, 3, False)],
)
def test_half_of_the_authors_is_too_many(authors: int, opened: int, may: bool) -> None:
    assert may_take_back(authors=authors, opened=opened) is may


@pytest.mark.parametrize(
    ("done", "expected", "mark"), [(0, 0, None), (1, 0, None), (0, 3, 0), (1, 2, 0.5), (4, 3, 1)]
)
def test_reviewing_is_marked_by_the_share_that_is_done(
    done: int, expected: int, mark: float | None
) -> None:
    assert reviewing_mark(done=done, expected=expected) == mark


# --- in words -----------------------------------------------------------------------------------


def given_points(*points: float, mark: float | None = 0, overridden: bool = False) -> CriterionMark:
    return CriterionMark("clear", "Clear", 400, mark, tuple(points), overridden)


@pytest.mark.parametrize(
    ("points", "policy", "words"),
    [
        ((150,), MarkPolicy.MEDIAN, "One review gave 1.5."),
        ((150,), MarkPolicy.MEAN, "One review gave 1.5."),
        ((0, 200, 400), MarkPolicy.MEDIAN, "The middle one of 0, 2, 4."),
        ((0, 25), MarkPolicy.MEDIAN, "Halfway between the two middle ones of 0, 0.25."),
        ((0, 25), MarkPolicy.MEAN, "The average of 0, 0.25."),
    ],
)
def test_how_a_mark_came_about_is_said_in_words(
    points: tuple[int, ...], policy: MarkPolicy, words: str
) -> None:
    assert how(given_points(*points), policy) == words


@pytest.mark.parametrize("policy", MarkPolicy)
def test_an_override_and_nothing_at_all_are_said_in_words(policy: MarkPolicy) -> None:
    set_by_staff = "Set by your teachers, in place of the reviews' mark."
    assert how(given_points(mark=None), policy) == "Nobody has given points here yet."
    assert how(given_points(overridden=True), policy) == set_by_staff
    told = how(given_points(0, 100, overridden=True), policy)
    assert told == f"{set_by_staff} Reviews gave 0, 1."


@given(st.integers(0, 1_000_000))
def test_points_in_words_are_those_points(points: int) -> None:
    assert Fraction(in_words(points)) == Fraction(points, 100)


@pytest.mark.parametrize(
    ("reviews", "wanted", "found"),
    [(0, 3, ["no reviews"]), (1, 3, ["few reviews"]), (2, 3, ["few reviews"]), (3, 3, [])],
)
def test_a_mark_from_few_reviews_is_flagged(reviews: int, wanted: int, found: list[str]) -> None:
    assert flags(Mark((), reviews), wanted=wanted, hidden=0, reported=0) == found


def test_what_staff_should_look_at_is_flagged() -> None:
    apart = Mark((given_points(0, 201),), 3)
    assert flags(apart, wanted=3, hidden=0, reported=0) == ["reviews differ"]
    near = Mark((given_points(0, 200, overridden=True),), 3)
    told = flags(near, wanted=None, hidden=1, reported=1)
    assert told == ["overridden", "hidden review", "reported review"]
