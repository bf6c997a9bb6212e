"""Reviews by file, as they are typed: list, write out, fill in, save, submit, take back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import run
from whole_round import first_review, first_work, late, named

FILLED = """\
review = "{review}"
version = {version}
overall = "{overall}"

[criteria.clear]
points = 2
remark = "Say why."

[criteria.whole]
points = 1.5
"""


def written(root: Path, **fields: object) -> Path:
    """A filled-in review of ada's, with these fields."""
    values = {"review": first_review(root, "ada"), "version": 0, "overall": "Good.", **fields}
    file = root / "review.toml"
    file.write_text(FILLED.format(**values))
    return file


def submit(root: Path, file: Path, *more: str, who: str = "ada"):  # type: ignore[no-untyped-def]
    return run("reviews", "submit", "ps1", "--file", file, "--as", who, *more, cwd=root)


def test_the_reviews_to_write_are_listed(in_review: Path) -> None:
    done = run("reviews", "show", "ps1", "--as", "ada", cwd=in_review)
    assert (done.code, done.err) == (0, "")
    assert "0 of 2 reviews done, until 2190-01-23 22:59 UTC." in done.out
    assert first_review(in_review, "ada") in done.out
    assert named(done.out) == []
    assert "For practice" in done.out


def test_who_has_nothing_to_review_is_told(in_submission: Path) -> None:
    done = run("reviews", "show", "ps1", "--as", "ada", cwd=in_submission)
    assert (done.code, done.err) == (0, "")
    assert "There is nothing to review in ps1 now." in done.out


def test_a_review_is_written_out_filled_in_and_submitted(in_review: Path) -> None:
    review = first_review(in_review, "ada")
    typed = ("reviews", "show", "ps1", review, "--as", "ada", "--output", "desk")
    shown = run(*typed, cwd=in_review)
    assert (shown.code, shown.err) == (0, "")
    assert "0 Not yet; 2 Mostly; 4 Yes" in shown.out
    assert "do not run them" in shown.out
    file = in_review / "desk" / "review.toml"
    notebook = json.loads((in_review / "desk" / "work.ipynb").read_bytes())
    assert notebook["cells"][0]["id"] in file.read_text()
    assert submit(in_review, file).code == 1, "no points yet"

    cell = notebook["cells"][0]["id"]
    text = file.read_text().replace('overall = ""', 'overall = """\nFirst.\nThen."""')
    text = text.replace("# points =   #", "points = 0  #").replace(
        'remark = ""', 'remark = "A \\"remark\\""', 1
    )
    text += f'\n[[comments]]\nnotebook = "work.ipynb"\ncell = "{cell}"\ntext = "Here."\n'
    file.write_text(text)
    assert submit(in_review, file, "--dry-run").code == 0
    assert submit(in_review, file, "--dry-run", "--json").json["state"] == "submitted"
    listed = run("reviews", "show", "ps1", "--as", "ada", "--json", cwd=in_review).json
    assert listed["done"] == 0
    done = submit(in_review, file)
    assert (done.code, done.err) == (0, "")
    assert "Submitted. Thank you!" in done.out
    assert submit(in_review, file, "--json").json["state"] == "submitted", "twice is once"
    told = run(*typed, "--json", cwd=in_review).json
    assert told["body"]["scores"] == {"clear": 0, "whole": 0}
    assert told["body"]["overall"] == "First.\nThen."
    assert told["body"]["comments"][0]["text"] == "Here."
    assert file.read_text().count("Here.") == 1, "what was filled in stays"


def test_a_form_that_is_written_again_reads_as_what_was_saved(in_review: Path) -> None:
    file = written(in_review, overall='Tab\\t, \\"quotes\\", back\\\\slash, ü, \\u007f.')
    assert submit(in_review, file, "--draft").code == 0
    review = first_review(in_review, "ada")
    run("reviews", "show", "ps1", review, "--as", "ada", "--output", "again", cwd=in_review)
    again = in_review / "again" / "review.toml"
    saved = submit(in_review, again, "--draft", "--json")
    assert saved.code == 0
    assert saved.json["version"] == 1, "nothing changed"
    assert saved.json["body"]["overall"] == 'Tab\t, "quotes", back\\slash, ü, \x7f.'


