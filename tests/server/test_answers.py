"""What every answer looks like, who is meant by it, and what it does not tell."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_server.auth.identity import User
from server_operations import GATE, SECRET_NAME
from server_process import Answer, Server, served

from jupyter_social.server.workers import Workers

NOTHING = "There is nothing of that name here that you can open."
FIXED = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'; default-src 'none'",
}
SPOOFED = {
    **dict.fromkeys(
        (
            "X-Forwarded-User",
            "X-User",
            "X-Remote-User",
            "Remote-User",
            "X-Auth-User",
            "X-Authenticated-User",
            "X-WebAuth-User",
            "X-Forwarded-Preferred-Username",
            "X-Forwarded-Email",
            "X-Auth-Request-User",
            "X-Auth-Request-Email",
            "X-Goog-Authenticated-User-Email",
            "X-Amzn-Oidc-Identity",
            "X-Ms-Client-Principal-Name",
            "X-JupyterHub-User",
            "X-Jupyter-User",
            "X-Act-For",
            "X-On-Behalf-Of",
            "X-Impersonate-User",
            "X-Sudo",
            "X-Username",
            "X-User-Id",
            "X-Person",
            "User",
            "From",
            "X-Actor",
            "X-Role",
        ),
        "teacher",
    ),
    "X-Original-Url": "/jupyter-social/v1/courses/testing/roster",
    "X-Http-Method-Override": "PUT",
    "X-Forwarded-For": "127.0.0.1",
}


def shape(answer: Answer) -> tuple[object, ...]:
    """Everything of an answer but the time of day and the cookie of who asks."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("Date", "Set-Cookie")}
    return answer.status, sorted(headers.items()), answer.body


def test_staff_reads_in_camel_case(server: Server) -> None:
    answer = server.client("teacher").get("/assignments/ps1/reviews/status")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["handedIn"] == 4
    assert "handed_in" not in answer.json


def test_a_write_is_done_once_for_its_key(server: Server) -> None:
    teacher = server.client("teacher")
    path = "/assignments/ps1/reviews/assign"
    first = teacher.post(path, {"reviews": 2, "seed": 1}, key="once")
    again = teacher.post(path, {"reviews": 2, "seed": 1}, key="once")
    other = teacher.post(path, {"reviews": 2, "seed": 2}, key="once")
    assert (first.status, again.body) == (200, first.body)
    assert other.problem["status"] == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/roster"),
        ("POST", "/roster"),
        ("GET", "/nowhere"),
        ("GET", "/things/x"),
        ("GET", "/fail"),
        ("FROB", "/roster"),
        ("GET", "courses"),
        ("GET", "openapi.json"),
    ],
)
def test_every_answer_has_the_same_headers(server: Server, method: str, path: str) -> None:
    answer = server.client("teacher").send(method, path)
    assert {name: answer.headers.get(name) for name in FIXED} == FIXED
    assert not {"Server", "Etag", "Last-Modified"} & {name.title() for name in answer.headers}


def test_a_page_is_html_under_the_policy_for_notebooks(server: Server) -> None:
    answer = server.client("teacher").get("/page")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'"
    )
    assert answer.body.decode() == "<p>Übung</p>"
    refused = server.client("student000").get("/page")
    assert refused.headers["Content-Security-Policy"] == FIXED["Content-Security-Policy"]


def test_unknown_foreign_and_not_enrolled_are_told_the_same_bytes(server: Server) -> None:
    ways = [
        server.client("teacher", course="elsewhere").get("/roster"),
        server.client("nobody").get("/roster"),
        server.client("nobody", course="elsewhere").get("/roster"),
        server.client("student000").get("/roster"),
        server.client("teacher").get("/nowhere"),
        server.client("nobody").get("/nowhere"),
    ]
    assert ways[0].problem["detail"] == NOTHING
    assert len({repr(shape(answer)) for answer in ways}) == 1
    assert server.client("teacher").get("/roster").status == 200


