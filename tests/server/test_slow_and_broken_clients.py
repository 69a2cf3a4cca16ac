"""HTTP edge cases: slow, broken and malicious clients."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from server.acts.site import Site
from server.http import connection_timeouts, middleware
from server.http.problems import BY_STATUS, PROBLEMS
from tests.server.served import Served, serving

PUSH = "/sync/demo/_bulk_docs"
MIB = 1 << 20


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


def cookie(served: Served) -> str:
    return f"floorwalk={served.token('person:lin')}"


PATIENCE = 20.0  # s, after which what neither answers nor closes has failed


def spoken(served: Served, raw: bytes) -> tuple[int, bytes]:
    """Send bytes over a fresh connection; return the status (0: none) and all until it closed."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(raw)
        answer = b""
        while True:
            try:
                part = connection.recv(65_536)
            except ConnectionResetError:
                break
            if not part:
                break
            answer += part
    first = answer.split(b" ", 2)
    return (int(first[1]) if len(first) > 1 else 0), answer


# Sizes


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // MIB):
        yield b"x" * MIB
    yield b"x" * (size % MIB)


@pytest.mark.parametrize("size", [8 * MIB + 1, 50 * MIB])
def test_a_body_that_is_too_large_is_answered(lin: httpx.Client, size: int) -> None:
    kind = {"content-type": "application/json"}
    for content in (b"x" * size, chunks(size)):  # with a length, and without
        answer = lin.post(PUSH, content=content, headers=kind)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
        assert answer.headers["connection"] == "close"
        assert answer.json()["say"]
    assert lin.get("/sync/demo").status_code == 200


def test_a_body_of_just_the_size_is_read(lin: httpx.Client) -> None:
    body = b'{"docs":[]' + b" " * (8 * MIB - 11) + b"}"
    assert len(body) == middleware.MOST_BYTES
    answer = lin.post(PUSH, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 201


def test_bodies_together_have_room_for_so_much(site: Site) -> None:
    object.__setattr__(site.config, "bodies_mb", 1)
    body = b'{"docs":[]' + b" " * MIB + b"}"
    with serving(site) as served:
        lin, kind = served.client("lin"), {"content-type": "application/json"}
        for content in (body, chunks(2 * MIB)):
            answer = lin.post(PUSH, content=content, headers=kind)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert lin.post(PUSH, json={"docs": []}).status_code == 201, "the room is free again"


def test_a_client_that_asks_first_need_not_send(served: Served) -> None:
    head = (
        f"POST {PUSH} HTTP/1.1\r\nHost: x\r\nCookie: {cookie(served)}\r\n"
        "Content-Length: 52428800\r\nExpect: 100-continue\r\n\r\n"
    )
    status, answer = spoken(served, head.encode())
    assert status == 413
    assert b"100 Continue" not in answer


@pytest.mark.parametrize("packing", ["deflate", "br", "zstd", "gzip, gzip"])
def test_bodies_are_packed_in_one_way_or_not_at_all(lin: httpx.Client, packing: str) -> None:
    answer = lin.post(PUSH, content=b"x", headers={"content-encoding": packing})
    assert (answer.status_code, answer.json()["error"]) == (415, "bad_content_type")


# What is no HTTP


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: -5",
        "Content-Length: x",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
        "X: " + "x" * 70_000,
        "\r\n",
        "a b: c",
    ],
)
def test_a_request_that_is_none_is_refused(served: Served, headers: str) -> None:
    head = f"POST {PUSH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}"
    status, _ = spoken(served, f"{head}\r\n\r\n{{}}xx".encode())
    assert status in (0, 400, 401, 413, 431)
    assert served.client("lin").get("/sync/demo").status_code == 200


@pytest.mark.parametrize("head", ["X: " + "x" * 70_000, "X: y\r\n" * 30_000])
def test_headers_end(served: Served, head: str) -> None:
    raw = f"GET /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode()
    assert spoken(served, raw)[0] in (0, 431)
    assert served.client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "path", ["/sync/demo/a%00b", "/sync/%2e%2e/x", "/sync/demo/" + "x" * 9_000, "/static/%2e%2e/x"]
)
def test_a_path_that_is_none_is_not_found(lin: httpx.Client, path: str) -> None:
    assert lin.get(path).status_code in (400, 404)


