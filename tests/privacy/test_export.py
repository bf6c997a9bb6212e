"""An export holds everything about a person and nothing that names anybody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from a_round import ask, played, traces
from builders import Classroom

from jupyter_social.core.migrations import all_tables
from jupyter_social.privacy.rules import BELONGS

MINE = "student001"
NOBODYS = {"course", "roster_group"}
"""Tables whose personal columns, if any, are nobody's alone."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    folder = tmp_path_factory.mktemp("export")
    made = played(folder / "course", f"sqlite:///{folder / 'state' / 'course.db'}")
    yield made
    made.close()


def tables_with_personal_columns() -> set[str]:
    return {
        table.name
        for table in all_tables().tables.values()
        if any(column.info["personal"] for column in table.columns)
    }


def test_every_table_with_a_personal_column_says_whose_its_rows_are() -> None:
    assert tables_with_personal_columns() - set(BELONGS) - NOBODYS == set()


def test_every_table_of_the_list_exists() -> None:
    known = {table.name: table for table in all_tables().tables.values()}
    assert set(BELONGS) <= set(known)
    for name, ways in BELONGS.items():
        for way in ways:
            assert way.column in known[name].columns, name
            assert way.of == "" or way.of == "received" or way.of in BELONGS, name


def test_everything_somebody_did_is_in_their_export(room: Classroom) -> None:
    answer = ask(room, None, "people.export", username=MINE)
    empty = {name for name, rows in answer.tables.items() if not rows}
    # Nobody's task was given away, nobody declared a conflict.
    assert empty <= {"given_away_task", "declared_conflict"}
    text = answer.model_dump_json()
    for word in ("words of", "remark of", "thanks,", "rude to", "looked at it again"):
        assert word in text, word
    contents = b"".join(file.content for file in answer.files)
    for trace in traces(MINE):
        assert trace in contents + text.encode(), trace


def test_nobody_else_is_named_in_it(room: Classroom) -> None:
    answer = ask(room, None, "people.export", username=MINE)
    text = answer.model_dump_json().encode() + b"".join(file.content for file in answer.files)
    for other in room.students:
        if other != MINE:
            assert [trace for trace in traces(other) if trace in text] == [], other


def test_no_pseudonym_of_anybody_else_is_in_it(room: Classroom) -> None:
    """Two exports laid side by side lead from nobody to anybody."""
    mine = ask(room, None, "people.export", username=MINE)
    units = {row["id"] for row in mine.tables["unit"]}
    for other in room.students:
        if other == MINE:
            continue
        theirs = ask(room, None, "people.export", username=other)
        assert not [unit for unit in units if unit in theirs.model_dump_json()], other
