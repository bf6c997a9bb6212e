"""The course templates keep their promises: they are valid, they run, and nbgrader can grade them.

For each assignment nbgrader makes the students' version in a temporary copy of the course and
grades two hand-ins: `solver` hands in the instructor's solutions, `newcomer` hands in the students'
version as it is.
"""

import ast
import csv
import datetime
import os
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.nbgraderformat import MetadataValidator
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

TEMPLATES = Path(__file__).parents[2] / "course_templates"
NAMES = ("intro-python", "peer-review-lab")
ASSIGNMENTS = ("ps1", "ps2")
PAIRS = [(name, assignment) for name in NAMES for assignment in ASSIGNMENTS]
NOTEBOOKS = sorted(path for name in NAMES for path in (TEMPLATES / name).rglob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.parent.name == "lessons"]

KEY = re.compile(r"[A-Za-z0-9-]+")
CELL_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./])/(bin|etc|home|mnt|opt|private|root|srv|tmp|usr|var|work|Users|Volumes)\b|\b[A-Z]:\\"
)
NBGRADER_WARNING = "ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"
METADATA = {"cell_type", "grade", "grade_id", "locked", "schema_version", "solution", "task"}

# For each exercise an answer that seems right, passes the visible tests, and is wrong.
NEARLY_RIGHT = {
    "intro-python/ps1/ps1-average": """
def average(numbers):
    return sum(numbers) // len(numbers) if numbers else None
""",
    "intro-python/ps1/ps1-above": """
def above(numbers, limit):
    for number in list(numbers):
        if number <= limit:
            numbers.remove(number)
    return numbers
""",
    "intro-python/ps1/ps1-running-total": """
def running_total(numbers):
    totals = [numbers[0]]
    for number in numbers[1:]:
        totals.append(totals[-1] + number)
    return totals
""",
    "intro-python/ps2/ps2-share-bill": """
def share_bill(cents, people):
    amount = round(cents / people)
    return [cents - amount * (people - 1)] + [amount] * (people - 1)
""",
    "intro-python/ps2/ps2-palindrome": """
def is_palindrome(text):
    letters = text.lower().replace(" ", "").replace("?", "")
    return letters == letters[::-1]
""",
    "intro-python/ps2/ps2-your-tests": """
def check_median(median):
    assert median([5, 1, 30]) == 5
""",
    "peer-review-lab/ps1/ps1-read-table": """
def read_table(text):
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        row["rain_mm"] = int(row["rain_mm"])
        row["bikes"] = int(row["bikes"] or 0) or None
    return rows
""",
    "peer-review-lab/ps1/ps1-typical": """
def typical(values):
    return median([value for value in values if value]) if any(values) else None
""",
    "peer-review-lab/ps1/ps1-compare": """
def compare(rows):
    dry = [row["bikes"] for row in rows if row["rain_mm"] < 2]
    wet = [row["bikes"] for row in rows if row["rain_mm"] >= 2]
    return {"dry": typical(dry), "wet": typical(wet)}
""",
    "peer-review-lab/ps2/ps2-clean": """
def clean(rows):
    kept = []
    for row in rows:
        if row["waste_g"] and row not in kept[-1:]:
            kept.append(row)
    return kept
""",
    "peer-review-lab/ps2/ps2-rate": """
def waste_per_meal(rows):
    dishes = {row["dish"]: 0 for row in rows}
    for dish in dishes:
        of_dish = [row for row in rows if row["dish"] == dish]
        dishes[dish] = sum(row["waste_g"] for row in of_dish) / sum(
            row["served"] for row in of_dish if row["waste_g"]
        )
    return dishes
""",
    "peer-review-lab/ps2/ps2-bar": """
def bar(value, largest, width=20):
    return "#" * (20 * value // largest)
""",
}

pytestmark = pytest.mark.filterwarnings(NBGRADER_WARNING)
each_template = pytest.mark.parametrize("name", NAMES)
each_assignment = pytest.mark.parametrize(("name", "assignment"), PAIRS)


def shown(path):
    return path.relative_to(TEMPLATES).as_posix()


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=shown)