@pytest.mark.parametrize(
    ("method", "body"), [("POST", b"{}"), ("PUT", b"{"), ("PUT", b'{"x": 1}'), ("PUT", b"")]
)
def test_whether_a_course_exists_shows_in_no_mistake(
    server: Server, method: str, body: bytes
) -> None:
    here = server.client("nobody").write(method, "/roster", body, key=None)
    there = server.client("nobody", course="elsewhere").write(method, "/roster", body, key=None)
    assert shape(here) == shape(there)


def test_a_write_in_another_course_changes_nothing_here(server: Server) -> None:
    elsewhere = server.client("teacher", course="elsewhere").put("/roster", {"entries": []})
    assert elsewhere.problem["detail"] == NOTHING
    assert len(server.client("teacher").get("/roster").json["members"]) == 5


def test_thirty_forged_headers_change_nothing(server: Server) -> None:
    assert len(SPOOFED) == 30
    student = server.client("student000")
    for path in ("/roster", "/audit", "/assignments/ps1/reviews/status", "courses"):
        plain = student.get(path)
        for name, value in [*SPOOFED.items(), ("Cookie", "username=teacher; user=teacher")]:
            assert shape(student.send("GET", path, None, {name: value})) == shape(plain), name
        assert shape(student.send("GET", path, None, SPOOFED)) == shape(plain)
    body = student.send(
        "POST", "/things/3", b'{"user": "teacher"}', {"Content-Type": "application/json"}
    )
    assert body.status == 422