def test_a_draft_is_saved_and_its_file_knows_the_version(in_review: Path) -> None:
    file = written(in_review)
    done = submit(in_review, file, "--draft")
    assert (done.code, done.err) == (0, "")
    assert "Saved as a draft (version 1)" in done.out
    assert "version = 1\n" in file.read_text()
    file.write_text(file.read_text().replace("Good.", "Better."))
    assert submit(in_review, file, "--json").json["version"] == 2
    review = first_review(in_review, "ada")
    back = run("reviews", "take-back", "ps1", review, "--as", "ada", cwd=in_review)
    assert back.code == 0
    assert f"Review {review}: draft" in back.out


def test_where_somebody_saved_first_both_texts_are_shown(in_review: Path) -> None:
    file = written(in_review)
    submit(in_review, file, "--draft")
    stale = written(in_review, overall="Mine.")
    done = submit(in_review, stale)
    assert done.code == 1
    assert "saved from another window" in done.err
    stands, mine = done.out.split("What is in your file:")
    assert "Good." in stands
    assert "Mine." in mine
    assert "write version = 1" in mine
    told = submit(in_review, stale, "--json")
    assert told.code == 1
    assert told.json["problem"]["version"] == 1
    assert told.json["problem"]["yours"]["overall"] == "Mine."
    stale.write_text(stale.read_text().replace("version = 0", "version = 1"))
    assert submit(in_review, stale).code == 0


def test_a_review_after_the_deadline_is_told_kindly(in_review: Path) -> None:
    file = written(in_review)
    late(in_review)
    for more in ((), ("--draft",)):
        done = submit(in_review, file, *more)
        assert done.code == 1
        assert "The time for reviews is over." in done.err


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('review = "x"\nversion = "one"\n', 2, "version"),
        ('review = "x"\nversion = -1\n', 2, "version"),
        ('review = "x"\n\n[criteria.clear]\npoints = "many"\n', 4, "points"),
        ('review = "x"\n\n[criteria.clear]\npoints = 1.234\n', 4, "at most two decimals"),
        ('review = "x"\n\n[criteria.clear]\npoint = 1\n', 4, "Is it a typo?"),
        ('review = "x"\n[[comments]]\nnotebook = "work.ipynb"\ntext = "a"\n', 2, "missing"),
        ('review = "x"\n[criteria.clear]\npoints =\n', 3, "not valid TOML"),
        ('review = "x"\nwork = "y"\n', 2, "Name what you review"),
        ("version = 0\n", None, "Name what you review"),
        (f'review = "x"\noverall = "{"a" * 10_001}"\n', 2, "overall"),
    ],
)
def test_a_broken_file_is_told_with_its_line(
    in_review: Path, text: str, line: int | None, says: str
) -> None:
    file = in_review / "broken.toml"
    file.write_text(text)
    done = submit(in_review, file)
    assert done.code == 1
    assert done.err.startswith(f"{file}:{line}: " if line else f"{file}: ")
    assert says in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("points = 2\n", "points = 3\n", "Clear: choose one of 0, 2, 4 points."),
        ("[criteria.whole]", "[criteria.other]", "has no criterion 'other'"),
        ("[criteria.whole]\npoints = 1.5", "", "Still without points: The whole."),
        ("\n[criteria.clear]", '\n[[comments]]\nnotebook = "work.ipynb"\ncell = "x"\n'
         'text = "a"\n\n[criteria.clear]', "A comment points to a cell"),
        ('review = "', 'review = "x', "There is nothing of that name here"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(in_review: Path, old: str, new: str, says: str) -> None:
    file = written(in_review)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    done = submit(in_review, file)
    assert done.code == 1
    assert says in done.err


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("reviews show ps1", 2, "--as NAME is missing"),
        ("reviews show ps1 --as ada --output desk", 2, "REVIEW is missing"),
        ("reviews show ps1 abc --as ada", 1, "There is nothing of that name here"),
        ("reviews show ps9 --as ada", 1, "There is nothing of that name here"),
        ("reviews show ps1 --as zoe", 1, "Nobody in this course"),
        ("reviews show ps1 --as terry", 1, "There is nothing of that name here"),
        ("reviews submit ps1 --as ada", 2, "--file review.toml is missing"),
        ("reviews submit ps1 --file review.toml", 2, "--as NAME is missing"),
        ("reviews submit ps1 --file none.toml --as ada", 1, "Cannot be read"),
        ("reviews take-back ps1 abc --as ada", 1, "There is nothing of that name here"),
        ("reviews feedback ps1", 2, "--as NAME is missing"),
        ("reviews work ps1 abc", 1, "There is nothing of that name here"),
        ("reviews override ps1 abc --reason why", 2, "--points KEY=POINTS"),
        ("reviews override ps1 abc --points clear=1", 2, "--reason needs words"),
        ("reviews override ps1 abc --points clear --reason why", 2, "takes KEY=POINTS"),
        ("reviews override ps1 abc --points clear=nan --reason why", 2, "points go from 0"),
        ("reviews override ps1 abc --points clear=1 --reason why", 1, "nothing of that name"),
        ("reviews marks ps1 --as ada", 1, "There is nothing of that name here"),
    ],
)
def test_wrong_use_and_refusals(in_review: Path, typed: str, code: int, says: str) -> None:
    done = run(*typed.split(), cwd=in_review)
    assert done.code == code, done
    assert says in done.err
    assert set(run(*typed.split(), "--json", cwd=in_review).json) == {"problem"}


