"""Whatever is sent, the answer is a sentence: 4xx as problem details, never a page or a 500."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator

import pytest
from server_process import Answer, Server

ASSIGN = "/assignments/ps1/reviews/assign"
MALFORMED = {
    "not JSON": b"{",
    "no body at all in JSON": b" ",
    "NaN": b'{"reviews": NaN}',
    "Infinity": b'{"reviews": -Infinity}',
    "a number too large": b'{"reviews": 1e999}',
    "5,000 digits": b'{"reviews": ' + b"9" * 5000 + b"}",
    "deeply nested": b'{"reviews": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "65 levels": b'{"reviews": ' + b"[" * 65 + b"]" * 65 + b"}",
    "a key twice": b'{"reviews": 3, "reviews": 4}',
    "half a surrogate pair": b'{"reviews": "\\ud800"}',
    "NUL": b'{"reviews": "\\u0000"}',
    "invalid UTF-8": b'{"reviews": "\xff"}',
    "UTF-16": '{"reviews": 3}'.encode("utf-16"),
    "a list": b"[1]",
    "a string": b'"text"',
    "null": b"null",
}
INVALID = {
    b'{"reviews": "3"}': "reviews must be a whole number.",
    b'{"reviews": 0}': "reviews must be at least 1.",
    b'{"reviews": 101}': "reviews must be at most 100.",
    b'{"reviews": 3.5}': "reviews must be a whole number.",
    b'{"reviews": true}': "reviews must be a whole number.",
    b"{}": "reviews is missing.",
    b"": "reviews is missing.",
    b'{"reviews": 3, "user": "ada"}': "user is not a field of this request.",
    b'{"reviews": 3, "avoid_groups": true}': "avoid_groups is not a field of this request.",
    b'{"reviews": 3, "reciprocal": "yes"}': "reciprocal must be 'avoid' or 'allow'.",
    b'{"reviews": 3, "conflicts": [{"reviewer": "a"}]}': "conflicts[0].author is missing.",
    b'{"reviews": 3, "conflicts": 3}': "conflicts must be a list.",
    b'{"reviews": 3, "seed": "x", "a": 1, "b": 2, "c": 3}': "There are 1 more mistakes.",
}


def raw(server: Server, data: bytes, *, wait: float = 10.0) -> bytes:
    """Send bytes and read until the server hangs up or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        connection.sendall(data)
        found = b""
        try:
            while chunk := connection.recv(65536):
                found += chunk
        except TimeoutError:
            pass
        return found


def refused(answer: Answer, status: int) -> str:
    assert answer.status == status, answer
    detail = answer.problem["detail"]
    assert detail.endswith((".", "?"))
    assert len(detail) < 500
    assert b"Traceback" not in answer.body
    assert b"<html" not in answer.body
    return str(detail)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_body_that_cannot_be_read_is_refused(server: Server, body: bytes) -> None:
    refused(server.client("teacher").post(ASSIGN, body), 400)


@pytest.mark.parametrize("body", INVALID, ids=lambda body: body.decode() or "empty")
def test_a_body_with_a_mistake_names_the_field(server: Server, body: bytes) -> None:
    assert INVALID[body] in refused(server.client("teacher").post(ASSIGN, body), 422)


def test_long_input_is_not_echoed(server: Server) -> None:
    long = "x" * 20_000
    answer = server.client("teacher").post(ASSIGN, {"reviews": 3, long: 1})
    assert "x" * 200 not in refused(answer, 422)


def test_what_has_a_path_field_in_its_body_must_mean_the_same(server: Server) -> None:
    teacher = server.client("teacher")
    assert teacher.post("/things/3", {"number": 3}).json["number"] == 3
    assert "address" in refused(teacher.post("/things/3", {"number": 4}), 400)
    assert "address" in refused(teacher.get("/things/3", number=3), 400)
    assert "number" in refused(teacher.post("/things/three", {}), 422)


def test_a_query_is_converted_and_a_body_is_not(server: Server) -> None:
    teacher = server.client("teacher")
    assert teacher.get("/things/3", textField="3", also="true").json["also"] is True
    assert "also must be true or false." in refused(teacher.get("/things/3", also="perhaps"), 422)
    assert "also must be true or false." in refused(
        teacher.post("/things/3", {"also": "true"}), 422
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("also=true&also=false", 400),
        ("also=true&also=true", 400),
        ("textField=%00", 400),
        ("textField=%ff", 400),
        ("&".join(f"a{i}=1" for i in range(60)), 400),
        ("text_field=a", 422),
        ("user=student000", 422),
        ("rehearse=1", 422),
    ],
)
def test_a_query_with_something_wrong_is_refused(server: Server, query: str, status: int) -> None:
    refused(server.client("teacher").get(f"/things/3?{query}"), status)


