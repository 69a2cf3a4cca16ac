"""A stub of the site's server, for tests of the tablet alone: it can be told to fail in every way.

It keeps acts and folds them with sync.fold, and speaks just enough of the wire for one tablet. What
the real server does is asked in tests/server and tests/journeys.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route

import sync
from service_worker.build import pipeline
from sync import act as acts
from sync import fold
from tests.limits import joined
from tests.tablet import until

SITE = "demo"
BOOTSTRAP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Setting up</title>
<script src="/static/app.js" defer></script></head>
<body data-bootstrap data-target="{target}" data-version="" data-site="demo"><main>
<progress data-progress value="0" max="100"></progress><span data-done></span><span data-all></span>
<p data-when="no-worker" hidden>no worker</p><p data-when="no-network" hidden>no network</p>
<p data-when="failed" hidden>failed</p></main></body></html>"""
SIGN_IN = "<!doctype html><title>Sign in</title><h1>Sign in</h1>"
PORTAL = "<!doctype html><title>Hotel Wi-Fi</title><h1>Welcome to our Wi-Fi</h1>"


class StubSite:
    """The server; its attributes are what a test may bend."""

    def __init__(self) -> None:
        self.declarations = sync.declarations()
        self.acts: dict[str, dict[str, Any]] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.feed: list[tuple[str, bool]] = []  # (record, removed); its index + 1 is the seq
        self.epoch = "e1"
        self.person: str | None = "person:lin"
        self.clock_ahead = 0  # ms
        self.status: int | None = None  # answer every sync request with this status
        self.retry_after: int | None = None
        self.portal = False
        self.most_docs = 10_000  # a batch with more is 413
        self.refuse: dict[str, dict[str, str]] = {}  # name of an act: {reason, say}
        self.pushes: list[list[str]] = []
        self.seen_devices: list[dict[str, Any]] = []
        self.blobs: dict[str, bytes] = {}
        self.parts: dict[str, bytes] = {}
        self.no_room_for: int | None = None  # s after which there may be room for photos
        self.attached: dict[str, Any] = {}  # by record
        self.worker_suffix = ""  # another version of the worker
        self.version = ""  # which version the worker says it is, if not the one that was built
        self.missing: set[str] = set()  # static files that cannot be had
        self.silent: set[str] = set()  # static files for which no answer comes
        self.delay = 0.0  # s, before an answer to a push
        self._random = 1
        self.port = _free_port()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.seed()

    # What is there

    def seed(self) -> None:
        """A person, two places."""
        self.say(
            "person.added",
            "person:lin",
            {"name": "林晚舟", "posts": ["guide"], "places": ["place:lobby-1"]},
        )
        self.say("person.added", "person:chen", {"name": "陈主管", "posts": ["guide_supervisor"]})
        self.say("place.added", "place:lobby-1", {"name": "门诊大厅", "kind": "lobby"})
        self.say(
            "place.added",
            "place:room-3",
            {"name": "骨科 3 诊室", "kind": "room", "inside": "place:lobby-1"},
        )

    def now(self) -> int:
        """The server's own clock (ms)."""
        return int(time.time() * 1000) + self.clock_ahead

    def say(
        self,
        name: str,
        record: str,
        data: dict[str, Any],
        *,
        by: str = "system:site",
        at: int | None = None,
    ) -> str:
        """Make an act on the server, as by another person."""
        self._random += 1
        made = acts.make(
            name, record, data, at=at or self.now(), by=by, device="device:other", site=SITE,
            random_bits=lambda: self._random * 7919,
        )  # fmt: skip
        self.take(made)
        return str(made["_id"])

    def take(self, act: dict[str, Any]) -> None:
        """Store an act and fold its record anew."""
        if act["_id"] in self.acts:
            return
        self.acts[act["_id"]] = act
        mine = [one for one in self.acts.values() if one["record"] == act["record"]]
        record = fold.fold(self.declarations, mine)
        assert record is not None
        self.records[act["record"]] = {**record, "_rev": f"{len(mine)}-{act['_id'][-8:]}"}
        self.feed.append((act["record"], False))

    def remove(self, record: str) -> None:
        """Let a record leave what the person sees."""
        self.feed.append((record, True))

    def restore(self, acts_kept: list[str], epoch: str) -> None:
        """Be put back to an earlier day: only these acts, another epoch."""
        old, self.acts, self.records, self.feed = self.acts, {}, {}, []
        for identifier in acts_kept:
            self.take(old[identifier])
        self.epoch = epoch

    # The server

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> StubSite:
        """Listen."""
        config = uvicorn.Config(
            self._app(), host="127.0.0.1", port=self.port, log_level="error", lifespan="off",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server and self._server.started, "the site to listen")
        return self

    def stop(self) -> None:
        """Be dead: connections are refused until the next start."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._server.force_exit = True
            joined(self._thread, what="the site to be dead")
            self._server = None

    def _app(self) -> Starlette:
        sync_routes = [
            Route("/_session", self._session),
            Route("/_changes", self._changes),
            Route("/_manifest", self._manifest),
            Route("/_bulk_docs", self._bulk_docs, methods=["POST"]),
            Route("/_blob/{hash}", self._blob, methods=["PUT", "GET"]),
            Route("/_blob/{hash}/parts", self._parts, methods=["PUT", "GET"]),
        ]
        return Starlette(
            routes=[
                Mount(f"/sync/{SITE}", routes=sync_routes),
                Route("/worker.js", self._worker),
                Route("/static/{name}", self._static),
                Route("/sign-in", self._sign_in, methods=["GET", "POST"]),
                Route("/sign-out", self._sign_in, methods=["POST"]),
                Route("/floor/{rest:path}", self._bootstrap),
            ]
        )

    def _answer(self, body: Any, status: int = 200) -> Response:
        headers = {"Floorwalk-Now": str(self.now()), "Floorwalk-Epoch": self.epoch}
        return JSONResponse(body, status, headers)

    def _trouble(self, request: Request) -> Response | None:
        if self.portal:
            return HTMLResponse(PORTAL)
        said = request.headers.get("floorwalk-device")
        if said:
            self.seen_devices.append(json.loads(said))
        if self.status is not None:
            answer = self._answer({"error": "told_to_fail"}, self.status)
            if self.retry_after is not None:
                answer.headers["Retry-After"] = str(self.retry_after)
            return answer
        if self.person is None:
            return self._answer({"error": "unauthorized"}, 401)
        return None

    async def _session(self, request: Request) -> Response:
        if trouble := self._trouble(request):
            return trouble
        assert self.person is not None
        body = {"ok": True, "person": self.records[self.person], "site": SITE, "now": self.now()}
        return self._answer(body)

    async def _changes(self, request: Request) -> Response:
        if trouble := self._trouble(request):
            return trouble
        query = request.query_params
        since, limit = int(query.get("since", "0").split("-")[0]), int(query.get("limit", "25"))
        if query.get("feed") == "longpoll":
            until = time.monotonic() + int(query.get("timeout", "10000")) / 1000
            while len(self.feed) <= since and time.monotonic() < until and self._server:
                await asyncio.sleep(0.02)
        last_of = {record: n for n, (record, _) in enumerate(self.feed, 1)}
        rows: list[dict[str, Any]] = []
        last = since
        for seq in range(since + 1, len(self.feed) + 1):
            record, removed = self.feed[seq - 1]
            if last_of[record] == seq:
                if len(rows) == limit:
                    break
                gone = {"removed": True} if removed else {"doc": self.records[record]}
                rows.append({"seq": f"{seq}-x", "id": record, **gone})
            last = seq
        pending = sum(1 for n in last_of.values() if n > last)
        return self._answer({"results": rows, "last_seq": f"{last}-x", "pending": pending})

    async def _manifest(self, request: Request) -> Response:
        return self._trouble(request) or self._answer({"behind": True})

    async def _bulk_docs(self, request: Request) -> Response:
        if trouble := self._trouble(request):
            return trouble
        docs = (await request.json())["docs"]
        if len(docs) > self.most_docs:
            return self._answer({"error": "too_large"}, 413)
        self.pushes.append([doc["_id"] for doc in docs])
        rows = []
        for doc in docs:
            if doc["act"] in self.refuse:
                rows.append({"id": doc["_id"], "error": "forbidden", **self.refuse[doc["act"]]})
            else:
                self.take(doc)
        if self.delay:
            await asyncio.sleep(self.delay)
        return self._answer(rows, 201)

    async def _blob(self, request: Request) -> Response:
        if trouble := self._trouble(request):
            return trouble
        name = request.path_params["hash"]
        if request.method in ("GET", "HEAD"):
            return self._bytes(request, self.blobs[name], f'"{name}"')
        self.blobs[name] = await request.body()
        return self._answer({"ok": True}, 201)

    def _bytes(self, request: Request, body: bytes, etag: str) -> Response:
        """Answer as a file is: in parts, and with a name for what it is."""
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        asked = request.headers.get("range", "").removeprefix("bytes=")
        if not asked or request.headers.get("if-range", etag) != etag:
            return Response(body, headers=headers, media_type="image/jpeg")
        first, _, last = asked.partition("-")
        start = int(first) if first else max(0, len(body) - int(last))
        end = min(len(body), int(last) + 1) if first and last else len(body)
        if start >= end:
            headers["Content-Range"] = f"bytes */{len(body)}"
            return Response(status_code=416, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
        return Response(body[start:end], 206, headers, media_type="image/jpeg")

    async def _parts(self, request: Request) -> Response:
        if trouble := self._trouble(request):
            return trouble
        if self.no_room_for is not None:
            full = self._answer({"error": "insufficient_storage"}, 507)
            full.headers["Retry-After"] = str(self.no_room_for)
            return full
        name = request.path_params["hash"]
        here = self.parts.get(name, b"")
        if request.method == "PUT":
            first, _, rest = request.headers["content-range"][len("bytes ") :].partition("-")
            size = int(rest.partition("/")[2])
            here = here[: int(first)] + await request.body()
            self.parts[name] = here
            if len(here) == size:
                self.blobs[name] = here
        whole = name in self.blobs
        return self._answer(
            {"ok": True, "offset": len(here), "whole": whole}, 201 if whole else 200
        )

    async def _sign_in(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(SIGN_IN)
        form = await request.form()
        who = form.get("login")
        self.person = f"person:{who}" if who else None
        return RedirectResponse("/floor/more" if who else "/sign-in", 303)

    async def _worker(self, request: Request) -> Response:
        script = (pipeline.STATIC / "worker.js").read_text("utf-8") + self.worker_suffix
        if self.version:
            built = json.loads(pipeline.MANIFEST.read_text("utf-8"))["version"]
            script = script.replace(built, self.version)
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
        return Response(script, media_type="text/javascript", headers=headers)

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name in self.silent:
            await asyncio.sleep(600)
        if name in self.missing:
            return HTMLResponse(PORTAL, 200)
        return FileResponse(pipeline.STATIC / name)

    async def _bootstrap(self, request: Request) -> Response:
        if self.person is None:
            return RedirectResponse("/sign-in", 303)
        return HTMLResponse(BOOTSTRAP.format(target=request.url.path))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