def test_an_empty_user_name_is_nobody_and_not_the_operator(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = User("x")
    nameless.username = ""
    provider = server.app.identity_provider
    monkeypatch.setattr(provider, "get_user_token", lambda handler: nameless)
    answer = server.client("teacher").get("/roster")
    assert answer.problem["detail"] == NOTHING


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/roster", "/nowhere", "courses", "openapi.json"])
def test_nobody_is_let_in_without_signing_in(server: Server, method: str, path: str) -> None:
    answer = server.client(None).send(method, path)
    assert answer.status == 403
    assert "Location" not in answer.headers
    if method != "HEAD":
        assert "not signed in" in answer.problem["detail"]


def test_a_server_that_lets_strangers_through_does_not_let_them_in_here(a_course) -> None:
    room = a_course().with_students(1)
    with served(room, server_options={"allow_unauthenticated_access": True}) as lax:
        for method in ("GET", "POST", "PUT", "PATCH"):
            answer = lax.client(None).write(method, "/roster", {}, key=None)
            assert answer.problem["status"] == 403
        assert lax.client("teacher").get("/roster").status == 200


def test_a_server_below_a_path_serves_below_it(a_course) -> None:
    room = a_course().with_students(1)
    with served(room, server_options={"base_url": "/user/ada/"}) as hub:
        client = hub.client("teacher")
        assert client.prefix == "/user/ada/jupyter-social/v1/"
        assert client.get("/roster").status == 200
        assert client.get("/nowhere").problem["status"] == 404


def test_a_browser_needs_the_xsrf_token_to_write(server: Server) -> None:
    browser = server.client("teacher", cookie=True)
    assert browser.get("/roster").status == 200
    assert browser.post("/things/3", {}).problem["status"] == 403
    # An empty body in pieces is no way around it: its length is only known at its end.
    assert browser.send("POST", "/things/3", iter([])).status == 403
    wrong = {"X-XSRFToken": "2|a|b|1", "Content-Type": "application/json"}
    assert browser.send("POST", "/things/3", b"{}", wrong).status == 403
    # What a page of the server has: the cookie of that name and its value in the header.
    token = "0123456789abcdef0123456789abcdef"
    right = {
        "Cookie": f"{browser.headers['Cookie']}; _xsrf={token}",
        "X-XSRFToken": token,
        "Content-Type": "application/json",
    }
    assert browser.send("POST", "/things/3", b"{}", right).status == 200
    form = {**right, "Content-Type": "application/x-www-form-urlencoded"}
    assert browser.send("POST", "/things/3", b"number=3", form).status == 415
    del right["X-XSRFToken"]
    assert browser.send("POST", "/things/3", b"{}", right).status == 403


def test_a_page_elsewhere_cannot_ask_with_the_cookie_of_a_browser(server: Server) -> None:
    browser = server.client("teacher", cookie=True)
    answer = browser.send("GET", "/roster", None, {"Origin": "https://evil.example"})
    assert answer.problem["detail"] == NOTHING
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_answer_to_a_question_holds_an_xsrf_token(server: Server) -> None:
    browser = server.client("teacher", cookie=True)
    for path in ("/roster", "/page", "courses", "/nowhere"):
        assert "_xsrf" not in browser.get(path).headers.get("Set-Cookie", "")


def test_a_sites_authorizer_may_veto(server: Server) -> None:
    authorizer = server.app.web_app.settings["authorizer"]
    asked: list[tuple[str, str]] = []

    def is_authorized(handler: object, user: object, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return action == "read"

    allowed = authorizer.is_authorized
    authorizer.is_authorized = is_authorized
    try:
        teacher = server.client("teacher")
        assert teacher.get("/roster").status == 200
        assert teacher.post("/things/3", {}).problem["status"] == 403
        assert teacher.get("/roster").status == 200
    finally:
        authorizer.is_authorized = allowed
    assert asked == [
        ("read", "jupyter-social"),
        ("write", "jupyter-social"),
        ("read", "jupyter-social"),
    ]


def test_a_failure_says_nothing_and_is_logged_without_data(server: Server) -> None:
    server.log.clear()
    answer = server.client("teacher").get("/fail")
    assert answer.problem["status"] == 500
    assert SECRET_NAME.encode() not in answer.body
    log = "\n".join(server.log)
    assert "test.fail failed" in log
    assert "builtins.RuntimeError" in log
    assert re.search(r"server_operations.py\", line \d+, in fail", log)
    assert SECRET_NAME not in log


def test_the_log_holds_no_names_tokens_addresses_or_bodies(server: Server) -> None:
    server.log.clear()
    client = server.client("canary-user")
    client.get("/things/3", textField="canary-query", token="canary-token")
    client.post("/things/canary-path", {"textField": "canary-body"})
    client.post("/things/3", b'{"canary-broken')
    server.client("teacher").get("/assignments/canary-assignment/reviews/status")
    assert "canary" not in "\n".join(server.log)
    assert any("test.ask" in line for line in server.log)


def test_people_learn_which_courses_they_are_in(server: Server) -> None:
    here = {"courses": [{"name": "testing", "title": "Testing"}]}
    assert server.client("student000").get("courses").json == here
    assert server.client("nobody").get("courses").json == {"courses": []}


def test_while_one_request_is_worked_on_others_are_answered(server: Server) -> None:
    GATE.shut()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.client("teacher").get, "/wait")
        assert GATE.reached.wait(10)
        try:
            assert server.client("teacher").get("/roster").status == 200
            assert not waiting.done()
        finally:
            GATE.open.set()
    assert waiting.result().status == 422


def test_when_too_many_wait_the_next_is_asked_to_come_again(server: Server) -> None:
    service = server.extension.service
    few = Workers(threads=1, waiting=1)
    GATE.shut()
    before, service.workers = service.workers, few
    try:
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(server.client("teacher").get, "/wait")
            assert GATE.reached.wait(10)
            second = pool.submit(server.client("teacher").get, "/wait")
            while few._busy < 2:
                pass
            answer = server.client("teacher").get("/roster")
            GATE.open.set()
            assert first.result().status == second.result().status == 422
    finally:
        service.workers = before
    assert answer.problem["status"] == 503
    assert answer.headers["Retry-After"] == "1"
    assert server.client("teacher").get("/roster").status == 200
