"""Hostile requests to a real server: each a sentence, no memory kept, and others are served."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import http_round as play
import open_course
import pytest
from builders import as_bytes, code, notebook
from own_folders import own_folders
from real_server import RealServer, running
from server_process import Answer

MOST_MEMORY = 200_000_000
NAME = "ps1"
PREVIEW = f"/assignments/{NAME}/my-submission/preview"
ADDRESS = f"/jupyter-social/v1/courses/testing{PREVIEW}"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    folder = tmp_path_factory.mktemp("bombs")
    url = f"sqlite:///{folder / 'state' / 'course.db'}"
    with own_folders(folder):
        course = open_course.make_course(folder / "course", url, [NAME], students=3)
        with running(folder / "server", course, url) as found:
            play.switch(found.client("teacher"), "submission", assignment=NAME)
            play.hand_in(found.client("student000"), "answer = 42", assignment=NAME)
            yield found


def files(data: bytes, name: str = "work.ipynb") -> bytes:
    sent = {"files": [{"name": name, "content": base64.b64encode(data).decode()}]}
    return json.dumps(sent).encode()


def output(mime: str, data: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {mime: data}}


def in_output(*outputs: dict[str, Any]) -> bytes:
    return files(as_bytes(notebook(code("1", outputs=outputs))))


def deep(levels: int) -> bytes:
    return b'{"cells": ' + b"[" * levels + b"]" * levels + b"}"


def cells(number: int) -> bytes:
    cell = '{"cell_type":"code","source":"","metadata":{},"outputs":[],"execution_count":null}'
    inside = ",".join([cell] * number)
    return f'{{"nbformat":4,"nbformat_minor":4,"metadata":{{}},"cells":[{inside}]}}'.encode()


BODIES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "17 MB of blanks": (413, lambda: b" " * 17_000_000),
    "10 MB of blanks": (400, lambda: b" " * 10_000_000),
    "10 MB of opening brackets": (400, lambda: b"[" * 10_000_000),
    "10 MB of opening braces": (400, lambda: b'{"a":' * 2_000_000),
    "5 MB of digits": (400, lambda: b'{"files": ' + b"9" * 5_000_000 + b"}"),
    "10 MB of one text": (422, lambda: b'{"files": "' + b"x" * 10_000_000 + b'"}'),
    "a million small lists": (400, lambda: b"[" + b"[]," * 1_000_000 + b"[]]"),
    "half a million unknown fields": (
        400,
        lambda: json.dumps({f"k{n}": n for n in range(500_000)}).encode(),
    ),
    "a million times one key": (400, lambda: b"{" + b'"a":1,' * 1_000_000 + b'"a":1}'),
    "a million empty files": (400, lambda: b'{"files": [' + b"{}," * 1_000_000 + b"{}]}"),
    "as many empty files as fit": (400, lambda: b'{"files": [' + b"{}," * 5_300_000 + b"{}]}"),
    "as many mistakes as are read": (422, lambda: b'{"files": [' + b"{}," * 24_000 + b"{}]}"),
    "a text of commas and braces": (422, lambda: b'{"files": "' + b",{[" * 1_000_000 + b'"}'),
    "quotes that never end": (400, lambda: b'{"files": "' + b'\\",' * 3_000_000),
    "many surrogates": (400, lambda: b'{"files": "' + b"\\ud800" * 1_000_000 + b'"}'),
    "many escaped NULs": (400, lambda: b'{"files": "' + b"\\u0000" * 1_000_000 + b'"}'),
    "many bytes that are no UTF-8": (400, lambda: b'{"files": "' + b"\xff" * 5_000_000 + b'"}'),
    "base64 that is none": (
        422,
        lambda: b'{"files": [{"name": "a.ipynb", "content": "' + b"%" * 9_000_000 + b'"}]}',
    ),
    "101 files": (
        422,
        lambda: json.dumps(
            {"files": [{"name": f"{n}.ipynb", "content": ""} for n in range(101)]}
        ).encode(),
    ),
    "a notebook of 100,000 cells": (422, lambda: files(cells(100_000))),
    "a notebook of a hundred thousand levels": (422, lambda: files(deep(100_000))),
    "a notebook with NaN": (422, lambda: files(b'{"cells": NaN}')),
    "a notebook with 5,000 digits": (422, lambda: files(b'{"nbformat": ' + b"4" * 5000 + b"}")),
    "a notebook with a key twice": (422, lambda: files(b'{"nbformat": 4, "nbformat": 4}')),
    "a notebook with half a surrogate": (422, lambda: files(b'{"metadata": "\\ud800"}')),
    "a notebook with NUL": (422, lambda: files(b'{"metadata": "\\u0000"}')),
    "a notebook in gzip": (422, lambda: files(gzip.compress(b" " * 100_000_000))),
}
CUT: dict[str, Callable[[], bytes]] = {
    "an output of 10 MB": lambda: in_output(output("text/plain", "x" * 10_000_000)),
    "10 MB of tags": lambda: in_output(output("text/html", "<b>" * 3_000_000)),
    "10 MB of metadata": lambda: files(as_bytes(notebook("1", authors="x" * 10_000_000))),
    "10 MB of SVG": lambda: in_output(output("image/svg+xml", "<g>" * 3_000_000)),
    "100,000 outputs": lambda: in_output(*[output("text/plain", "")] * 100_000),
    "an image that claims to be huge": lambda: in_output(output("image/png", huge_image())),
}
"""What a notebook may hold: whatever is too much is cut or refused, in words."""


def huge_image() -> str:
    """A PNG whose header promises 60,000 by 60,000 pixels, and a bomb for data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    size = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    data = zlib.compress(bytes(50_000_000), 9)
    parts = chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


