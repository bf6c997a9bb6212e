"""The class that the other scenarios build on is a real one."""

import csv
import json

import nbformat
import pytest
from quickstart_class import ASSIGNMENT, NOTEBOOKS, PEOPLE, STUDENTS, roster

pytestmark = pytest.mark.timeout(300)


def submitted(course, student):
    return course / "submitted" / student / ASSIGNMENT


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def outputs(notebook):
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def all_outputs(course):
    """Everything that the class printed, student by student, as JSON text."""
    return {
        student: json.dumps(
            [outputs(read(submitted(course, student) / name)) for name in NOTEBOOKS],
            ensure_ascii=False,
        )
        for student in STUDENTS
    }


def test_twelve_students_handed_in_through_nbgraders_exchange(quickstart_class):
    folders = sorted(path.name for path in (quickstart_class / "submitted").iterdir())
    assert folders == sorted(STUDENTS)
    assert len(folders) == 12
    for student in STUDENTS:
        names = {path.name for path in submitted(quickstart_class, student).iterdir()}
        assert names >= {*NOTEBOOKS, "jupyter.png", "timestamp.txt"}, student


def test_every_notebook_was_executed(quickstart_class):
    for student in STUDENTS:
        for name in NOTEBOOKS:
            notebook = read(submitted(quickstart_class, student) / name)
            nbformat.validate(notebook)
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_no_two_students_have_the_same_outputs(quickstart_class):
    printed = all_outputs(quickstart_class)
    assert len(set(printed.values())) == len(STUDENTS)


def test_the_notebooks_are_as_old_as_nbgrader_ships_them(quickstart_class):
    for student in STUDENTS:
        for name in NOTEBOOKS:
            notebook = read(submitted(quickstart_class, student) / name)
            assert (notebook.nbformat, notebook.nbformat_minor) == (4, 0)
            assert all("id" not in cell for cell in notebook.cells)


def test_the_class_is_of_varied_quality(quickstart_class):
    errors = {}
    for student in STUDENTS:
        notebook = read(submitted(quickstart_class, student) / "problem1.ipynb")
        errors[student] = {
            output.ename
            for cell_outputs in outputs(notebook)
            for output in cell_outputs
            if output.output_type == "error"
        }
    assert sum(not names for names in errors.values()) >= 3, "some notebooks run without error"
    assert len(set().union(*errors.values())) >= 5, "and others fail in various ways"


def test_outputs_hold_the_traces_that_people_leave(quickstart_class):
    printed = all_outputs(quickstart_class)
    home = quickstart_class.parent / "home"
    assert sum(student in text for student, text in printed.items()) >= 5, "own user names"
    assert sum(str(home / student) in text for student, text in printed.items()) >= 3, "paths"
    assert any("object at 0x" in text for text in printed.values()), "an address"
    assert any("<table>" in text for text in printed.values()), "some HTML"
    assert any("\\u001b[" in text for text in printed.values()), "colours of a terminal"


def test_everybody_signs_with_a_name_and_some_name_a_classmate(quickstart_class):
    helped = 0
    for student in STUDENTS:
        for name in NOTEBOOKS:
            signature = read(submitted(quickstart_class, student) / name).cells[1].source
            assert f'NAME = "{PEOPLE[student]}"' in signature
            helped += any(other in signature for other in STUDENTS)
    assert helped == 6, "three students, in both notebooks"


def test_the_roster_lists_the_class_with_names_and_groups():
    people = list(csv.DictReader(roster().splitlines()))
    assert list(people[0]) == ["username", "name", "email", "role", "group"]
    assert [person["username"] for person in people] == list(STUDENTS)
    assert len({person["group"] for person in people}) == 4


def test_nobody_prints_the_user_name_of_another(quickstart_class):
    for student, text in all_outputs(quickstart_class).items():
        assert not [other for other in STUDENTS if other != student and other in text]


def test_a_copy_can_be_changed_without_harm(quickstart_class, quickstart_class_copy):
    victim = submitted(quickstart_class_copy, STUDENTS[0]) / NOTEBOOKS[0]
    victim.write_text("not a notebook", encoding="utf-8")
    read(submitted(quickstart_class, STUDENTS[0]) / NOTEBOOKS[0])
