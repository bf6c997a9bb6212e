"""The operator's door: the same table on loopback, for whoever can read the owner's note."""

from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

import pytest
from builders import Classroom
from command_line import Done, run
from server_process import Server, served

from jupyter_social.core.ownership import announced_door

NOTHING = "There is nothing of that name here that you can open."


def note_of(room: Classroom) -> Path:
    file = room.app.database.file
    assert file is not None
    return file.with_name(file.name + ".owner")


def command(server: Server, *words: str) -> Done:
    return run(*words, f"--database={server.room.url}", cwd=server.room.folder)


def test_the_note_names_the_door_and_only_its_owner_can_read_it(server: Server) -> None:
    note = note_of(server.room)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    told = json.loads(note.read_text())
    assert told["pid"] == os.getpid()
    assert told["address"].startswith("http://127.0.0.1:")
    assert len(told["secret"]) >= 43
    assert [path.name for path in note.parent.iterdir() if path.name.startswith(note.name)] == [
        note.name
    ]


def test_the_door_is_on_loopback_alone(server: Server) -> None:
    door = server.extension.service.door
    assert door is not None
    addresses = {found.getsockname()[0] for found in door.server._sockets.values()}
    assert addresses == {"127.0.0.1"}


def test_the_secret_opens_it_for_the_operator(server: Server) -> None:
    answer = server.operator().get("/roster")
    assert answer.status == 200
    assert len(answer.json["members"]) == 5


@pytest.mark.parametrize("secret", ["", "wrong", "teacher", "\xe9"])
def test_without_the_secret_it_stays_shut(server: Server, secret: str) -> None:
    for path in ("/roster", "courses", "openapi.json", "/nowhere"):
        assert server.operator(secret=secret).get(path).problem["status"] == 403
    assert server.operator(secret=secret).put("/roster", {"entries": []}).problem["status"] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "token teacher"},
        {"Authorization": "Bearer"},
        {"Cookie": "secret"},
        {"X-Act-For": "teacher"},
    ],
)
def test_nothing_else_opens_it(server: Server, headers: dict[str, str]) -> None:
    client = server.operator()
    client.headers = headers
    assert client.get("/roster").problem["status"] == 403


def test_the_secret_is_worth_nothing_at_the_peoples_door(server: Server) -> None:
    client = server.client(None)
    client.headers = server.operator().headers
    assert client.get("/roster").status == 403


def test_the_operator_acts_for_a_person_with_that_persons_rights(server: Server) -> None:
    assert server.operator(acting_for="teacher").get("/roster").status == 200
    assert server.operator(acting_for="student000").get("/roster").problem["detail"] == NOTHING
    nobody = server.operator(acting_for="nobody").get("/roster").problem["detail"]
    assert nobody.startswith("Nobody in this course has the user name 'nobody'.")
    told = server.operator(acting_for="teacher").get("/things/3").json["caller"]
    assert told != server.client("teacher").get("/things/3").json["caller"]


@pytest.mark.parametrize("name", ["", "%00", "%ff"])
def test_acting_for_nobody_is_not_acting_as_the_operator(server: Server, name: str) -> None:
    client = server.operator()
    client.headers["X-Act-For"] = name
    assert client.get("/roster").problem["status"] == 400


def test_a_rehearsal_changes_nothing_and_only_the_operator_can_ask_for_one(server: Server) -> None:
    request = {"entries": [{"username": "only", "role": "student"}]}
    assert server.operator().put("/roster?rehearse=1", request).json["active"] == 1
    assert len(server.operator().get("/roster").json["members"]) == 5
    assert server.client("teacher").put("/roster?rehearse=1", request).problem["status"] == 400
    assert len(server.operator().get("/roster").json["members"]) == 5


def test_the_operator_is_not_slowed_down(a_course) -> None:
    room = a_course().with_students(1)
    with served(room, reads_per_ten_seconds=2) as server:
        assert {server.operator().get("/roster").status for _ in range(10)} == {200}


def test_commands_speak_to_the_server_that_has_the_course_open(server: Server) -> None:
    done = command(server, "roster", "list", "--json")
    assert done.code == 0, done
    assert [m["username"] for m in done.json["members"]] == [
        *server.room.students,
        "teacher",
    ]