@dataclass(frozen=True)
class Score:
    """What nbgrader gave for one cell without a person's help (None: a person must look)."""

    given: float | None
    possible: float
    automatic: bool


@dataclass(frozen=True)
class Graded:
    """A temporary course in which one assignment was generated, handed in twice and autograded."""

    course: Path
    assignment: str
    scores: dict[str, dict[str, Score]]

    def notebooks(self, step, student="."):
        folder = self.course / step / student / self.assignment
        return {path.stem: read(path) for path in sorted(folder.glob("*.ipynb"))}


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def load(name, filename):
    return tomllib.loads((TEMPLATES / name / filename).read_text(encoding="utf-8"))


def source(name, assignment):
    folder = TEMPLATES / name / "source" / assignment
    return {path.stem: read(path) for path in sorted(folder.glob("*.ipynb"))}


def nbgrader_cells(notebooks):
    """The cells that nbgrader knows, by grade_id; a list, so that doubles can be seen."""
    return [
        (cell.metadata.nbgrader.grade_id, cell)
        for notebook in notebooks.values()
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    ]


def automatic(cell):
    return cell.metadata.nbgrader.grade and not cell.metadata.nbgrader.solution


def by_hand(cell):
    return cell.metadata.nbgrader.grade and cell.metadata.nbgrader.solution


def criteria(name, assignment):
    return load(name, "rubric.toml")["assignments"][assignment]["criteria"]


