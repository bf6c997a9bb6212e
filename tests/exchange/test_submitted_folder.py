"""nbgrader's submitted folder is read as it is, and nothing in it leads out of it."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
from builders import as_bytes, notebook

from jupyter_social.core.errors import Invalid, NotFound
from jupyter_social.exchange import submitted_folder
from jupyter_social.exchange.rules import MAX_FILES, MAX_OTHER_FILE
from jupyter_social.exchange.submitted_folder import SubmittedFolder, find_submitted

WORK = as_bytes(notebook("answer = 42"))
SECRET = "the password of the course"


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A submitted folder with ada's work, beside a secret that is none of hers."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "secret.ipynb").write_text(SECRET)
    folder = tmp_path / "submitted"
    (folder / "ada" / "ps1").mkdir(parents=True)
    (folder / "ada" / "ps1" / "work.ipynb").write_bytes(WORK)
    return folder


@pytest.fixture
def ps1(submitted: Path) -> Path:
    return submitted / "ada" / "ps1"


def of_ada(submitted: Path) -> SubmittedFolder:
    (found,) = [f for f in find_submitted(submitted, "ps1") if f.username == "ada"]
    return found


def refused(submitted: Path) -> str:
    with pytest.raises(Invalid) as refusal:
        of_ada(submitted).read()
    assert SECRET not in refusal.value.detail
    return refusal.value.detail


def test_files_are_named_from_the_assignment_on(submitted: Path, ps1: Path) -> None:
    (ps1 / "data" / "raw").mkdir(parents=True)
    (ps1 / "data" / "raw" / "in.csv").write_bytes(b"1,2")
    assert of_ada(submitted).read() == {"work.ipynb": WORK, "data/raw/in.csv": b"1,2"}


def test_what_nbgrader_and_jupyter_leave_behind_is_passed_over(submitted: Path, ps1: Path) -> None:
    (ps1 / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    (ps1 / ".DS_Store").write_bytes(b"\0")
    for folder in (".ipynb_checkpoints", "__pycache__"):
        (ps1 / folder).mkdir()
        (ps1 / folder / "work-checkpoint.ipynb").write_bytes(b"old")
    assert list(of_ada(submitted).read()) == ["work.ipynb"]


def test_the_folder_above_is_not_taken_for_the_submitted_folder(submitted: Path) -> None:
    with pytest.raises(NotFound, match="USERNAME/ps1/"):
        find_submitted(submitted.parent, "ps1")


def test_people_are_found_in_order_and_only_with_this_assignment(submitted: Path) -> None:
    for name in ("zoe", "bob"):
        (submitted / name / "ps1").mkdir(parents=True)
    (submitted / "carl" / "ps2").mkdir(parents=True)
    (submitted / "README.txt").write_text("no person")
    assert [f.username for f in find_submitted(submitted, "ps1")] == ["ada", "bob", "zoe"]


@pytest.mark.parametrize("missing", ["nowhere", "submitted/ada/ps1/work.ipynb"])
def test_a_folder_that_is_none_is_told(submitted: Path, missing: str) -> None:
    with pytest.raises(NotFound, match="Name nbgrader's submitted folder"):
        find_submitted(submitted.parent / missing, "ps1")


def test_an_assignment_that_nobody_has_is_told_with_the_shape_of_the_folder(
    submitted: Path,
) -> None:
    with pytest.raises(NotFound, match=r"It looks like USERNAME/ps9/"):
        find_submitted(submitted, "ps9")


def test_a_link_to_a_file_is_refused_by_name(submitted: Path, ps1: Path) -> None:
    (ps1 / "extra.ipynb").symlink_to(submitted.parent / "secret" / "secret.ipynb")
    assert "extra.ipynb is a link" in refused(submitted)


def test_a_link_within_the_folder_is_refused_too(submitted: Path, ps1: Path) -> None:
    (ps1 / "again.ipynb").symlink_to("work.ipynb")
    assert "again.ipynb is a link" in refused(submitted)


def test_a_link_to_a_folder_is_refused(submitted: Path, ps1: Path) -> None:
    (ps1 / "data").symlink_to(submitted.parent / "secret")
    assert "data is a link" in refused(submitted)


def test_an_assignment_that_is_a_link_is_refused(submitted: Path, ps1: Path) -> None:
    shutil.rmtree(ps1)
    ps1.symlink_to(submitted.parent / "secret")
    assert "ps1 is a link" in refused(submitted)


def test_a_person_that_is_a_link_is_refused(submitted: Path) -> None:
    """Else one could hand in as another, or hand in somebody's private folder."""
    (submitted / "bob" / "ps1").mkdir(parents=True)
    (submitted / "bob" / "ps1" / "bobs.ipynb").write_bytes(WORK)
    shutil.rmtree(submitted / "ada")
    (submitted / "ada").symlink_to(submitted / "bob")
    assert "ada is a link" in refused(submitted)


