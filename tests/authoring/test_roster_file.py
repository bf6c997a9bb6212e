"""roster.csv: whatever a spreadsheet makes of it is read, or refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_social.authoring.findings import InvalidFiles
from jupyter_social.authoring.roster_file import read_roster
from jupyter_social.core.people import Role, RosterEntry

HEAD = "username,name,email,role,group\n"
ADA = "ada,Ada Lovelace,ada@engine.test,student,analysts\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def read(file: Path, content: str | bytes) -> tuple[RosterEntry, ...]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(file, Path("roster.csv"))


def refused(file: Path, content: str | bytes) -> list[str]:
    with pytest.raises(InvalidFiles) as refusal:
        read(file, content)
    return refusal.value.detail.splitlines()


def usernames(entries: tuple[RosterEntry, ...]) -> list[str]:
    return [entry.identity.username for entry in entries]


def test_a_line_is_a_person(file: Path) -> None:
    (entry,) = read(file, HEAD + ADA)
    who = entry.identity
    assert (who.username, who.name, who.email) == ("ada", "Ada Lovelace", "ada@engine.test")
    assert (entry.role, entry.group) == (Role.STUDENT, "analysts")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEAD + ADA,
        (HEAD + ADA).replace("\n", "\r\n"),
        HEAD + "\n , , , , \n" + ADA + "\n\n",
        (HEAD + ADA).rstrip("\n"),
        "Group,ROLE, email ,name,username\nanalysts,Student,ada@engine.test,Ada Lovelace,ada\n",
        HEAD + '"ada","Ada Lovelace","ada@engine.test","student","analysts"\n',
        HEAD + " ada , Ada Lovelace , ada@engine.test , STUDENT , analysts \n",
    ],
    ids=["BOM", "CRLF", "blank lines", "no end", "other order", "quotes", "spaces and capitals"],
)
def test_what_spreadsheets_write_is_read_alike(file: Path, content: str) -> None:
    assert read(file, content) == read(file, HEAD + ADA)


def test_a_quoted_name_may_hold_commas_and_quotes(file: Path) -> None:
    (entry,) = read(file, HEAD + 'ada,"Lovelace, Ada ""Augusta""",,student,\n')
    assert entry.identity.name == 'Lovelace, Ada "Augusta"'
    assert entry.group is None


@pytest.mark.parametrize(
    "username",
    ["a", "Ω", "李", ".*", "(a+)+$", "[ab]", "a|b", "^x$", "a+b", "will", "o'brien", "-x", "{}"],
)
def test_odd_user_names_are_people_too(file: Path, username: str) -> None:
    line = f'"{username}",N,,student,\n'
    assert usernames(read(file, HEAD + line)) == [username]


@pytest.mark.parametrize("username", ["..", ".", "a/b", "../ada", "/etc", "a\\b", "a\tb", "a\x1bb"])
def test_a_user_name_that_leads_out_of_its_folder_is_refused(file: Path, username: str) -> None:
    lines = refused(file, f"{HEAD}{ADA}{username},N,,student,\n")
    assert len(lines) == 1
    assert lines[0].startswith("roster.csv:3: The user name ")
    assert "cannot be a folder's name" in lines[0]


def test_names_in_one_spelling_are_one_person_however_they_are_typed(file: Path) -> None:
    lines = refused(file, HEAD + "jose\u0301,N,,student,\n" + "jos\u00e9,N,,student,\n")
    assert lines == ["roster.csv:3: The user name 'josé' stands in line 2 already."]


