"""The numbers on the page about marks are those of the rules, and its sentences the program's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest
from documents import DOCS

from jupyter_social.core.course import Criterion, Level, MarkPolicy
from jupyter_social.reviews.desk.rules import in_words
from jupyter_social.reviews.marks.rules import Given, Mark, mark_of, reviewing_mark
from jupyter_social.reviews.marks.views import shown
from jupyter_social.reviews.marks.words import how

PAGE = DOCS / "explanation" / "marks.md"
REVIEWS = ("Review 1", "Review 2", "Review 3")
Row = Mapping[str, str]


def tables() -> list[list[Row]]:
    """The page's tables, each a list of rows by heading."""
    found: list[list[Row]] = []
    headings: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            headings = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not headings:
            headings = cells
            found.append([])
        elif set(line) - set("|- "):
            found[-1].append(dict(zip(headings, cells, strict=True)))
    return found


WORK, HAPPENINGS = tables()
PARTS = WORK[:-1]


def hundredths(points: str) -> int:
    return round(float(points) * 100)


def criterion(title: str, most: str) -> Criterion:
    return Criterion(title, title, (Level(0, "No"), Level(hundredths(most), "Yes")))


RUBRIC = [criterion(row["Criterion"], row["At most"]) for row in PARTS]


def review(number: str) -> Given:
    scores = {row["Criterion"]: hundredths(row[number]) for row in PARTS}
    return Given(scores, {found.key: found for found in RUBRIC})


def numbers(points: float, most: str = "4") -> Given:
    """A review of the first criterion alone, by a rubric in which it brought `most`."""
    return Given({"Numbers": hundredths(str(points))}, {"Numbers": criterion("Numbers", most)})


def marked(
    reviews: Sequence[Given],
    *,
    policy: MarkPolicy = MarkPolicy.MEDIAN,
    overrides: Mapping[str, int] | None = None,
) -> Mark:
    return mark_of(RUBRIC, reviews, policy=policy, overrides=overrides or {})


def told(points: float | None) -> str:
    rounded = shown(points)
    return "" if rounded is None else in_words(rounded * 100)


@pytest.mark.parametrize(
    ("heading", "policy"), [("Median", MarkPolicy.MEDIAN), ("Mean", MarkPolicy.MEAN)]
)
def test_the_marks_of_the_example(heading: str, policy: MarkPolicy) -> None:
    mark = marked([review(number) for number in REVIEWS], policy=policy)
    assert [told(part.mark) for part in mark.criteria] == [row[heading] for row in PARTS]
    assert told(mark.mark) == WORK[-1][heading]
    assert told(mark.most) == WORK[-1]["At most"]


def test_a_sum_may_differ_by_a_hundredth_from_its_parts() -> None:
    parts = sum(hundredths(row["Mean"]) for row in PARTS)
    assert hundredths(WORK[-1]["Mean"]) == parts + 1
    assert f"not {in_words(parts)}" in PAGE.read_text(encoding="utf-8")


def test_what_may_happen_to_a_mark() -> None:
    first, second, third = (review(number) for number in REVIEWS)
    happened = {
        "nothing": marked([first, second, third]),
        "a teacher reviews it too, and gives 2.5": marked([first, second, third, numbers(2.5)]),
        "staff hide review 1": marked([second, third]),
        "review 2 gave 1 when the most was 2": marked([first, numbers(1, most="2"), third]),
        "staff set it to 3.5": marked([first, second, third], overrides={"Numbers": 350}),
    }
    assert {row["What happens"]: (row["Numbers"], row["What its author reads"])
            for row in HAPPENINGS} == {
        what: (told(mark.criteria[0].mark), how(mark.criteria[0], MarkPolicy.MEDIAN))
        for what, mark in happened.items()
    }  # fmt: skip


def test_rounding_is_half_to_even() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    pairs = re.findall(r"([\d.]+)(?: is)? shown as ([\d.]+\d), ([\d.]+) as ([\d.]+\d)", text)
    assert pairs
    for exact, rounded, other, its in pairs:
        for points, seen in ((exact, rounded), (other, its)):
            mark = marked([numbers(float(points) - 0.125), numbers(float(points) + 0.125)])
            assert mark.criteria[0].mark == float(points) * 100
            assert told(mark.criteria[0].mark) == seen


def test_the_second_mark() -> None:
    assert told((reviewing_mark(done=2, expected=3) or 0) * 100) == "0.67"
    assert "such as 2 of 3" in PAGE.read_text(encoding="utf-8")
    assert "here 0.67" in PAGE.read_text(encoding="utf-8")
    assert reviewing_mark(done=4, expected=3) == 1
    assert reviewing_mark(done=0, expected=0) is None