def test_a_method_is_what_it_is(lin: httpx.Client) -> None:
    override = {"x-http-method-override": "GET"}
    assert lin.post("/sync/demo/_local/x", headers=override).status_code == 405
    answer = lin.post("/healthz", headers=override)
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]
    assert lin.request("TRACE", "/sync/demo").status_code in (404, 405)


# Foreign pages


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_another_website_changes_nothing(lin: httpx.Client, headers: dict[str, str]) -> None:
    for path in (PUSH, "/sign-in", "/sign-out", "/sync/demo/_session"):
        answer = lin.post(path, json={"docs": []}, headers=headers)
        assert answer.status_code == 403
    assert lin.get("/sync/demo", headers=headers).status_code == 200, "it cannot read the answer"


def test_our_own_pages_and_programs_may(served: Served, lin: httpx.Client) -> None:
    for headers in ({}, {"sec-fetch-site": "same-origin"}, {"origin": served.address}):
        assert lin.post(PUSH, json={"docs": []}, headers=headers).status_code == 201


# Headers


def test_every_page_is_hardened(served: Served) -> None:
    answer = served.client().get("/floor/lobby")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_errors_are_hardened_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    client = served.client("lin")
    monkeypatch.setattr(Site, "rights", broken)
    answer = client.get("/sync/demo")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_server_error")
    assert answer.headers["floorwalk-now"]
    assert answer.headers["connection"] == "close", "the next request would meet a closed door"
    assert "a bug" not in answer.text
    page = client.get("/office/nowhere", headers={"accept": "text/html"})
    assert "content-security-policy" in page.headers


def test_the_server_says_what_time_it_is_and_which_life_it_lives(
    lin: httpx.Client, site: Site
) -> None:
    for path in ("/sync/", "/sync/demo/_changes", "/sync/demo/nothing", "/sync/_nowhere"):
        headers = lin.get(path).headers
        assert headers["floorwalk-now"] == str(site.now())
        assert headers["floorwalk-epoch"] == site.meta["epoch"]


def test_a_missing_page_is_a_page(served: Served) -> None:
    answer = served.client().get("/nowhere", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "<!doctype html>" in answer.text
    assert "没有这个页面" in answer.text


def test_a_database_that_is_locked_is_a_server_that_is_busy(
    lin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    def locked(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("x", {}, Exception("database is locked"))

    monkeypatch.setattr(Site, "accept", locked)
    answer = lin.post(PUSH, json={"docs": []})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


# Time


def test_a_request_has_to_arrive_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timeouts, "HEAD_WITHIN", 0.4)
    monkeypatch.setattr(connection_timeouts, "BODY_WITHIN", 0.4)
    with serving(site) as served:
        slow_head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: "
        slow_body = f"POST {PUSH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode()
        for raw in (b"", slow_head, slow_body):
            status, _ = spoken(served, raw)
            assert status == 0, "closed"


def test_a_connection_drips_and_is_closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timeouts, "HEAD_WITHIN", 0.5)
    with serving(site) as served:
        connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
        with connection, pytest.raises(OSError):
            for letter in b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 60:
                connection.send(bytes([letter]))
                time.sleep(0.05)


def test_a_connection_is_kept_between_requests(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_timeouts, "HEAD_WITHIN", 0.3)
    with serving(site) as served:
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
            for _ in range(2):
                connection.sendall(request)
                assert connection.recv(4_096).startswith(b"HTTP/1.1 200")
                time.sleep(0.8)  # a tablet asks every ten seconds


# The catalogue


def test_every_problem_says_what_to_do() -> None:
    for problem in PROBLEMS.values():
        assert problem.say.endswith("."), problem.code
        assert 400 <= problem.status < 600
    assert all(PROBLEMS[code].status == status for status, code in BY_STATUS.items())


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    import re

    from tests.sources import files

    pattern = re.compile(r"(?:Trouble|Refused)\(\s*\"(\w+)\"")
    # A cluster's Trouble is another: those who raise it do not know problems.
    knowing = [
        text for text in files("server/*.py").values() if "sync.cluster_client import" not in text
    ]
    raised = {code for text in knowing for code in pattern.findall(text)}
    assert raised and raised <= set(PROBLEMS)


def test_health_is_asked_without_signing_in(served: Served) -> None:
    answer = served.client().get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


def test_a_server_that_cannot_write_is_not_healthy(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    def full(*_: object) -> None:
        raise sa.exc.OperationalError("x", {}, Exception("disk is full"))

    monkeypatch.setattr(Site, "writing", full)
    assert served.client().get("/healthz").status_code == 503