def is_refused(answer: Answer, *expected: int) -> None:
    assert answer.status in expected, (answer.status, answer.body[:500])
    assert len(answer.problem["detail"]) < 600


class Memory:
    """How much more a server ever held than it did when this began."""

    def __init__(self, server: RealServer) -> None:
        self.server = server
        server.forget_most_memory()
        self.before = server.memory("VmRSS")

    @property
    def risen(self) -> int:
        return self.server.memory("VmHWM") - self.before


def others_are_served(server: RealServer) -> None:
    assert server.client("student001").get("/my-rounds").status == 200
    assert server.client("teacher").get("/roster").status == 200


@pytest.mark.parametrize("name", BODIES)
def test_a_bomb_is_refused_in_words_and_takes_little_memory(server: RealServer, name: str) -> None:
    status, make = BODIES[name]
    body, memory = make(), Memory(server)
    is_refused(server.client("student000").put(PREVIEW, body), status)
    assert memory.risen < MOST_MEMORY, memory.risen
    others_are_served(server)


@pytest.mark.parametrize("name", CUT)
def test_a_large_notebook_is_cut_or_refused(server: RealServer, name: str) -> None:
    body, memory = CUT[name](), Memory(server)
    answer = server.client("student000").put(PREVIEW, body)
    if answer.status == 200:
        page = f"/assignments/{NAME}/my-submission/previews/{answer.json['preview']}/pages/"
        shown = server.client("student000").get(page + answer.json["notebooks"][0])
        assert (shown.status, len(shown.body) < 8_000_000) == (200, True)
    else:
        is_refused(answer, 422)
    assert memory.risen < MOST_MEMORY, memory.risen


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", bytes)]
)
def test_a_packed_bomb_is_never_unpacked(
    server: RealServer, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    bomb, memory = pack(b" " * 100_000_000)[:15_000_000], Memory(server)
    headers = {**JSON, "Content-Encoding": coding}
    is_refused(server.client("student000").send("PUT", PREVIEW, bomb, headers), 415)
    assert memory.risen < MOST_MEMORY, memory.risen


def test_eight_bombs_at_once_take_little_memory(server: RealServer) -> None:
    body, memory = files(cells(100_000)), Memory(server)
    answers: list[Answer] = []
    send = lambda: answers.append(server.client("student000").put(PREVIEW, body))  # noqa: E731
    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    others_are_served(server)
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [422] * 8
    assert memory.risen < 4 * MOST_MEMORY, memory.risen


def connected(server: RealServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def head(length: int | str, *more: str, method: str = "PUT") -> bytes:
    lines = [
        f"{method} {ADDRESS} HTTP/1.1",
        "Host: localhost",
        "Authorization: token student000",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def test_while_slow_bodies_hang_others_are_served(server: RealServer) -> None:
    slow = [connected(server) for _ in range(50)]
    for connection in slow:
        connection.sendall(head(15_000_000) + b'{"files": [')
    for _ in range(3):
        others_are_served(server)
        for connection in slow:
            connection.sendall(b" ")
    for connection in slow:
        connection.close()
    others_are_served(server)


def test_while_slow_heads_hang_others_are_served(server: RealServer) -> None:
    slow = [connected(server) for _ in range(50)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: local")
    others_are_served(server)
    for connection in slow:
        connection.close()


GARBAGE = {
    "noise after a request": head(2) + b"{}" + bytes(range(256)) * 100,
    "a thousand requests in one breath": (head(2) + b"{}") * 1000,
    "two lengths": head(2, "Content-Length: 3") + b"{}x",
    "a length and pieces": head(2, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a piece of endless length": head(0, "Transfer-Encoding: chunked").replace(
        b"Content-Length: 0\r\n", b""
    )
    + b"f" * 100_000,
    "a header of 10 MB": head(2, "X: " + "x" * 10_000_000),
    "a million headers": head(2, *["X: y"] * 1_000_000),
    "no HTTP at all": b"\x16\x03\x01" + bytes(1000),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_on_the_wire_is_refused_or_hung_up_on(server: RealServer, garbage: bytes) -> None:
    memory = Memory(server)
    for line in first_lines(server, garbage):
        assert line.startswith(b"HTTP/1.1 4"), line
    assert memory.risen < MOST_MEMORY, memory.risen
    others_are_served(server)


def first_lines(server: RealServer, data: bytes) -> list[bytes]:
    """The status lines that come back until the server hangs up or falls silent."""
    found = b""
    with connected(server) as connection:
        sending = threading.Thread(target=_send, args=(connection, data))
        sending.start()
        connection.settimeout(3)
        try:
            while chunk := connection.recv(65536):
                found += chunk
        except (TimeoutError, ConnectionError):
            pass
    sending.join()
    return [line for line in found.split(b"\r\n") if line.startswith(b"HTTP/")]


def _send(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        """The server hung up: that is its right."""
