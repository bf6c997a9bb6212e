"""A real class around nbgrader's own quickstart course.

`build` does what a teacher and twelve students would do in the first week: `nbgrader quickstart`,
`generate_assignment`, release, fetch, work, submit and collect, all through nbgrader's own code and
a real exchange folder. Every student has a home folder of their own, and every notebook is really
executed there by a kernel that runs in that student's name.

The notebooks stay as nbgrader ships them: nbformat 4.0, without cell ids.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.quickstartapp import QuickStartApp
from traitlets.config import Config

COURSE = "course101"
ASSIGNMENT = "ps1"
HEADER = 'NAME = ""\nCOLLABORATORS = ""'
NOTEBOOKS = ("problem1.ipynb", "problem2.ipynb")
PEOPLE = {
    "adeyemi-k": "Kemi Adeyemi",
    "brandt-l": "Lukas Brandt",
    "castillo-m": "María Castillo",
    "dubois-n": "Noël Dubois",
    "eriksen-o": "Oda Eriksen",
    "farouk-p": "Parisa Farouk",
    "gupta-r": "Rohan Gupta",
    "hayashi-s": "Sakura Hayashi",
    "ivanova-t": "Tanya Ivanova",
    "jensen-u": "Uffe Jensen",
    "kowalski-v": "Vera Kowalski",
    "li-w": "Wei Li",
}
STUDENTS = tuple(PEOPLE)
KERNELS_AT_ONCE = 2
CELL_TIMEOUT = 60


@dataclass(frozen=True)
class Answers:
    """What one kind of student writes into the cells of the assignment."""

    squares: str
    sum_of_squares: str
    equation: str
    application: str
    describe: str
    fails_for: str
    task: str = ""
    scratch: str = ""
    collaborators: str = ""


RIGHT_SQUARES = """\
    if n < 1:
        raise ValueError("n must be at least 1, not %s" % n)
    return [i ** 2 for i in range(1, n + 1)]"""
LOOP_SQUARES = """\
    if n < 1:
        raise ValueError(n)
    result = []
    for i in range(1, n + 1):
        result.append(i * i)
    return result"""
ONE_TOO_FEW = """\
    if n < 1:
        raise ValueError("too small")
    return [i ** 2 for i in range(1, n)]"""
NO_CHECK = "    return [i ** 2 for i in range(1, n + 1)]"
NOT_DONE = "    raise NotImplementedError()"
LOOP_SUM = """\
    total = 0
    for square in squares(n):
        total += square
    return total"""
EQUATION = r"$\sum_{i=1}^n i^2$"
FIBONACCI = "It computes the Fibonacci numbers. It calls itself twice until it reaches 0 or 1."
NEGATIVE = "For numbers below zero it never stops, because it never meets 0 or 1."

# The variety of a class: sound work, small and large mistakes, unfinished work, and the traces that
# people leave in notebooks: user names, home folders, tracebacks, warnings, addresses of objects.
CLASS = (
    Answers(
        squares=RIGHT_SQUARES,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="def cannonballs(n):\n"
        '    """How many balls are in a square pyramid."""\n'
        "    return sum_of_squares(n)\n\n\n"
        "[cannonballs(n) for n in range(1, 6)]",
        describe=FIBONACCI,
        fails_for=NEGATIVE + " Python stops it with a `RecursionError`.",
        task="Arithmetic: $n(a_1 + a_n)/2$, geometric: $a(1 - r^n)/(1 - r)$.",
        scratch="n = 50\nprint(n * (1 + n) / 2, sum(range(1, n + 1)))",
    ),
    Answers(
        squares=LOOP_SQUARES,
        sum_of_squares=LOOP_SUM,
        equation=EQUATION,
        application="import getpass\n\nprint('made by', getpass.getuser())\nsum_of_squares(3)",
        describe="Fibonacci, by recursion.",
        fails_for=NEGATIVE,
    ),
    Answers(
        squares=ONE_TOO_FEW,
        sum_of_squares="    return sum(squares(n))",
        equation="$1^2 + 2^2 + ... + n^2$",
        application="sum_of_squares(4)",
        describe="It adds the two numbers before.",
        fails_for="I think 0.",
    ),
    Answers(
        squares=RIGHT_SQUARES,
        sum_of_squares="    return n * (n + 1) * (2 * n + 1) // 6  # a formula from a book",
        equation=r"$\frac{n(n+1)(2n+1)}{6}$",
        application="from pathlib import Path\n\n"
        'Path("~/data/squares.txt").expanduser().read_text()',
        describe=FIBONACCI,
        fails_for="Fractions such as 0.5, and numbers below zero.",
    ),
    Answers(
        squares=NOT_DONE,
        sum_of_squares=NOT_DONE,
        equation="",
        application="raise NotImplementedError()",
        describe="I did not get this one yet.",
        fails_for="",
    ),
    Answers(
        squares=NO_CHECK,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="import traceback\n\n"
        "try:\n    sum_of_squares('ten')\nexcept TypeError:\n    traceback.print_exc()",
        describe="Each number is the sum of the two before it: 0, 1, 1, 2, 3, 5, 8.",
        fails_for=NEGATIVE,
        scratch="!echo $USER works in $HOME",
    ),
    Answers(
        squares=RIGHT_SQUARES,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="import helpers\n\nhelpers.check(sum_of_squares(10))",
        describe=FIBONACCI,
        fails_for=NEGATIVE,
        task="Checked with a small file of my own, `helpers.py`.",
    ),
    Answers(
        squares=LOOP_SQUARES,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="import os\nimport warnings\n\n"
        "warnings.warn('big numbers are slow')\nprint(os.getcwd())\nsum_of_squares(1000)",
        describe="The Fibonacci numbers, but slowly: the same values are computed again and again.",
        fails_for="Large numbers take very long, and negative ones never end.",
    ),
    Answers(
        squares="    return [i ** 2 for i in range(1, n + 1)",
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="sum_of_squares(2)",
        describe="A function that calls itself.",
        fails_for="Words.",
    ),
    Answers(
        squares=RIGHT_SQUARES,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION,
        application="from IPython.display import HTML\n\n"
        "cells = ''.join(f'<td>{sum_of_squares(n)}</td>' for n in range(1, 4))\n"
        "HTML(f'<table><tr>{cells}</tr></table>')",
        describe=FIBONACCI,
        fails_for=NEGATIVE,
    ),
    Answers(
        squares=RIGHT_SQUARES,
        sum_of_squares="    return squares(n)",
        equation=r"$\sum n^2$",
        application="object()",
        describe="It gives back x or the sum of two calls.",
        fails_for="Nothing, it always works.",
        scratch="import sys\n\nprint('still thinking', file=sys.stderr)",
    ),
    Answers(
        squares=LOOP_SQUARES,
        sum_of_squares="    return sum(squares(n))",
        equation=EQUATION + " – the sum of the first *n* squares",
        application="import os\nimport sys\n\n"
        "print('Übung von', os.environ['USER'], 'in', os.path.expanduser('~'), file=sys.stderr)\n"
        "{n: sum_of_squares(n) for n in (1, 2, 3)}",
        describe="Die Fibonacci-Zahlen: 0, 1, 1, 2, 3, 5, 8, …",
        fails_for=NEGATIVE,
    ),
)


def roster(students: Sequence[str] = STUDENTS) -> str:
    """The class as the text of a `roster.csv`, in groups of three."""
    lines = ["username,name,email,role,group"]
    for number, student in enumerate(students):
        name = PEOPLE.get(student, student)
        lines.append(f"{student},{name},{student}@example.org,student,group-{number // 3 + 1}")
    return "\n".join(lines) + "\n"


def build(directory: Path, students: Sequence[str] = STUDENTS) -> Path:
    """Make the class in `directory`, an empty folder, and return the root of its course.

    The hand-ins are then in `submitted/<username>/ps1/`. The home folders of the students and the
    exchange stay beside the course, in `home/` and `exchange/`.
    """
    (directory / "exchange").mkdir(parents=True)
    with tools_on_path(), contextlib.chdir(directory):
        quickstart()
        course = directory / COURSE
        teacher = nbgrader(directory, student="*")
        succeed(teacher.generate_assignment(ASSIGNMENT))
        succeed(teacher.release_assignment(ASSIGNMENT))
        for student in students:
            fetch(directory, student)
        asyncio.run(work(directory, students))
        for student in students:
            submit(directory, student)
        succeed(teacher.collect(ASSIGNMENT))
    return course


@contextlib.contextmanager
def tools_on_path() -> Iterator[None]:
    """Let nbgrader find the commands beside our Python: it calls `alembic` by its name."""
    before = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), before))
    try:
        yield
    finally:
        os.environ["PATH"] = before


def quickstart() -> None:
    """Run `nbgrader quickstart course101` in the current folder."""
    QuickStartApp.clear_instance()
    app = QuickStartApp.instance()
    try:
        app.initialize([COURSE])
        app.start()
    finally:
        QuickStartApp.clear_instance()


def nbgrader(directory: Path, student: str) -> NbGraderAPI:
    """nbgrader as one person sees it: `*` is the teacher."""
    home = directory / "home" / student
    config = Config()
    config.CourseDirectory.course_id = COURSE
    config.CourseDirectory.root = str(directory / COURSE)
    config.CourseDirectory.student_id = student
    config.Exchange.root = str(directory / "exchange")
    config.Exchange.cache = str(home / ".cache" / "nbgrader")
    config.Exchange.assignment_dir = str(home)
    config.Exchange.timezone = "Europe/Berlin"
    config.ExchangeCollect.check_owner = False  # one account of the system plays all the parts
    config.IncludeHeaderFooter.header = str(directory / COURSE / "source" / "header.ipynb")
    return NbGraderAPI(config=config)


def succeed(result: dict) -> None:
    """Raise with nbgrader's own words if one of its steps did not succeed."""
    if not result["success"]:
        raise RuntimeError(f"{result.get('error')}\n{result.get('log')}")


