"""A request to the replication interface: its person, device and rights; and how it is answered."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any
from urllib.parse import unquote_to_bytes

import zstandard
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.acts.access import Rights
from server.acts.site import Site
from server.base import json_log, strict_json
from server.http import accounts, fair_queue
from server.http.problems import Trouble
from server.replication import devices
from sync import protocol

PACKED_FROM = 2_048  # bytes; below it compression costs more than it saves
LONGEST_WHOLE = 256 << 10  # bytes of an answer built in memory; a longer one is streamed


@dataclass(frozen=True)
class SyncRequest:
    """One request of a signed-in person; `http` is the request as Starlette has it."""

    site: Site
    http: Request
    person: dict[str, Any]
    rights: Rights
    device: str
    body: bytes

    @property
    def id(self) -> str:
        """The person's id."""
        return str(self.person["_id"])

    @property
    def kind(self) -> str:
        """The media type of the body, without its parameters."""
        return self.http.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def names(self) -> list[str]:
        """The decoded segments of the path below the site: E5, `%2F` is part of a name, `+` a
        blank.

        Raises Trouble for bytes that are no UTF-8, or that no database can store.
        """
        raw: bytes = self.http.scope.get("raw_path") or self.http.url.path.encode()
        try:
            names = [
                unquote_to_bytes(part.replace(b"+", b" ")).decode()
                for part in raw.partition(b"?")[0].split(b"/")[3:]
            ]
        except UnicodeDecodeError:
            raise Trouble("bad_request", "invalid UTF-8 in the address") from None
        if any("\0" in name for name in names):
            raise Trouble("missing", "missing")
        return names

    def json(self) -> Any:
        """Return the body as JSON; raises Trouble for another content type or bad JSON."""
        if self.kind != "application/json":
            raise Trouble("not_json", "Content-Type must be application/json")
        return self.parsed()

    def parsed(self) -> Any:
        """Return the body as JSON, whatever its content type is; raises Trouble."""
        try:
            return strict_json.loads(self.body)
        except strict_json.BadJSON as error:
            raise Trouble(error.code) from None


Handler = Callable[[SyncRequest], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def read_request(request: Request, body: bytes) -> SyncRequest:
    """Return the request; raises Trouble when nobody is signed in or the site is another."""
    site: Site = request.app.state.site
    if request.path_params.get("site", site.config.name) != site.config.name:
        raise Trouble("missing", "Database does not exist.")
    person = accounts.person_of(site, request)
    if person is None:
        gone = accounts.is_deactivated(site, request)
        raise Trouble("deactivated" if gone else "not_signed_in")
    return _sync_request(site, request, person, site.rights(person["_id"]), body)


def cached_request(request: Request) -> SyncRequest | None:
    """Return a request without a body from memory, or None when the database must be asked.

    It never blocks, so the event loop may call it; session and rights are a second old at most.
    """
    site: Site = request.app.state.site
    if request.path_params.get("site", site.config.name) != site.config.name:
        return None
    person, reference = accounts.cached_person(site, request), site.cached_reference()
    if person is None or reference is None:
        return None
    rights = reference.rights(person["_id"], site.now())
    return _sync_request(site, request, person, rights, b"", later=True)


def _sync_request(
    site: Site,
    request: Request,
    person: dict[str, Any],
    rights: Rights,
    body: bytes,
    *,
    later: bool = False,
) -> SyncRequest:
    header = request.headers.get(devices.HEADER)
    agent, since = request.headers.get("user-agent", ""), request.query_params.get("since")
    request.app.state.devices.seen(header, person["_id"], agent, since, later=later)
    device = devices.parse_header(header).get("id")
    json_log.note(device=device)
    return SyncRequest(site, request, person, rights, device or "device:none", body)


def api(handler: Handler) -> Endpoint:
    """Return an endpoint that reads the body and runs the handler in a thread, in its turn."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        request.app.state.admission.count(request)
        return await fair_queue.run_queued(request, _answered, handler, request, body)

    return endpoint


def _answered(handler: Handler, request: Request, body: bytes) -> Response:
    try:
        return handler(read_request(request, body))
    except protocol.BadQuery as error:
        raise Trouble(error.code, str(error)) from None


def as_json(
    body: bytes, request: Request, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer, compressed if it is long and the client accepts that."""
    headers = dict(headers or {})
    packing = packing_of(request, len(body))
    if packing:
        body = packed(body, packing)
        headers |= {"Content-Encoding": packing, "Vary": "Accept-Encoding"}
    return Response(body, status, headers, "application/json")


def streamed(body: Iterator[bytes], request: Request) -> Response:
    """Return a JSON answer: whole and compressed if it is short, else streamed as it is made."""
    first, size = [], 0
    for piece in body:
        first.append(piece)
        size += len(piece)
        if size > LONGEST_WHOLE:
            rest = chain([b"".join(first)], body)
            return StreamingResponse(rest, media_type="application/json")
    return as_json(b"".join(first), request)


def packing_of(request: Request, size: int) -> str:
    """Return the content encoding for an answer of `size` bytes, "" for none."""
    accepted = request.headers.get("accept-encoding", "") if size >= PACKED_FROM else ""
    return next((packing for packing in ("zstd", "gzip") if packing in accepted), "")


def packed(body: bytes, packing: str) -> bytes:
    """Return the body in a content encoding: zstd or gzip, at the fastest level."""
    if packing == "zstd":
        return zstandard.ZstdCompressor(level=1).compress(body)
    return gzip.compress(body, 1)