def test_refusals_read_the_same_as_in_one_process(server: Server) -> None:
    wrong = command(server, "reviews", "status", "ps9", "--json")
    assert wrong.code == 1
    assert wrong.json["problem"]["type"] == "urn:jupyter-social:problem:not-found"
    assert wrong.err == "course.toml has no assignment 'ps9'. Did you mean ps1?\n"
    many = command(server, "reviews", "assign", "ps1", "--reviews", "4")
    assert many.code == 1
    assert many.err.startswith("4 reviews each need at least 5 hand-ins; ps1 has 4.")


def test_a_dry_run_and_acting_for_somebody_work_over_the_door(server: Server) -> None:
    (server.room.folder / "one.csv").write_text("username,name,email,role,group\nonly,,,student,\n")
    dry = command(server, "roster", "import", "one.csv", "--dry-run", "--json")
    assert (dry.code, dry.json["active"]) == (0, 1), dry
    assert command(server, "roster", "list", "--as", "student000").err == f"{NOTHING}\n"
    assert len(command(server, "roster", "list", "--as", "teacher", "--json").json["members"]) == 5


def test_hand_ins_are_imported_over_the_door(a_course) -> None:
    room = a_course().with_students(3)
    for name in room.students:
        folder = room.folder / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "work.ipynb").write_bytes((room.folder / "source/ps1/work.ipynb").read_bytes())
    with served(room) as server:
        done = command(server, "submissions", "import", "ps1", "--json")
        assert (done.code, len(done.json["received"])) == (0, 3), done
        assert command(server, "reviews", "assign", "ps1", "--reviews", "1").code == 0
    assert len(room.tasks()) == 3


def test_what_needs_the_file_itself_tells_who_has_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_social.core.ownership import Ownership

    monkeypatch.setitem(Ownership.__init__.__kwdefaults__, "wait", 0.05)  # type: ignore[arg-type]
    for words in (("db", "verify"), ("db", "backup", "copy.db")):
        done = command(server, *words)
        assert done.code == 1
        assert f"in use by process {os.getpid()}" in done.err


def test_another_course_in_the_same_database_is_not_mistaken_for_this_one(
    server: Server, tmp_path: Path
) -> None:
    other = Classroom.new(tmp_path / "other", f"sqlite:///{tmp_path / 'other.db'}")
    other.close()
    toml = other.folder / "course.toml"
    toml.write_text(toml.read_text().replace('"testing"', '"elsewhere"'))
    done = run("roster", "list", f"--database={server.room.url}", cwd=other.folder)
    assert done.code == 1
    assert "a server for another course (testing)" in done.err


def test_the_note_goes_with_the_server(a_course) -> None:
    room = a_course().with_students(1)
    with served(room):
        note = note_of(room)
        assert announced_door(Path(room.app.database.file or "")) is not None
    assert "address" not in json.loads(note.read_text())
    room.close()
    assert not note.exists()


@pytest.mark.parametrize("listening", [False, True])
def test_a_note_that_outlived_its_server_does_not_mislead(a_course, listening: bool) -> None:
    room = a_course().with_students(2)
    room.close()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        if not listening:
            stranger.close()
        else:
            stranger.settimeout(0.01)
        note = note_of(room)
        note.write_text(json.dumps({"address": f"http://127.0.0.1:{port}", "secret": "old"}))
        if listening:
            stranger.listen(0)
            _hang_up_on_everybody(stranger)
        done = run("roster", "list", "--json", f"--database={room.url}", cwd=room.folder)
    assert (done.code, len(done.json["members"])) == (0, 3), done


def _hang_up_on_everybody(server: socket.socket) -> None:
    import threading

    def answer() -> None:
        server.settimeout(10)
        for _ in range(4):
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.recv(1000)
            connection.sendall(b"SSH-2.0-something else\r\n")
            connection.close()

    threading.Thread(target=answer, daemon=True).start()


def test_on_postgresql_there_is_no_door(a_course, postgres_server) -> None:
    room = a_course(postgres_server.new_database("door")).with_students(2)
    with served(room) as server:
        assert server.extension.service.door is None
        assert server.client("teacher").get("/roster").status == 200
        done = run("roster", "list", "--json", f"--database={room.url}", cwd=room.folder)
        assert (done.code, len(done.json["members"])) == (0, 3), done