def roster(name):
    with (TEMPLATES / name / "roster.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def succeeded(result):
    assert result["success"], f"{result.get('error')}\n{result.get('log')}"


def read_scores(api, assignment, student):
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        return {
            grade.name: Score(
                given=None if grade.needs_manual_grade else grade.auto_score,
                possible=grade.max_score,
                automatic=grade.cell.cell_type != "markdown",
            )
            for notebook in gradebook.find_submission(assignment, student).notebooks
            for grade in notebook.grades
        }


@pytest.fixture(scope="session")
def tools_on_path():
    """nbgrader calls `alembic` by its name: make sure that it finds the one beside our Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session", params=PAIRS, ids="/".join)
def graded(request, tmp_path_factory, tools_on_path):
    name, assignment = request.param
    base = tmp_path_factory.mktemp("graded")
    course = base / name
    shutil.copytree(TEMPLATES / name, course)
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = name
    (base / "exchange").mkdir()
    config.Exchange.root = str(base / "exchange")
    config.Exchange.cache = str(base / "cache")
    api = NbGraderAPI(config=config)

    succeeded(api.generate_assignment(assignment))
    hand_ins = {"solver": course / "source", "newcomer": course / "release"}
    for student, origin in hand_ins.items():
        shutil.copytree(origin / assignment, course / "submitted" / student / assignment)
        succeeded(api.autograde(assignment, student))
    scores = {student: read_scores(api, assignment, student) for student in hand_ins}
    return Graded(course, assignment, scores)


# What nbgrader makes of the assignments


def test_the_instructors_solutions_get_full_marks_on_every_autograded_cell(graded):
    automatic_scores = {k: s for k, s in graded.scores["solver"].items() if s.automatic}
    assert automatic_scores, "an assignment has autograded cells"
    for grade_id, score in automatic_scores.items():
        assert score.given == score.possible > 0, f"{grade_id}: {score}"


def test_written_solutions_wait_for_a_person(graded):
    written = {k: s for k, s in graded.scores["solver"].items() if not s.automatic}
    assert written, "an assignment has manually graded cells"
    for grade_id, score in written.items():
        assert score.given is None, f"{grade_id}: {score}"


def test_a_hand_in_without_any_answer_gets_no_points(graded):
    assert graded.scores["newcomer"].keys() == graded.scores["solver"].keys()
    for grade_id, score in graded.scores["newcomer"].items():
        assert score.given == 0, f"{grade_id}: {score}"


@pytest.mark.parametrize(
    ("step", "student"), [("release", "."), ("autograded", "solver"), ("autograded", "newcomer")]
)
def test_cell_ids_and_grade_ids_survive_nbgrader(graded, step, student):
    originals = graded.notebooks("source")
    results = graded.notebooks(step, student)
    assert results.keys() == originals.keys()
    for stem, original in originals.items():
        result = results[stem]
        assert [cell.id for cell in result.cells] == [cell.id for cell in original.cells]
        assert [k for k, _ in nbgrader_cells({stem: result})] == [
            k for k, _ in nbgrader_cells({stem: original})
        ]


def test_the_students_version_holds_no_solution_and_no_hidden_test(graded):
    for notebook in graded.notebooks("release").values():
        nbformat.validate(notebook)
        for cell in notebook.cells:
            assert "SOLUTION" not in cell.source, cell.id
            assert "HIDDEN TESTS" not in cell.source, cell.id


def test_the_students_version_invites_an_answer_wherever_one_is_due(graded):
    for grade_id, cell in nbgrader_cells(graded.notebooks("release")):
        if cell.metadata.nbgrader.solution:
            assert "YOUR CODE HERE" in cell.source or "YOUR ANSWER HERE" in cell.source, grade_id


def test_the_hidden_tests_are_back_when_nbgrader_grades(graded):
    for grade_id, cell in nbgrader_cells(graded.notebooks("autograded", "solver")):
        if automatic(cell):
            assert "### BEGIN HIDDEN TESTS" in cell.source, grade_id


@pytest.mark.parametrize("exercise", NEARLY_RIGHT)
def test_a_nearly_right_answer_passes_the_visible_tests_and_not_the_hidden_ones(exercise):
    name, assignment, answered = exercise.split("/")
    names = {}
    for grade_id, cell in nbgrader_cells(source(name, assignment)):
        if grade_id == f"{answered}-check":
            visible, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
            exec(visible, names)
            with pytest.raises((AssertionError, IndexError, ZeroDivisionError)):
                exec(hidden, names)
            return
        if cell.cell_type == "code":
            exec(cell.source, names)
        if grade_id == answered:
            exec(NEARLY_RIGHT[exercise], names)
    pytest.fail("there is no such exercise")


@each_assignment
def test_every_autograded_exercise_has_a_nearly_right_answer_here(name, assignment):
    checks = {k for k, cell in nbgrader_cells(source(name, assignment)) if automatic(cell)}
    assert checks == {
        f"{exercise.rpartition('/')[2]}-check"
        for exercise in NEARLY_RIGHT
        if exercise.startswith(f"{name}/{assignment}/")
    }


# Lessons


@pytest.mark.parametrize("path", LESSONS, ids=shown)
def test_a_lesson_runs_from_top_to_bottom(path, tmp_path):
    lesson = read(path)
    NotebookClient(lesson, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in lesson.cells:
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        expected = "raises-exception" in cell.metadata.get("tags", [])
        assert failed == expected, f"{cell.id} shows an error exactly if it is tagged to do so"


@each_template
def test_a_template_has_three_lessons_and_two_assignments(name):
    lessons = [path.name[:3] for path in LESSONS if path.is_relative_to(TEMPLATES / name)]
    assert lessons == ["01-", "02-", "03-"]
    assignments = sorted(path.name for path in (TEMPLATES / name / "source").iterdir())
    assert assignments == list(ASSIGNMENTS)


@pytest.mark.parametrize("path", LESSONS, ids=shown)
def test_a_lesson_asks_for_a_prediction_a_try_and_a_talk(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    for invitation in ("**Predict.**", "**Try.**", "**Talk.**"):
        assert invitation in text, invitation


# Notebooks as files


@each_notebook
def test_a_notebook_is_valid_and_written_as_nbformat_writes_it(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"


@each_notebook
def test_cell_ids_are_readable_unique_and_stable_over_a_write(path, tmp_path):
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids), "unique"
    assert all(CELL_ID.fullmatch(cell_id) for cell_id in ids), "words and dashes"
    nbformat.write(read(path), tmp_path / "again.ipynb")
    assert [cell.id for cell in read(tmp_path / "again.ipynb").cells] == ids


@each_notebook
def test_a_notebook_holds_no_output(path):
    for cell in read(path).cells:
        assert not cell.get("outputs"), cell.id
        assert cell.get("execution_count") is None, cell.id


@each_notebook
def test_a_notebook_holds_no_absolute_path(path):
    for cell in read(path).cells:
        assert not ABSOLUTE_PATH.search(cell.source), cell.id


@each_notebook
def test_a_notebook_names_nobody_from_the_roster(path):
    text = path.read_text(encoding="utf-8").casefold()
    name = path.relative_to(TEMPLATES).parts[0]
    for person in roster(name):
        for word in (person["username"], person["email"], *person["name"].split()):
            assert not re.search(rf"\b{re.escape(word.casefold())}\b", text), word


@each_notebook
def test_a_notebook_needs_nothing_but_the_standard_library(path):
    for cell in read(path).cells:
        if cell.cell_type == "code":
            for module in imported(cell.source):
                assert module in sys.stdlib_module_names, f"{cell.id} imports {module}"


def imported(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


# Assignments as files


@each_assignment
def test_nbgrader_accepts_the_metadata_of_every_cell(name, assignment):
    notebooks = source(name, assignment)
    for notebook in notebooks.values():
        MetadataValidator().validate_nb(notebook)
    for grade_id, cell in nbgrader_cells(notebooks):
        metadata = cell.metadata.nbgrader
        assert set(metadata) == METADATA | ({"points"} if metadata.grade else set()), grade_id
        assert metadata.schema_version == 3, grade_id
        assert metadata.cell_type == cell.cell_type, grade_id
        assert metadata.locked != metadata.solution, f"{grade_id}: answers are open, others locked"


@each_assignment
def test_grade_ids_and_cell_ids_are_unique_over_the_assignment(name, assignment):
    notebooks = source(name, assignment)
    grade_ids = [grade_id for grade_id, _ in nbgrader_cells(notebooks)]
    assert len(set(grade_ids)) == len(grade_ids)
    cell_ids = [cell.id for notebook in notebooks.values() for cell in notebook.cells]
    assert len(set(cell_ids)) == len(cell_ids)


@each_assignment
def test_every_autograded_cell_has_visible_and_hidden_tests(name, assignment):
    for grade_id, cell in nbgrader_cells(source(name, assignment)):
        if automatic(cell):
            visible, begin, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
            assert begin, grade_id
            assert "assert " in visible, grade_id
            assert "assert " in hidden, grade_id


@each_assignment
def test_every_written_answer_has_a_sample_and_a_criterion(name, assignment):
    written = [k for k, cell in nbgrader_cells(source(name, assignment)) if by_hand(cell)]
    assert written, "at least one manually graded cell"
    cells = dict(nbgrader_cells(source(name, assignment)))
    notebook_of = {
        k: stem
        for stem, nb in source(name, assignment).items()
        for k, _ in nbgrader_cells({"": nb})
    }
    for grade_id in written:
        assert "### BEGIN SOLUTION" in cells[grade_id].source, grade_id
        assert any(
            c.get("grade_id") == grade_id or c.get("notebook") == notebook_of[grade_id]
            for c in criteria(name, assignment)
        ), f"{grade_id} is in the rubric"


@each_assignment
def test_the_points_in_the_headings_are_the_points_of_the_cells(name, assignment):
    notebooks = source(name, assignment)
    text = "\n".join(cell.source for notebook in notebooks.values() for cell in notebook.cells)
    announced = [int(points) for points in re.findall(r"^## .*\((\d+) points\)$", text, re.M)]
    given = [
        c.metadata.nbgrader.points
        for _, c in nbgrader_cells(notebooks)
        if "points" in c.metadata.nbgrader
    ]
    assert sorted(announced) == sorted(given)
    readme = (TEMPLATES / name / "README.md").read_text(encoding="utf-8")
    assert f"({sum(given)} points)" in readme


# Rubric


@each_assignment
def test_the_rubric_has_three_to_five_criteria_with_unique_keys(name, assignment):
    keys = [criterion["key"] for criterion in criteria(name, assignment)]
    assert 3 <= len(keys) <= 5
    assert len(set(keys)) == len(keys)
    assert all(KEY.fullmatch(key) for key in keys)


@each_assignment
def test_what_a_criterion_is_tied_to_exists(name, assignment):
    notebooks = source(name, assignment)
    grade_ids = dict(nbgrader_cells(notebooks))
    for criterion in criteria(name, assignment):
        assert not {"grade_id", "notebook"} <= criterion.keys(), "one tie or none"
        assert criterion.get("grade_id") in {None, *grade_ids}, criterion["key"]
        assert criterion.get("notebook") in {None, *notebooks}, criterion["key"]


@each_assignment
def test_levels_rise_from_zero_and_each_is_described(name, assignment):
    for criterion in criteria(name, assignment):
        assert criterion["title"]
        assert criterion["description"]
        points = [Decimal(str(level["points"])) for level in criterion["levels"]]
        assert points[0] == 0, criterion["key"]
        assert points == sorted(set(points)), criterion["key"]
        assert all(p == round(p, 2) for p in points), "at most two digits after the point"
        for level in criterion["levels"]:
            assert level.keys() == {"points", "title", "description"}, criterion["key"]
            assert level["title"]
            assert level["description"]


@each_template
def test_the_rubric_speaks_of_the_assignments_of_the_course(name):
    assert load(name, "rubric.toml")["assignments"].keys() == set(ASSIGNMENTS)


# The other files


@each_template
def test_the_course_file_describes_both_assignments(name):
    data = load(name, "course.toml")
    assert data["course"].keys() == {"name", "title", "language", "timezone"}
    assert data["course"]["name"] == name
    assert data["assignments"].keys() == set(ASSIGNMENTS)
    starts = datetime.datetime.combine(load(name, "template.toml")["starts"], datetime.time())
    for assignment in data["assignments"].values():
        assert assignment.keys() == {"title", "due", "by", "review_due"}
        assert starts < assignment["due"] < assignment["review_due"]


@each_template
def test_the_template_file_has_a_title_a_sentence_and_a_monday(name):
    data = load(name, "template.toml")
    assert data.keys() == {"title", "description", "starts"}
    assert data["description"].endswith(".")
    assert data["starts"] == datetime.date(2026, 1, 5)
    assert data["starts"].isoweekday() == 1


def test_people_hand_in_alone_except_for_the_groups_of_the_review_lab():
    by = {
        (name, assignment): load(name, "course.toml")["assignments"][assignment]["by"]
        for name, assignment in PAIRS
    }
    groups = [pair for pair, unit in by.items() if unit == "group"]
    assert groups == [("peer-review-lab", "ps2")]
    assert set(by.values()) == {"person", "group"}


@each_template
def test_the_roster_has_the_right_columns_and_invented_people(name):
    people = roster(name)
    assert list(people[0]) == ["username", "name", "email", "role", "group"]
    roles = [person["role"] for person in people]
    assert sorted(roles) == ["assistant", "instructor"] + ["student"] * 6
    assert len({person["username"] for person in people}) == len(people)
    assert all(person["email"].endswith("@example.org") for person in people)
    assert all(bool(person["group"]) == (person["role"] == "student") for person in people)
    assert len({person["group"] for person in people if person["group"]}) == 2


@each_template
def test_nbgrader_reads_its_settings_from_the_template(name):
    loader = PyFileConfigLoader("nbgrader_config.py", path=str(TEMPLATES / name))
    assert loader.load_config() == {"CourseDirectory": {"course_id": name}}


@each_template
def test_work_and_marks_of_students_stay_out_of_git(name):
    ignored = (TEMPLATES / name / "gitignore").read_text(encoding="utf-8").split()
    assert set(ignored) == {
        "submitted/",
        "autograded/",
        "feedback/",
        "release/",
        "gradebook.db",
        ".jupyter-social/",
        ".ipynb_checkpoints/",
    }


@each_template
def test_the_readme_gives_the_next_three_commands_and_names_files_that_exist(name):
    readme = (TEMPLATES / name / "README.md").read_text(encoding="utf-8")
    commands = [line.strip() for line in readme.splitlines() if line.startswith("    ")]
    assert commands[:3] == [
        "jupyter social check",
        "jupyter social roster import roster.csv",
        "nbgrader generate_assignment ps1",
    ]
    for lesson in LESSONS:
        if lesson.is_relative_to(TEMPLATES / name):
            assert f"`lessons/{lesson.name}`" in readme
