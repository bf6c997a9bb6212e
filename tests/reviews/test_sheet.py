"""The CSV of marks: one line a person, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_social.reviews.marks.sheet import FORMULAS, harmless, sheet
from jupyter_social.reviews.marks.views import ExportedCriterion, ExportedRow, MarksExported


def row(username: str, **fields: object) -> ExportedRow:
    values: dict[str, object] = {
        "owner": username,
        "username": username,
        "handed_in": True,
        "reviews": 3,
        "mark": 4.25,
        "criteria": {"clear": 3.0, "mark": 1.25},
        "unrounded": {"clear": 3.0, "mark": 1.25},
        "reviews_done": 2,
        "reviews_expected": 3,
        "reviewing": 2 / 3,
        "flags": ["few reviews", "overridden"],
        **fields,
    }
    return ExportedRow.model_validate(values)


def marks(*rows: ExportedRow) -> MarksExported:
    return MarksExported(
        assignment="ps1",
        policy="median",
        most=5.5,
        criteria=[
            ExportedCriterion(key="clear", title="Clear", most=4, cell="q1"),
            ExportedCriterion(key="mark", title="Odd", most=1.5, cell=None),
        ],
        rows=list(rows),
        practice=None,
    )


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def on_one_line(text: str) -> str:
    return text.translate({10: " ", 13: " "})


def test_one_line_a_person_sorted_by_name() -> None:
    rows = read(sheet(marks(row("bob"), row("ada", mark=None, reviewing=None, flags=[]))))
    assert [found["username"] for found in rows] == ["ada", "bob"]
    assert rows[1] == {
        "username": "bob",
        "clear": "3",
        "criterion_mark": "1.25",
        "mark": "4.25",
        "most": "5.5",
        "reviewing_done": "2",
        "reviewing_expected": "3",
        "reviewing_mark": "0.67",
        "reviews": "3",
        "flags": "few reviews; overridden",
    }
    assert (rows[0]["mark"], rows[0]["reviewing_mark"], rows[0]["flags"]) == ("", "", "")


def test_the_group_is_told_where_groups_hand_in() -> None:
    rows = read(sheet(marks(row("ada", owner="g1"))))
    assert (rows[0]["username"], rows[0]["group"]) == ("ada", "g1")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_looks_like_a_formula_becomes_a_text(first: str) -> None:
    seen = " " if first in "\r\n" else first
    assert harmless(f"{first}1+1") == f"'{seen}1+1"


@given(st.text(), st.text(), st.text())
def test_no_cell_is_ever_a_formula(username: str, group: str, flag: str) -> None:
    text = sheet(marks(row(username, owner=group, flags=[flag])))
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert len(found) == 2
    assert not [cell for line in found for cell in line if cell.startswith(FORMULAS)]
    assert found[1][0].removeprefix("'") == on_one_line(username).removeprefix("'")


@given(st.text())
def test_nothing_but_an_apostrophe_is_added(text: str) -> None:
    assert harmless(text) in (on_one_line(text), f"'{on_one_line(text)}")
    assert not harmless(text).startswith(FORMULAS)
