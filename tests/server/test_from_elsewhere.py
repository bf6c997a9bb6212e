"""Commands with `--url`: a server anywhere, as whoever the token belongs to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from command_line import Done, run
from server_process import Server, served

from jupyter_social.cli import remote, wire
from jupyter_social.cli.wire import server_address
from jupyter_social.core.errors import Conflict, Invalid
from jupyter_social.exchange.operations import WITHDRAW
from jupyter_social.exchange.views import WithdrawSubmission
from jupyter_social.roster.operations import LIST
from jupyter_social.roster.views import ListRoster

NOTHING = "There is nothing of that name here that you can open.\n"


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A folder that is no course."""
    folder = tmp_path / "away"
    folder.mkdir()
    return folder


def command(server: Server, away: Path, *words: str, token: str = "teacher") -> Done:
    return run(*words, f"--url=http://127.0.0.1:{server.port}", f"--token={token}", cwd=away)


def test_a_teacher_works_from_anywhere(server: Server, away: Path) -> None:
    done = command(server, away, "roster", "list", "--json")
    assert (done.code, len(done.json["members"])) == (0, 5), done


def test_a_token_in_the_environment_counts(
    server: Server, away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_SOCIAL_TOKEN", "teacher")
    done = run("roster", "list", "--json", "--url", f"http://127.0.0.1:{server.port}/lab", cwd=away)
    assert (done.code, len(done.json["members"])) == (0, 5), done


def test_a_student_is_told_what_everybody_is_told(server: Server, away: Path) -> None:
    done = command(server, away, "roster", "list", token="student000")
    assert (done.code, done.err) == (1, NOTHING)


def test_who_is_in_no_course_is_told_so(server: Server, away: Path) -> None:
    done = command(server, away, "roster", "list", token="nobody")
    assert done.code == 1
    assert done.err.startswith("You are in no course on http://127.0.0.1:")


def test_without_a_token_one_sentence_says_so(server: Server, away: Path) -> None:
    done = command(server, away, "roster", "list", token="")
    assert done.code == 1
    assert done.err.endswith("does not accept the token. Check JUPYTER_SOCIAL_TOKEN.\n")


def test_in_the_folder_of_another_course_nothing_is_done(server: Server, away: Path) -> None:
    toml = (server.room.folder / "course.toml").read_text()
    (away / "course.toml").write_text(toml.replace('"testing"', '"elsewhere"'))
    done = command(server, away, "roster", "list")
    assert done.code == 1
    assert "This is the folder of elsewhere, but on http" in done.err
    assert done.err.endswith("you are in testing.\n")


def test_an_address_where_nobody_answers_is_told_in_a_sentence(away: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = run("roster", "list", "--json", f"--url=http://127.0.0.1:{port}", cwd=away)
    assert done.code == 1
    assert done.json["problem"]["status"] == 503
    assert "does not answer" in done.err
    assert "Traceback" not in done.err


class OtherServer(BaseHTTPRequestHandler):
    """A web server that has never heard of courses."""

    def do_GET(self) -> None:
        body = b"<html>welcome</html>"
        self.send_response(200 if "/page" in self.path else 302)
        self.send_header("Content-Type", "text/html")
        self.send_header("Location", "/login")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("path", ["", "/page"])
def test_another_kind_of_server_is_told_in_a_sentence(away: Path, path: str) -> None:
    with HTTPServer(("127.0.0.1", 0), OtherServer) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        done = run("roster", "list", f"--url=http://127.0.0.1:{other.server_port}{path}", cwd=away)
        other.shutdown()
    assert done.code == 1
    assert "is no Jupyter server with jupyter_social" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("roster", "list", "--as", "ada"),
        ("db", "verify"),
        ("db", "backup", "x"),
        ("check",),
        ("where",),
        ("doctor",),
    ],
)
def test_what_only_works_on_the_machine_is_wrong_use(away: Path, words: tuple[str, ...]) -> None:
    done = run(*words, "--url=http://127.0.0.1:1", cwd=away)
    assert done.code == 2
    assert "--url" in done.err


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host:8888", "http://host:8888"),
        ("http://host:8888/", "http://host:8888"),
        ("https://hub.example/user/ada/lab/tree/ps1.ipynb", "https://hub.example/user/ada"),
        ("https://hub.example/user/ada/lab?reset", "https://hub.example/user/ada"),
        ("http://me:pw@host:8888/tree", "http://host:8888"),
    ],
)
def test_an_address_may_be_copied_from_the_browser(url: str, address: str) -> None:
    assert server_address(url) == (address, "")


def test_the_token_of_a_copied_address_counts() -> None:
    assert server_address("http://host:8888/lab?token=abc") == ("http://host:8888", "abc")


@pytest.mark.parametrize("url", ["host:8888", "ftp://host", "http://", "http://host:port", "x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="--url is the address"):
        server_address(url)


def test_a_write_whose_answer_was_lost_is_done_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = remote.owner_of(server.door, "testing")
    assert app is not None
    once: Callable[..., tuple[str, bytes]] = wire.Server._once
    answers: list[bytes] = []

    def lose_the_first(self: wire.Server, *sent: object) -> tuple[str, bytes]:
        found = once(self, *sent)
        answers.append(found[1])
        if len(answers) == 1:
            raise ConnectionResetError
        return found

    monkeypatch.setattr(wire.Server, "_once", lose_the_first)
    # Who withdraws twice is refused, so the second must have been known for the first.
    request = WithdrawSubmission(assignment="ps1", owner="student003")
    assert app.perform(WITHDRAW, request).version == 1
    assert len(answers) == 2
    with pytest.raises(Conflict):
        app.perform(WITHDRAW, request)
    app.close()


def test_a_command_that_is_too_fast_waits_and_goes_on(
    a_course, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = a_course().with_students(1)
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        service = running.extension.service
        service.rates = service.rates.__class__(reads_per_ten_seconds=9, writes_per_minute=9)

    with served(room, reads_per_ten_seconds=2) as running:
        monkeypatch.setattr(wire.time, "sleep", sleep)
        url = f"http://127.0.0.1:{running.port}"
        app = remote.served_at(url, "teacher", course=None)
        for _ in range(3):
            assert len(app.perform(LIST, ListRoster()).members) == 2
        app.close()
    assert len(pauses) == 1
    assert 1 <= pauses[0] <= 10
