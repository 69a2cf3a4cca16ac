"""A proxy between a site and its cluster that passes on, refuses, cuts or is down, as told."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.limits import joined


@dataclass
class Proxy:
    """What the proxy shall do (`away`, `most_bytes`, `answers`), and the requests it saw."""

    upstream: str
    url: str = ""
    away: bool = False  # connections are cut before an answer
    cut_after: int | None = None  # _bulk_docs that are passed on; their answers are cut from then
    most_bytes: int | None = None  # of a request's body, unpacked: 413 above it
    answers: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    signing_in: tuple[int, dict[str, str], dict[str, Any]] | None = None  # what that is answered
    seen: list[tuple[str, str]] = field(default_factory=list)  # (method, path)
    pushed: list[int] = field(default_factory=list)  # documents in each _bulk_docs that came by

    def count(self, part: str) -> int:
        """Return how many requests had a part in their path."""
        return sum(part in path for _, path in self.seen)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    client: httpx.Client

    def _any(self) -> None:
        body = self._body()
        self.proxy.seen.append((self.command, self.path))
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") else body
        if self.proxy.away:
            self.close_connection = True
        elif not self._refused(plain):
            if self.path.endswith("/_session") and body:  # CouchDB takes both, pouchdb-server one
                body = plain.replace(b'"username"', b'"name"')
            self._pass_on(body, plain)

    def _refused(self, plain: bytes) -> bool:
        if self.proxy.signing_in is not None and self.path.endswith("/_session"):
            status, headers, said = self.proxy.signing_in
            self._answer(status, headers, json.dumps(said).encode())
            return True
        if self.proxy.answers and "_session" not in self.path:
            status, headers, said = self.proxy.answers.pop(0)
            self._answer(status, headers, json.dumps(said).encode())
            return True
        if self.proxy.most_bytes is not None and len(plain) > self.proxy.most_bytes:
            said = {"error": "too_large", "reason": "the request entity is too large"}
            self._answer(413, {}, json.dumps(said).encode())
            return True
        return False

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _pass_on(self, body: bytes, plain: bytes) -> None:
        skip = ("host", "content-length", "transfer-encoding", "accept-encoding")
        headers = {k: v for k, v in self.headers.items() if k.lower() not in skip}
        if body is not None and self.path.endswith("/_session"):
            headers.pop("Content-Encoding", None)
        self.client.cookies.clear()  # whose they are is whoever asks
        answer = self.client.request(
            self.command, self.proxy.upstream + self.path, content=body, headers=headers
        )
        if self.path.endswith("_bulk_docs"):
            self.proxy.pushed.append(len(json.loads(plain)["docs"]))
            if self.proxy.cut_after is not None and len(self.proxy.pushed) > self.proxy.cut_after:
                self.close_connection = True
                return
        gone = ("content-length", "transfer-encoding", "content-encoding", "connection")
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in gone}
        self._answer(answer.status_code, kept, answer.content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def between(upstream: str) -> Iterator[Proxy]:
    """Listen on a port of this machine while the block runs."""
    split = urlsplit(upstream)
    proxy = Proxy(f"{split.scheme}://{split.hostname}:{split.port}")
    client = httpx.Client(timeout=60, trust_env=False)
    handler = type("Bound", (Handler,), {"proxy": proxy, "client": client})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        client.close()
        joined(thread, what="the proxy to stop")