def test_each_duplicate_names_both_lines_and_capitals_do_not_help(file: Path) -> None:
    lines = refused(file, HEAD + ADA + "bob,Bob,,student,\nADA,Other,,student,\nada,A,,student,\n")
    assert lines == [
        "roster.csv:4: The user name 'ADA' stands in line 2 already.",
        "roster.csv:5: The user name 'ada' stands in line 2 already.",
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ada,Ada,,student", "4 fields instead of 5"),
        ("ada,Ada,,student,g,extra", "6 fields instead of 5"),
        (",Ada,,student,", "The user name is missing"),
        ("  ,Ada,,student,", "The user name is missing"),
        ("ada,Ada,not-an-address,student,", "'not-an-address' is not an e-mail address"),
        ("ada,Ada,a@b@c,student,", "'a@b@c' is not an e-mail address"),
        ("ada,Ada,@b,student,", "'@b' is not an e-mail address"),
        ("ada,Ada,,professor,", "The role 'professor' is unknown"),
        ("ada,Ada,,,", "The role '' is unknown"),
        ("ada,Ada,,operator,", "The role 'operator' is unknown"),
        (f"ada,{'x' * 256},,student,", "longer than 255 characters"),
        (f"{'x' * 256},Ada,,student,", "longer than 255 characters"),
        (f"ada,{'x' * 200_000},,student,", "field"),
        ('ada,"A"da,,student,', "not valid CSV"),
    ],
)
def test_a_bad_line_is_told_with_its_number(file: Path, line: str, says: str) -> None:
    lines = refused(file, HEAD + "bob,Bob,,student,\n" + line + "\n")
    assert len(lines) == 1
    assert lines[0].startswith("roster.csv:3: ")
    assert says in lines[0]


def test_a_quote_that_is_never_closed_is_told(file: Path) -> None:
    assert "not valid CSV" in refused(file, HEAD + ADA + '"bob,Bob,,student,\n')[0]


def test_all_bad_lines_are_told_at_once(file: Path) -> None:
    lines = refused(file, HEAD + ",A,,student,\n" + ADA + "b,B,,king,\n" + "c,C,x,nobody,\n")
    assert [line.split(": ")[0] for line in lines] == [
        "roster.csv:2",
        "roster.csv:4",
        "roster.csv:5",
        "roster.csv:5",
    ]


def test_a_line_number_counts_the_lines_of_the_file(file: Path) -> None:
    lines = refused(file, HEAD + "\n" + 'a,"A\nB",,student,\n' + "b,B,,king,\n")
    assert [line for line in lines if line.startswith("roster.csv:5: The role 'king'")]


def test_a_name_with_a_line_break_or_an_escape_is_refused(file: Path) -> None:
    """It would break every list in which the name stands, and colour the terminal of staff."""
    assert refused(file, HEAD + 'a,"A\nB",,student,\n')
    assert refused(file, HEAD + "a,A\x1b[31mB,,student,\n")


@pytest.mark.parametrize(
    "head",
    [
        "user,name,email,role,group\n",
        "username,name,email,role\n",
        "username,name,email,role,group,notes\n",
        "username,username,email,role,group\n",
        "ada,Ada Lovelace,ada@engine.test,student,analysts\n",
    ],
)
def test_wrong_columns_are_told_with_the_right_ones(file: Path, head: str) -> None:
    lines = refused(file, head + ADA)
    assert lines[0].startswith("roster.csv:1: The columns must be username,name,email,role,group;")


def test_semicolons_get_a_hint(file: Path) -> None:
    (line,) = refused(file, (HEAD + ADA).replace(",", ";"))
    assert line.endswith("Columns are separated by commas.")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"], ids=["empty", "blank", "only a BOM"])
def test_an_empty_roster_is_told_how_it_begins(file: Path, content: str) -> None:
    assert "The roster is empty. Its first line is: username,name" in refused(file, content)[0]


@pytest.mark.parametrize(
    "content",
    [(HEAD + "josé,J,,student,\n").encode("latin-1"), (HEAD + ADA).encode("utf-16")],
    ids=["latin-1", "utf-16"],
)
def test_another_encoding_is_told_how_to_save_it(file: Path, content: bytes) -> None:
    assert "is not UTF-8. Save it as" in refused(file, content)[0]


def test_a_nul_is_refused(file: Path) -> None:
    assert "NUL" in refused(file, HEAD + "a\0da,Ada,,student,\n")[0]


def test_a_file_that_is_far_too_large_is_not_read(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(20_000_001)
    with pytest.raises(InvalidFiles, match="larger than 20 MB"):
        read_roster(file)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles, match=r"nowhere\.csv: The roster cannot be read: No such"):
        read_roster(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidFiles, match="cannot be read: Is a directory"):
        read_roster(tmp_path)