def test_what_jupyterlab_and_jupyter_add_to_an_address_is_passed_over(server: Server) -> None:
    teacher = server.client("teacher")
    for query in ("1763800000000", "token=abc", "no_track_activity=1", "no_track_activity=%ff"):
        assert teacher.get(f"/things/3?{query}").status in (200, 400), query
    assert teacher.get("/roster?1763800000000").status == 200
    assert teacher.get("/roster?17638&token=x").status == 200
    assert refused(teacher.send("POST", f"{ASSIGN}?reviews=3"), 400)


def test_a_compressed_body_is_not_unpacked(server: Server) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused(server.client("teacher").send("POST", ASSIGN, bomb, headers), 415)


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_a_body_that_is_not_json_by_its_type_is_refused(server: Server, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    refused(server.client("teacher").send("POST", ASSIGN, b'{"reviews": 3}', headers), 415)


def test_a_charset_beside_the_type_does_not_matter(server: Server) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert server.client("teacher").send("POST", "/things/3", b"{}", headers).status == 200


def test_a_body_above_the_bound_is_refused_before_it_is_read(server: Server) -> None:
    began = time.perf_counter()
    assert "262,144 bytes" in refused(server.client("teacher").post(ASSIGN, b" " * 10_000_000), 413)
    assert time.perf_counter() - began < 5


def test_a_body_that_comes_in_pieces_is_counted(server: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    refused(server.client("teacher").send("POST", ASSIGN, pieces(), headers), 413)


def test_a_body_just_within_the_bound_is_read(server: Server) -> None:
    body = b'{"number": 3}'
    padded = body + b" " * (256 * 1024 - len(body))
    assert server.client("teacher").post("/things/3", padded).status == 200
    refused(server.client("teacher").post("/things/3", padded + b" "), 413)


def test_asking_with_a_body_is_refused(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    refused(server.client("teacher").send("GET", "/roster", b"{}", headers), 413)


def test_a_body_that_does_not_arrive_is_not_waited_for(server: Server) -> None:
    began = time.perf_counter()
    head = (
        f"POST /jupyter-social/v1/courses/testing{ASSIGN} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: token teacher\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )
    assert raw(server, head.encode(), wait=20) == b""
    assert 0.9 < time.perf_counter() - began < 15


@pytest.mark.parametrize("length", ["abc", "-1", "1, 2", "9" * 5000])
def test_a_length_that_is_none_is_no_failure(server: Server, length: str) -> None:
    head = (
        f"POST /jupyter-social/v1/courses/testing{ASSIGN} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: token teacher\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n{{}}"
    )
    assert raw(server, head.encode(), wait=3).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "path",
    [
        "/roster/",
        "/roster/more",
        "/",
        "",
        "//roster",
        "/assignments//reviews/status",
        "/%72oster%2f",
        "/../../api/contents",
        "/ROSTER",
    ],
)
def test_an_unknown_address_is_the_uniform_not_found(server: Server, path: str) -> None:
    answer = server.client("teacher").get(path or "courses/testing")
    assert refused(answer, 404) == "There is nothing of that name here that you can open."


@pytest.mark.parametrize(
    "path", ["/assignments/%00/reviews/status", "/assignments/%ff/reviews/status"]
)
def test_an_address_that_is_no_text_is_refused(server: Server, path: str) -> None:
    refused(server.client("teacher").get(path), 400)


def test_an_escaped_slash_stays_in_its_field(server: Server) -> None:
    answer = server.client("teacher").get("/assignments/..%2Fps1/reviews/status")
    assert "no assignment '../ps1'" in refused(answer, 404)


def test_a_long_address_is_refused(server: Server) -> None:
    refused(server.client("teacher").get("/assignments/" + "x" * 5000 + "/reviews/status"), 400)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/roster", "GET, PUT"),
        ("PATCH", "/roster", "GET, PUT"),
        ("DELETE", "/roster", "GET, PUT"),
        ("OPTIONS", "/roster", "GET, PUT"),
        ("HEAD", "/roster", "GET, PUT"),
        ("GET", ASSIGN, "POST"),
        ("POST", "courses", "GET"),
    ],
)
def test_another_method_is_told_which_there_are(
    server: Server, method: str, path: str, allowed: str
) -> None:
    answer = server.client("teacher").send(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == allowed
    if method != "HEAD":
        refused(answer, 405)


def test_a_method_nobody_knows_is_refused(server: Server) -> None:
    refused(server.client("teacher").send("FROB", "/roster"), 405)


def test_a_key_that_is_too_long_or_no_text_is_refused(server: Server) -> None:
    teacher = server.client("teacher")
    refused(teacher.post("/things/3", {}, key="k" * 256), 422)
    refused(teacher.post("/things/3", {}, key="\xe9"), 422)
    refused(teacher.post("/things/3", {}, key=""), 422)