def fetch(directory: Path, student: str) -> None:
    """`nbgrader fetch_assignment ps1`, in the student's home folder."""
    (directory / "home" / student).mkdir(parents=True)
    exchange_step(directory, student, "FetchAssignment")


def submit(directory: Path, student: str) -> None:
    """`nbgrader submit ps1`, from the student's home folder."""
    exchange_step(directory, student, "Submit")


def exchange_step(directory: Path, student: str, step: str) -> None:
    """Run one step of the exchange for a student."""
    api = nbgrader(directory, student)
    api.coursedir.assignment_id = ASSIGNMENT
    kind = getattr(api.exchange, step)
    kind(coursedir=api.coursedir, authenticator=api.authenticator, parent=api).start()


async def work(directory: Path, students: Sequence[str]) -> None:
    """Every student fills in the notebooks and runs them, a few students at a time."""
    seats = asyncio.Semaphore(KERNELS_AT_ONCE)

    async def one(number: int, student: str) -> None:
        helper = students[number - 1] if number % 4 == 1 else ""  # some name a classmate
        answers = replace(CLASS[number % len(CLASS)], collaborators=helper)
        folder = directory / "home" / student / ASSIGNMENT
        async with seats:
            for name in NOTEBOOKS:
                await fill_in_and_run(folder / name, student, answers)

    await asyncio.gather(*(one(number, student) for number, student in enumerate(students)))