def test_a_link_that_leads_nowhere_is_refused_and_not_passed_over(
    submitted: Path, ps1: Path
) -> None:
    (ps1 / "gone.ipynb").symlink_to("nowhere")
    assert "gone.ipynb is a link" in refused(submitted)
    shutil.rmtree(ps1)
    ps1.symlink_to("nowhere")
    assert "ps1 is a link" in refused(submitted)


def test_a_link_that_leads_to_itself_is_refused(submitted: Path, ps1: Path) -> None:
    (ps1 / "loop").symlink_to(ps1)
    assert "loop is a link" in refused(submitted)


def test_a_link_put_in_place_while_the_folder_is_read_is_not_followed(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = submitted_folder._read

    def swapped(path: Path) -> bytes:
        path.unlink()
        path.symlink_to(submitted.parent / "secret" / "secret.ipynb")
        return opened(path)

    monkeypatch.setattr(submitted_folder, "_read", swapped)
    assert "cannot be read" in refused(submitted)


def test_a_pipe_is_refused_and_not_waited_for(submitted: Path, ps1: Path) -> None:
    os.mkfifo(ps1 / "pipe.ipynb")
    assert "pipe.ipynb is not an ordinary file" in refused(submitted)


def test_a_socket_is_refused(submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ps1)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.ipynb")
        assert "s.ipynb cannot be read" in refused(submitted)


def test_an_endless_device_is_refused(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match="is not an ordinary file"):
        submitted_folder._read(Path("/dev/zero"))


def test_as_many_files_as_allowed_are_read_and_one_more_is_not(submitted: Path, ps1: Path) -> None:
    for number in range(MAX_FILES - 1):
        (ps1 / f"{number}.csv").write_bytes(b"")
    assert len(of_ada(submitted).read()) == MAX_FILES
    (ps1 / "one-more.csv").write_bytes(b"")
    assert refused(submitted) == f"It has more than {MAX_FILES} files."


def test_a_large_file_is_refused_before_it_is_read_whole(submitted: Path, ps1: Path) -> None:
    with (ps1 / "data.csv").open("wb") as file:
        file.truncate(MAX_OTHER_FILE)
    assert len(of_ada(submitted).read()["data.csv"]) == MAX_OTHER_FILE
    with (ps1 / "data.csv").open("wb") as file:
        file.truncate(10**12)
    assert refused(submitted) == "data.csv is larger than 8 MB."


def test_a_notebook_of_a_terabyte_is_refused(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitted_folder, "MAX_FILE_BYTES", 5_000_000)
    with (ps1 / "work.ipynb").open("wb") as file:
        file.truncate(10**12)
    assert refused(submitted) == "work.ipynb is larger than 5 MB."


def test_very_deep_folders_are_refused(submitted: Path, ps1: Path) -> None:
    deep = ps1
    for _ in range(8):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "in.csv").write_bytes(b"1")
    assert of_ada(submitted).read()["d/" * 8 + "in.csv"] == b"1"
    (deep / "e" / "f" / "g").mkdir(parents=True)
    assert "levels deep" in refused(submitted)


def test_an_assignment_that_is_a_file_is_refused(submitted: Path, ps1: Path) -> None:
    shutil.rmtree(ps1)
    ps1.write_bytes(WORK)
    assert refused(submitted).endswith("is not a folder.")


def test_a_file_that_cannot_be_read_is_told_by_name(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def denied(path: Path, *arguments: int) -> int:
        if Path(path).name == "work.ipynb":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments)

    monkeypatch.setattr(os, "open", denied)
    assert "work.ipynb cannot be read: Permission denied." in refused(submitted)


def test_a_file_that_breaks_while_it_is_read_is_told_by_name(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing disk reports no file name of its own."""

    def broken(_: int) -> os.stat_result:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", broken)
        told = refused(submitted)
    assert "Input/output error" in told
    assert "work.ipynb" in told


def test_a_folder_of_one_person_that_cannot_be_listed_is_told(
    submitted: Path, ps1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", denied)
    assert "ps1 cannot be read: Permission denied." in refused(submitted)
