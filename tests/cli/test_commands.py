"""The commands as they are typed: exit codes, options, one JSON document, words for people."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import COURSE_TOML, as_bytes, code, notebook
from command_line import BIN, Done, program, run
from postgres_server import PostgresServer

from jupyter_social import __version__
from jupyter_social.app import Application
from jupyter_social.cli.main import Social
from jupyter_social.core import maintenance

NAMES = ("ada", "bob", "cyd", "dan", "eve", "fay")
ROSTER = "username,name,email,role,group\n" + "".join(
    f"{name},{name.title()} Last{name},{name}@uni.test,student,g{index // 3}\n"
    for index, name in enumerate(NAMES)
)
STAFF = "terry,Terry Teacher,terry@uni.test,instructor,\nhel,Hel Per,,assistant,\n"


def work(text: str) -> bytes:
    return as_bytes(notebook(code(text, id="q1", nbgrader={"grade_id": "q1"})))


def fill(root: Path) -> Path:
    """Files of a course with a roster and six hand-ins."""
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "source" / "team").mkdir()
    (root / "course.toml").write_text(COURSE_TOML)
    (root / "roster.csv").write_text(ROSTER + STAFF)
    (root / "source" / "ps1" / "work.ipynb").write_bytes(work("answer = 42"))
    (root / "source" / "team" / "joint.ipynb").write_bytes(work("answer = 42"))
    for name in NAMES:
        folder = root / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "work.ipynb").write_bytes(work(f"# {name.title()} Last{name}\nx = 1"))
    return root


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return fill(tmp_path / "course")


@pytest.fixture
def imported(course: Path) -> Path:
    """The course with its roster and its hand-ins in the database."""
    assert run("roster", "import", "roster.csv", cwd=course).code == 0
    assert run("submissions", "import", "ps1", cwd=course).code == 0
    return course


def leaves(group: type = Social, *path: str) -> list[tuple[str, ...]]:
    """Every verb there is."""
    found = []
    for name, (below, _) in group.subcommands.items():  # type: ignore[attr-defined]
        if isinstance(below, str):
            found.append((*path, name))
        else:
            found += leaves(below, *path, name)
    return found


VERBS = leaves()
ARGUMENTS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("check",): (),
    ("roster", "import"): ("roster.csv",),
    ("roster", "list"): (),
    ("submissions", "import"): ("ps1",),
    ("submissions", "list"): ("ps1",),
    ("submissions", "withdraw"): ("ps1", "ada", "--yes"),
    ("anonymize",): ("submitted/ada/ps1/work.ipynb", "--roster", "roster.csv"),
    ("reviews", "assign"): ("ps1", "--reviews", "2"),
    ("reviews", "status"): ("ps1",),
    ("reviews", "verify"): ("ps1",),
    ("round", "show"): ("ps1",),
    ("round", "switch"): ("ps1", "submission"),
    ("round", "extend"): ("ps1", "ada", "--due", "2190-01-01"),
    ("reports", "list"): (),
    ("pause",): ("--reason", "why"),
    ("resume",): ("--reason", "why"),
    ("reviews", "show"): ("ps1", "--as", "ada"),
    ("reviews", "marks"): ("ps1",),
    ("reviews", "feedback"): ("ps1", "--as", "ada"),
    ("reviews", "export"): ("ps1", "--csv", "marks.csv"),
    ("db", "export"): ("--user", "ada", "--output", "ada.json"),
    ("db", "erase"): ("--user", "ada", "--reason", "asked", "--yes"),
    ("audit",): (),
    ("db", "upgrade"): (),
    ("db", "backup"): ("copy.db",),
    ("db", "verify"): (),
    ("where",): (),
    ("doctor",): (),
}
OF_A_COURSE = sorted(set(ARGUMENTS) - {("anonymize",), ("where",), ("doctor",)})


def ready(course: Path) -> Path:
    run("reviews", "assign", "ps1", "--reviews", "2", cwd=course)
    return course


def test_the_whole_way_through_the_real_program(course: Path) -> None:
    steps = {
        "check": (0, "worth a look"),
        "roster import roster.csv": (0, "8 people are in the course; 8 changes, 0 as before."),
        "submissions import ps1 submitted": (0, "6 new"),
        "reviews assign ps1 --reviews 3 --seed 7": (0, "everybody gives and gets 3 reviews"),
        "reviews verify ps1": (0, "The assignment is proven: 1 run replayed"),
        "reviews status ps1": (0, "Everybody who handed in has reviewers."),
        "db verify": (0, "Nothing is damaged."),
    }
    (course / "source" / "team" / "joint.ipynb").write_bytes(work("answer = 42"))
    for typed, (wanted, says) in steps.items():
        done = program(*typed.split(), cwd=course)
        assert (done.code, done.err) == (wanted, ""), typed
        assert says in done.out, typed


def test_jupyter_finds_the_program(course: Path) -> None:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [BIN / "jupyter", "social", "roster", "list", "--json"],
        cwd=course,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, {"members": []}), done.stderr


def test_the_version_alone_is_printed(tmp_path: Path) -> None:
    assert program("--version", cwd=tmp_path) == Done(0, f"{__version__}\n", "")
    for verb in VERBS:
        assert run(*verb, "--version", cwd=tmp_path).out == f"{__version__}\n", verb


@pytest.mark.parametrize("verb", [(), ("roster",), *VERBS], ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help", "--help-all"])
def test_each_command_explains_itself(tmp_path: Path, verb: tuple[str, ...], option: str) -> None:
    done = run(*verb, option, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert f"Usage: {' '.join(['jupyter social', *verb])}" in done.out
    assert "Traceback" not in done.out


@pytest.mark.parametrize("verb", sorted(ARGUMENTS), ids=" ".join)
def test_json_is_one_document_and_nothing_else(imported: Path, verb: tuple[str, ...]) -> None:
    done = run(*verb, *ARGUMENTS[verb], "--json", cwd=ready(imported))
    assert isinstance(done.json, dict), done
    assert done.code == 0, done


def test_every_verb_is_tried_with_json() -> None:
    # What needs a round under way is tried in test_round_commands and test_review_commands.
    needs_a_round = {
        ("reviews", verb)
        for verb in ("submit", "take-back", "work", "override", "release", "take-back-release")
    }
    tried_elsewhere = {
        ("init",),
        ("demo",),
        ("db", "restore"),
        ("reports", "decide"),
        ("submissions", "hand-in"),
        *needs_a_round,
    }
    assert set(ARGUMENTS) == set(VERBS) - tried_elsewhere


@pytest.mark.parametrize("verb", OF_A_COURSE, ids=" ".join)
def test_outside_a_course_each_command_says_how_to_start_one(
    tmp_path: Path, verb: tuple[str, ...]
) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    done = run(*verb, *ARGUMENTS[verb], "--json", cwd=tmp_path)
    assert done.code == 1
    assert done.json["problem"]["type"] == "urn:jupyter-social:problem:not-found"
    assert "There is no course.toml here or in a folder above" in done.err
    assert "Traceback" not in done.err


def test_a_refusal_in_json_is_a_problem_document(imported: Path) -> None:
    done = run("reviews", "assign", "ps1", "--reviews", "9", "--json", cwd=imported)
    assert done.code == 1
    assert done.json == {
        "problem": {
            "type": "urn:jupyter-social:problem:impossible-allocation",
            "title": "These reviews cannot be assigned",
            "status": 409,
            "detail": done.err.rstrip("\n"),
        }
    }


@pytest.mark.parametrize(
    "typed",
    ["reviews assign ps1 --json", "reviews status --json", "roster list --jsn --json"],
)
def test_wrong_use_in_json_is_a_document_too(imported: Path, typed: str) -> None:
    done = run(*typed.split(), cwd=imported)
    assert done.code == 2
    assert done.json["problem"]["detail"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("reviews status", "ASSIGNMENT is missing."),
        ("submissions withdraw ps1", "USERNAME is missing."),
        ("roster import", "FILE is missing."),
        ("anonymize --roster roster.csv", "FILE is missing."),
        ("anonymize submitted/ada/ps1/work.ipynb", "--roster FILE is missing"),
        ("reviews status ps1 ps2", "'ps2' is one argument too many."),
        ("reviews assign ps1", "--reviews N is missing"),
        ("reviews assign ps1 --reviews 0", "--reviews"),
        ("reviews assign ps1 --reviews=-3", "--reviews"),
        ("reviews assign ps1 --reviews many", "'many'"),
        ("reviews assign ps1 --reviews 3 --seed=-1", "--seed"),
        ("reviews assign ps1 --reviews 3 --seed=9223372036854775808", "--seed"),
        ("reviews assign ps1 --reviews 3 --reciprocal maybe", "reciprocal"),
        ("reviews assign ps1 --reviews 3 --dry-run --reason why", "--reason names people"),
        ("roster import roster.csv --dry-rum", "Did you mean --dry-run?"),
        ("roster import roster.csv --dry", "--dry is not an option here"),
        ("roster list -x", "-x is not an option here"),
        ("roster lsit", "'lsit' is not one of: import, list."),
        ("rosters", "'rosters' is not one of: "),
        ("submissions withdraw ps1 ada", "add --yes to say so."),
    ],
)
def test_wrong_use_leaves_with_two_and_changes_nothing(
    imported: Path, typed: str, says: str
) -> None:
    before = run("audit", "--json", cwd=imported).json
    done = run(*typed.split(), cwd=imported)
    assert done.code == 2, done
    assert says in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert run("audit", "--json", cwd=imported).json == before


@pytest.mark.parametrize("typed", ["", "roster", "db"])
def test_a_noun_alone_lists_its_verbs_and_leaves_with_two(course: Path, typed: str) -> None:
    done = run(*typed.split(), cwd=course)
    assert done.code == 2
    assert "Subcommands" in done.out


def test_options_may_stand_before_and_after_arguments(imported: Path) -> None:
    orders = [
        "reviews assign ps1 --reviews 2 --seed 7 --dry-run --json",
        "reviews assign --reviews 2 --seed 7 --dry-run --json ps1",
        "reviews assign --reviews=2 ps1 --json --seed=7 --dry-run",
        "reviews assign --json --ReviewsAssign.reviews=2 --seed 7 ps1 --dry-run",
    ]
    answers = [run(*typed.split(), cwd=imported).json for typed in orders]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["dry_run"] is True


def test_an_argument_after_two_dashes_is_no_option(tmp_path: Path) -> None:
    done = run("init", "--template", "intro-python", "--", "-odd", cwd=tmp_path)
    assert done.code == 0, done.err
    assert (tmp_path / "-odd" / "course.toml").is_file()


def test_commands_work_anywhere_below_the_course_folder(imported: Path) -> None:
    below = imported / "submitted" / "ada"
    assert run("reviews", "status", "ps1", "--json", cwd=below).json["handed_in"] == 6
    assert run("where", "--json", cwd=below).json["course"] == str(imported)
    assert not (below / ".jupyter-social").exists()


def test_the_nearest_course_counts(imported: Path) -> None:
    inner = fill(imported / "inner")
    assert run("where", "--json", cwd=inner / "source").json["course"] == str(inner)


@pytest.mark.parametrize("verb", sorted(ARGUMENTS), ids=" ".join)
def test_what_is_piped_has_no_colour(imported: Path, verb: tuple[str, ...]) -> None:
    done = run(*verb, *ARGUMENTS[verb], cwd=ready(imported))
    assert done.out
    assert "\x1b" not in done.out + done.err


def test_a_long_line_is_not_cut_when_piped(imported: Path) -> None:
    long = "a-very-long-name-" * 12
    with (imported / "roster.csv").open("a") as file:
        file.write(f"longlong,{long},,student,\n")
    run("roster", "import", "roster.csv", cwd=imported)
    listed = run("roster", "list", cwd=imported).out
    assert listed.count("very") == 12
    assert "…" not in listed
    assert run("roster", "list", "--json", cwd=imported).json["members"][-2]["name"] == long


def test_where_names_the_places_without_a_password(course: Path, tmp_path: Path) -> None:
    url = "postgresql+psycopg://teacher:hunter2@db.test/course"
    done = run("where", "--json", f"--database={url}", cwd=course)
    assert done.json["course"] == str(course)
    assert done.json["database"] == url.replace("hunter2", "***")
    assert done.json["templates"]
    assert not (course / ".jupyter-social").exists(), "looking makes nothing"
    outside = run("where", "--json", cwd=tmp_path).json
    assert (outside["course"], outside["database"]) == (None, None)
    assert outside["configuration"]


def test_doctor_finds_a_sound_course_sound(imported: Path) -> None:
    done = run("doctor", "--json", cwd=imported)
    states = {check["check"]: check["state"] for check in done.json["checks"]}
    assert done.code == 0
    assert states.keys() >= {"python", "sqlite", "nbgrader", "course", "database", "privacy"}
    assert "error" not in states.values()


def test_doctor_says_what_to_do_where_something_is_wrong(imported: Path) -> None:
    (imported / ".jupyter-social" / "course.db").chmod(0o644)
    done = run("doctor", "--json", cwd=imported)
    found = {check["check"]: check for check in done.json["checks"]}
    assert (done.code, found["privacy"]["state"]) == (0, "warning")
    assert "chmod 600" in found["privacy"]["message"]
    (imported / "rubric.toml").write_text("nonsense")
    done = run("doctor", "--json", cwd=imported)
    found = {check["check"]: check for check in done.json["checks"]}
    assert (done.code, found["course"]["state"]) == (1, "error")
    assert "jupyter social check" in found["course"]["message"]


def test_doctor_works_outside_a_course_and_with_a_broken_database(imported: Path) -> None:
    outside = run("doctor", "--json", cwd=imported.parent)
    assert outside.code == 0
    (imported / ".jupyter-social" / "course.db").write_bytes(b"no database" * 1000)
    done = run("doctor", "--json", cwd=imported)
    found = {check["check"]: check for check in done.json["checks"]}
    assert (done.code, found["database"]["state"]) == (1, "error")
    assert "Traceback" not in done.err


def test_check_leaves_with_one_only_for_errors(course: Path) -> None:
    done = run("check", "--json", cwd=course)
    assert (done.code, done.json["errors"]) == (0, 0)
    assert done.json["warnings"] == len(done.json["findings"]) > 0
    (course / "course.toml").write_text(COURSE_TOML.replace("2026-01-16", "2026-13-16"))
    done = run("check", "--json", cwd=course)
    assert done.code == 1
    assert done.json["findings"][0]["line"] == 8
    assert "error: course.toml:8: " in run("check", cwd=course).out


def test_a_configuration_file_is_written_and_read(imported: Path, tmp_path: Path) -> None:
    done = run("--generate-config", cwd=imported)
    assert done.code == 0
    file = tmp_path / "jupyter-config" / "jupyter_social_config.py"
    assert "c.Storage.database" in file.read_text()
    other = tmp_path / "other.db"
    file.write_text(f"c.Storage.database = 'sqlite:///{other}'\n")
    where = run("where", "--json", cwd=imported).json
    assert where["database"] == str(other)
    assert run("roster", "list", "--json", cwd=imported).json == {"members": []}


def test_a_broken_configuration_is_wrong_use(imported: Path, tmp_path: Path) -> None:
    (tmp_path / "jupyter-config").mkdir()
    (tmp_path / "jupyter-config" / "jupyter_social_config.py").write_text(
        "c.Storage.database = 7\n"
    )
    done = run("roster", "list", cwd=imported)
    assert done.code == 2
    assert "database" in done.err


def test_the_environment_names_the_database_where_no_option_does(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_SOCIAL_DATABASE", f"sqlite:///{tmp_path / 'env.db'}")
    assert run("roster", "list", "--json", cwd=imported).json == {"members": []}
    url = f"sqlite:///{imported / '.jupyter-social' / 'course.db'}"
    found = run("roster", "list", "--json", f"--database={url}", cwd=imported).json
    assert len(found["members"]) == 8


def test_a_backup_is_restored_and_the_present_database_is_kept_aside(imported: Path) -> None:
    backup = imported / "copy.db"
    assert run("db", "backup", "copy.db", "--json", cwd=imported).json["bytes"] > 0
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    run("submissions", "withdraw", "ps1", "ada", "--yes", cwd=imported)
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["handed_in"] == 5
    answer = run("db", "restore", "copy.db", "--yes", "--json", cwd=imported).json
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["handed_in"] == 6
    with closing(sqlite3.connect(answer["aside"])) as aside:
        query = "SELECT count(*) FROM submission WHERE withdrawn_at IS NOT NULL"
        assert aside.execute(query).fetchone() == (1,), "nothing of the one before is lost"
    assert run("db", "verify", cwd=imported).code == 0


def test_two_restores_within_a_second_keep_both_databases_aside(imported: Path) -> None:
    run("db", "backup", "copy.db", cwd=imported)
    file, now = imported / ".jupyter-social" / "course.db", datetime(2026, 1, 10, tzinfo=UTC)
    asides = {maintenance.restore(imported / "copy.db", file, now=now) for _ in range(2)}
    assert len(asides) == 2


def test_a_backup_is_never_written_over_anything(imported: Path) -> None:
    (imported / "copy.db").write_text("precious")
    done = run("db", "backup", "copy.db", cwd=imported)
    assert done.code == 1
    assert "exists already" in done.err
    assert (imported / "copy.db").read_text() == "precious"


@pytest.mark.parametrize("target", ["nowhere/copy.db", "roster.csv/copy.db"])
def test_a_backup_that_cannot_be_written_is_told(imported: Path, target: str) -> None:
    done = run("db", "backup", target, cwd=imported)
    assert done.code == 1
    assert "could not be written" in done.err
    assert not list(imported.glob("*.partial"))


@pytest.mark.parametrize("name", ["copy#1.db", "copy?x=1.db", "copy%41.db", "größe 1.db"])
def test_a_backup_of_any_name_can_be_restored(imported: Path, name: str) -> None:
    assert run("db", "backup", name, cwd=imported).code == 0
    done = run("db", "restore", name, "--yes", cwd=imported)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "There is no file"), (b"", "no backup"), (b"no database" * 1000, "no backup")],
)
def test_what_is_no_backup_is_not_restored(
    imported: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (imported / "copy.db").write_bytes(content)
    done = run("db", "restore", "copy.db", "--yes", cwd=imported)
    assert done.code == 1
    assert says in done.err
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["handed_in"] == 6


def test_a_backup_of_a_newer_program_is_not_restored(imported: Path) -> None:
    run("db", "backup", "copy.db", cwd=imported)
    with closing(sqlite3.connect(imported / "copy.db")) as backup:
        backup.execute("UPDATE alembic_version SET version_num = '9999'")
        backup.commit()
    done = run("db", "restore", "copy.db", "--yes", cwd=imported)
    assert done.code == 1
    assert "newer jupyter_social" in done.err


def test_restoring_asks_first(imported: Path) -> None:
    run("db", "backup", "copy.db", cwd=imported)
    done = run("db", "restore", "copy.db", cwd=imported)
    assert done.code == 2
    assert "add --yes" in done.err


def test_a_lost_database_is_restored_without_asking(imported: Path) -> None:
    run("db", "backup", "copy.db", cwd=imported)
    shutil.rmtree(imported / ".jupyter-social")
    answer = run("db", "restore", "copy.db", "--json", cwd=imported).json
    assert answer["aside"] is None
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["handed_in"] == 6


def test_a_damaged_database_is_replaced_by_a_good_backup(imported: Path) -> None:
    """This is what a damaged database tells its owner to do."""
    run("db", "backup", "copy.db", cwd=imported)
    (imported / ".jupyter-social" / "course.db").write_bytes(b"no database" * 1000)
    told = run("roster", "list", cwd=imported)
    assert told.code == 1
    assert "jupyter social db restore FILE" in told.err
    done = run("db", "restore", "copy.db", "--yes", cwd=imported)
    assert done.code == 0, done.err
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["handed_in"] == 6


def change(course: Path, statement: str) -> None:
    with closing(sqlite3.connect(course / ".jupyter-social" / "course.db")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE blob SET content = x'00' WHERE rowid = 1", "stored content"),
        ("DELETE FROM journal WHERE seq = 2", "journal of testing has 7 events and should have 8"),
        ("DELETE FROM unit WHERE rowid = 1", "refers to nothing"),
        ("DELETE FROM review_task WHERE rowid = 1", "reviews of ps1 are not what"),
    ],
)
def test_db_verify_finds_what_was_changed_behind_its_back(
    imported: Path, statement: str, says: str
) -> None:
    ready(imported)
    assert run("db", "verify", cwd=imported).code == 0
    change(imported, statement)
    done = run("db", "verify", "--json", cwd=imported)
    assert done.code == 1
    assert any(says in problem for problem in done.json["problems"]), done.json
    assert "jupyter social db restore FILE" in run("db", "verify", cwd=imported).out


def test_db_verify_tells_a_damaged_page_in_words(imported: Path) -> None:
    file = imported / ".jupyter-social" / "course.db"
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'journal'"
        page = connection.execute(query).fetchone()[0]
    data = bytearray(file.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    file.write_bytes(bytes(data))
    done = program("db", "verify", "--json", cwd=imported)
    assert done.code == 1
    assert "damaged" in done.out
    assert "Traceback" not in done.err


def test_db_commands_on_postgresql(course: Path, postgres_server: PostgresServer) -> None:
    option = f"--database={postgres_server.empty_database('commands')}"
    refused = run("roster", "import", "roster.csv", option, cwd=course)
    assert refused.code == 1
    assert "jupyter social db upgrade" in refused.err
    assert run("db", "upgrade", option, cwd=course).code == 0
    assert run("roster", "import", "roster.csv", option, cwd=course).code == 0
    assert run("submissions", "import", "ps1", option, cwd=course).code == 0
    assert run("reviews", "assign", "ps1", "--reviews", "2", option, cwd=course).code == 0
    assert run("db", "verify", option, cwd=course).code == 0
    backup = run("db", "backup", "copy.db", option, cwd=course)
    assert backup.code == 1
    assert "pg_dump" in backup.err
    assert not (course / ".jupyter-social").exists()


def test_a_reveal_is_in_the_audit_log_with_its_reason(imported: Path) -> None:
    ready(imported)
    assert "identity.revealed" not in run("audit", cwd=imported).out
    typed = ["reviews", "assign", "ps1", "--reviews", "2", "--json"]
    answer = run(*typed, "--reason", "a student asked", "--as", "terry", cwd=imported).json
    assert len(answer["pairs"]) == 12
    assert {name for pair in answer["pairs"] for name in pair} == set(NAMES)
    entry = run("audit", "--json", cwd=imported).json["entries"][-1]
    assert (entry["kind"], entry["subject"]) == ("identity.revealed", "ps1")
    assert entry["data"]["reason"] == "a student asked"
    assert entry["actor"].startswith("operator as ")
    assert "terry" not in json.dumps(entry)
    assert "a student asked" in run("audit", cwd=imported).out


def test_without_a_reason_no_pair_is_told(imported: Path) -> None:
    done = run("reviews", "assign", "ps1", "--reviews", "2", "--json", cwd=imported)
    assert "pairs" not in done.json
    shown = run("reviews", "status", "ps1", cwd=imported).out + done.out
    assert not [name for name in NAMES if re.search(rf"\b{re.escape(name)}\b", shown)]


def test_an_empty_reason_is_refused_before_anything_is_assigned(imported: Path) -> None:
    done = run("reviews", "assign", "ps1", "--reviews", "2", "--reason", "  ", cwd=imported)
    assert done.code in (1, 2)
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["runs"] == 0


def test_a_dry_run_of_the_roster_changes_nothing(course: Path) -> None:
    done = run("roster", "import", "roster.csv", "--dry-run", "--json", cwd=course)
    assert (done.json["active"], done.json["dry_run"]) == (8, True)
    assert run("roster", "list", "--json", cwd=course).json == {"members": []}


def test_importing_again_changes_nothing(imported: Path) -> None:
    again = run("submissions", "import", "ps1", "submitted", "--json", cwd=imported)
    assert again.code == 0
    assert {answer["outcome"] for answer in again.json["received"]} == {"unchanged"}


def test_withdrawing_and_listing(imported: Path) -> None:
    run("submissions", "withdraw", "ps1", "ada", "--yes", cwd=imported)
    found = run("submissions", "list", "ps1", "--json", cwd=imported).json["submissions"]
    states = {row["owner"]: row["state"] for row in found}
    assert states.pop("ada") == "withdrawn"
    assert set(states.values()) == {"handed in"}
    assert "1 withdrawn" in run("submissions", "list", "ps1", cwd=imported).out


def test_of_a_group_one_folder_is_taken_and_different_work_is_asked_about(imported: Path) -> None:
    for name, text in (("ada", "a"), ("bob", "a"), ("dan", "b"), ("eve", "c")):
        folder = imported / "submitted" / name / "team"
        folder.mkdir()
        (folder / "joint.ipynb").write_bytes(work(text))
    done = run("submissions", "import", "team", "--json", cwd=imported)
    assert done.code == 1
    assert [answer["owner"] for answer in done.json["received"]] == ["g0"]
    (failed,) = done.json["failed"]
    assert failed["owner"] == "g1"
    assert "dan, eve handed in different work" in failed["reason"]


def test_somebody_without_the_right_learns_nothing_from_importing_group_work(
    imported: Path,
) -> None:
    for name, text in (("dan", "b"), ("eve", "c")):
        folder = imported / "submitted" / name / "team"
        folder.mkdir()
        (folder / "joint.ipynb").write_bytes(work(text))
    done = run("submissions", "import", "team", "--as", "ada", "--json", cwd=imported)
    assert done.code == 1
    assert "problem" in done.json
    assert "eve" not in done.out


def test_conflicts_are_read_from_a_file(imported: Path) -> None:
    (imported / "conflicts.csv").write_text("reviewer,author\nada,bob\nada,cyd\nada,dan\n")
    typed = "reviews assign ps1 --reviews 2 --reason test --conflicts conflicts.csv --json"
    answer = run(*typed.split(), cwd=imported).json
    assert {author for reviewer, author in answer["pairs"] if reviewer == "ada"} == {"eve", "fay"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("ada,bob\n", ":1: The first line must be reviewer,author."),
        ("", ":1: The first line must be reviewer,author."),
        ("reviewer,author\nada\n", ":2: A line names one reviewer and one author."),
        ("reviewer,author\nada,mallory\n", "'mallory', whom the roster does not know"),
        ('reviewer,author\n"ada,bob\n', "not a CSV file"),
        (None, "No such file"),
    ],
)
def test_a_conflicts_file_that_is_none_is_told_with_its_line(
    imported: Path, content: str | None, says: str
) -> None:
    if content is not None:
        (imported / "conflicts.csv").write_text(content)
    typed = "reviews assign ps1 --reviews 2 --conflicts conflicts.csv"
    done = run(*typed.split(), cwd=imported)
    assert done.code == 1
    assert says in done.err
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["runs"] == 0


def test_a_changed_proof_leaves_with_one(imported: Path) -> None:
    ready(imported)
    change(imported, "DELETE FROM review_task WHERE rowid = 1")
    done = run("reviews", "verify", "ps1", "--json", cwd=imported)
    assert (done.code, done.json["holds"]) == (1, False)
    assert "is not what its runs come to" in run("reviews", "verify", "ps1", cwd=imported).out


def test_a_closed_pipe_is_no_traceback(imported: Path) -> None:
    line = f"{BIN / 'jupyter-social'} roster list --json | head -c 1"
    done = subprocess.run(["sh", "-c", line], cwd=imported, capture_output=True, check=False)
    assert done.stdout == b"{"
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize(
    "typed", ["roster list", "roster list --json", "init new", "anonymize -h", "check"]
)
def test_a_terminal_that_knows_ascii_alone_is_no_traceback(imported: Path, typed: str) -> None:
    with (imported / "roster.csv").open("a") as file:
        file.write("li,李小龙 Ørsted,,student,\n")
    run("roster", "import", "roster.csv", cwd=imported)
    done = program(
        *typed.split(), cwd=imported, env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    )
    assert done.code == 0, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "typed",
    [
        (b"reviews", b"status", b"\xff"),
        (b"submissions", b"list", b"\xff"),
        (b"submissions", b"withdraw", b"ps1", b"\xff", b"--yes"),
        (b"reviews", b"assign", b"ps1", b"--reviews", b"2", b"--reason", b"\xff"),
        (b"roster", b"list", b"--as", b"\xff"),
        (b"roster", b"import", b"\xff"),
    ],
    ids=lambda typed: b" ".join(typed).decode("ascii", "replace"),
)
def test_an_argument_that_is_not_utf8_is_no_traceback(
    imported: Path, typed: tuple[bytes, ...]
) -> None:
    done = program(*typed, cwd=imported)
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    assert run("reviews", "status", "ps1", "--json", cwd=imported).json["runs"] == 0


def test_a_working_folder_that_was_removed_is_told(tmp_path: Path) -> None:
    line = f"mkdir gone && cd gone && rmdir ../gone && {BIN / 'jupyter-social'} roster list"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_command_that_is_interrupted_says_so(
    imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Application, "perform", interrupted)
    done = run("roster", "list", cwd=imported)
    assert done.code == 130
    assert done.err == "Stopped. What was done so far is kept.\n"


def test_commands_leave_nothing_but_the_database_and_its_lock(imported: Path) -> None:
    for verb in (("roster", "list"), ("submissions", "list", "ps1"), ("db", "verify")):
        assert run(*verb, cwd=imported).code == 0
    left = {path.name for path in (imported / ".jupyter-social").iterdir()}
    assert left == {".gitignore", "course.db", "course.db.lock"}


def test_notebooks_of_one_name_do_not_replace_each_other(imported: Path) -> None:
    source = (imported / "submitted" / "ada" / "ps1" / "work.ipynb").read_bytes()
    for folder in ("one", "two"):
        (imported / folder).mkdir()
        (imported / folder / "work.ipynb").write_bytes(source)
    files = ("./one/work.ipynb", "./two/work.ipynb")
    done = run("anonymize", *files, "--roster", "roster.csv", "--output", "out/", cwd=imported)
    assert (done.code, done.err) == (0, "")
    assert sorted(path.name for path in (imported / "out").iterdir()) == [
        "work-1.ipynb",
        "work-2.ipynb",
    ]