def test_two_reviews_do_not_share_a_folder(in_review: Path) -> None:
    listed = run("reviews", "show", "ps1", "--as", "ada", "--json", cwd=in_review).json["reviews"]
    typed = ("reviews", "show", "ps1")
    options = ("--as", "ada", "--output", "desk")
    assert run(*typed, listed[0]["review"], *options, cwd=in_review).code == 0
    other = run(*typed, listed[1]["review"], *options, cwd=in_review)
    assert other.code == 1
    assert "Choose another folder." in other.err


def test_authors_read_their_feedback_in_words(released: Path) -> None:
    done = run("reviews", "feedback", "ps1", "--as", "ada", cwd=released)
    assert (done.code, done.err) == (0, "")
    assert "First: 5.5 of 5.5 points." in done.out
    assert "Halfway between the two middle ones of 4, 4." in done.out
    assert "Review 1, by a classmate:" in done.out
    assert "Clear, 4 points: Well told." in done.out
    assert "You wrote 2 of 2 reviews yourself." in done.out
    assert named(done.out) == []
    answer = run("reviews", "feedback", "ps1", "--as", "ada", "--json", cwd=released).json
    assert answer["state"] == "opened"


def test_before_the_release_there_is_no_feedback(reviewed: Path) -> None:
    done = run("reviews", "feedback", "ps1", "--as", "ada", cwd=reviewed)
    assert done.code == 0
    assert "comes when your teachers release it" in done.out
    assert "Well told" not in done.out


def test_staff_see_marks_and_works_under_pseudonyms(reviewed: Path) -> None:
    listed = run("reviews", "marks", "ps1", cwd=reviewed)
    assert (listed.code, listed.err) == (0, "")
    assert "6 works, at most 5.5 points each" in listed.out
    work = first_work(reviewed)
    shown = run("reviews", "work", "ps1", work, cwd=reviewed)
    assert shown.code == 0
    assert f"Work {work}: 5.5, of 5.5 points." in shown.out
    assert shown.out.count("by peer:") == 2
    assert named(listed.out + shown.out) == []


def test_a_mark_is_overridden_with_a_reason_and_taken_back(reviewed: Path) -> None:
    work = first_work(reviewed)
    typed = ("reviews", "override", "ps1", work, "--reason", "Too kind.")
    points = ("--points", "clear=3.25", "--points", "whole=1")
    tried = run(*typed, *points, "--dry-run", "--json", cwd=reviewed)
    assert (tried.code, tried.json["mark"]) == (0, 4.25)
    assert run("reviews", "work", "ps1", work, "--json", cwd=reviewed).json["mark"] == 5.5
    done = run(*typed, *points, cwd=reviewed)
    assert done.code == 0
    assert "Set by your teachers" in done.out
    assert "Set by hand: Too kind." in done.out
    assert "overridden" in run("reviews", "marks", "ps1", cwd=reviewed).out
    over = run(*typed, "--points", "clear=4.5", cwd=reviewed)
    assert (over.code, over.err) == (1, "clear brings at most 4 points.\n")
    back = run(*typed, "--withdraw", "--json", cwd=reviewed)
    assert back.json["mark"] == 5.5


def test_staff_review_a_work_by_the_same_file(reviewed: Path) -> None:
    work = first_work(reviewed)
    typed = ("reviews", "work", "ps1", work, "--output", "look")
    assert run(*typed, cwd=reviewed).code == 0
    file = reviewed / "look" / "review.toml"
    file.write_text(file.read_text().replace("# points =   #", "points = 0  #"))
    nobody = run("reviews", "submit", "ps1", "--file", file, cwd=reviewed)
    assert nobody.code == 2
    assert submit(reviewed, file, "--draft", who="hel").code == 2
    assert submit(reviewed, file, who="ada").code == 1
    done = submit(reviewed, file, who="hel")
    assert (done.code, done.err) == (0, "")
    assert f"Your review of {work} counts as one among 3." in done.out