async def fill_in_and_run(path: Path, student: str, answers: Answers) -> None:
    """Write a student's answers into a notebook, execute it in that student's name, save it."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    fill_in(notebook, student, answers)
    if "helpers" in answers.application:
        (path.parent / "helpers.py").write_text(HELPERS, encoding="utf-8")
    await run(notebook, path.parent, student)
    nbformat.write(notebook, path)


HELPERS = '''\
"""A file of one student, imported by the notebook."""


def check(total):
    raise LookupError(f"no table of sums in {__file__}, so {total} cannot be checked")
'''


def fill_in(notebook: NotebookNode, student: str, answers: Answers) -> None:
    """Put the answers into the cells where nbgrader expects them."""
    by_grade_id = {
        "squares": replace_stub(answers.squares),
        "sum_of_squares": replace_stub(answers.sum_of_squares),
        "sum_of_squares_equation": lambda _: answers.equation or "YOUR ANSWER HERE",
        "sum_of_squares_application": lambda _: answers.application,
        "part-a": lambda _: answers.describe,
        "part-b": lambda _: answers.fails_for or "YOUR ANSWER HERE",
    }
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in by_grade_id:
            cell.source = by_grade_id[grade_id](cell.source)
        elif cell.source == HEADER:
            name = PEOPLE.get(student, student)
            cell.source = f'NAME = "{name}"\nCOLLABORATORS = "{answers.collaborators}"'
    if any(cell.metadata.get("nbgrader", {}).get("task") for cell in notebook.cells):
        add_work_below(notebook, answers)


def replace_stub(body: str):
    """Return a function that replaces nbgrader's stub in a cell by the body of an answer."""
    stub = "    # YOUR CODE HERE\n    raise NotImplementedError()"

    def fill(source: str) -> str:
        if stub not in source:
            raise ValueError(f"no place for an answer in:\n{source}")
        return source.replace(stub, body)

    return fill


def add_work_below(notebook: NotebookNode, answers: Answers) -> None:
    """A task is answered in new cells below it."""
    if answers.task:
        notebook.cells.append(without_id(nbformat.v4.new_markdown_cell(answers.task)))
    if answers.scratch:
        notebook.cells.append(without_id(nbformat.v4.new_code_cell(answers.scratch)))


def without_id(cell: NotebookNode) -> NotebookNode:
    """Notebooks of nbformat 4.0 have no cell ids."""
    cell.pop("id", None)
    return cell


async def run(notebook: NotebookNode, folder: Path, student: str) -> None:
    """Execute a notebook from top to bottom; errors stay in it, as in a notebook run by hand."""
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    await client.async_execute(env=environment_of(folder.parent, student))


def environment_of(home: Path, student: str) -> dict[str, str]:
    """The environment in which a student's kernel runs."""
    mine = {"HOME": str(home), "USER": student, "LOGNAME": student, "LNAME": student}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("IPYTHON")}
    return kept | mine | {"USERNAME": student, "JUPYTERHUB_USER": student}
