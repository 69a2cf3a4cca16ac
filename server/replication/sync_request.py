"""A request to the replication interface: who asks, on which device, with what rights."""

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

PACKED_FROM = 2_048  # bytes; below it packing costs more than it saves
LONGEST_WHOLE = 256 << 10  # bytes of an answer that is held in memory


@dataclass(frozen=True)
class SyncRequest:
    """One request of somebody who is signed in."""

    site: Site
    request: Request
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
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def names(self) -> list[str]:
        """What the address names below the site: E5, a `%2F` is part of a name, a `+` is a blank.

        Raises Trouble for bytes that are no text, or that no database keeps.
        """
        raw: bytes = self.request.scope.get("raw_path") or self.request.url.path.encode()
        try:
            found = [
                unquote_to_bytes(part.replace(b"+", b" ")).decode()
                for part in raw.partition(b"?")[0].split(b"/")[3:]
            ]
        except UnicodeDecodeError:
            raise Trouble("bad_request", "invalid UTF-8 in the address") from None
        if any("\0" in name for name in found):
            raise Trouble("missing", "missing")
        return found

    def json(self) -> Any:
        """Return the body as JSON; raises Trouble for anything else."""
        if self.kind != "application/json":
            raise Trouble("not_json", "Content-Type must be application/json")
        return self.parsed()

    def parsed(self) -> Any:
        """Return the body as JSON, whatever it says it is; raises Trouble."""
        try:
            return strict_json.loads(self.body)
        except strict_json.BadJSON as error:
            raise Trouble(error.code) from None


Handler = Callable[[SyncRequest], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def read_request(request: Request, body: bytes) -> SyncRequest:
    """Return the call; raises Trouble when nobody is signed in or the site is not this one."""
    site: Site = request.app.state.site
    if request.path_params.get("site", site.config.name) != site.config.name:
        raise Trouble("missing", "Database does not exist.")
    person = accounts.person_of(site, request)
    if person is None:
        raise Trouble("not_signed_in")
    return _call(site, request, person, site.rights(person["_id"]), body)


def cached_request(request: Request) -> SyncRequest | None:
    """Return the same for a request without a body, or None when the database must be asked.

    It never waits, so it may be used where others would wait with it; who asks and what they may
    see is known for a second at most.
    """
    site: Site = request.app.state.site
    if request.path_params.get("site", site.config.name) != site.config.name:
        return None
    person, reference = accounts.cached_person(site, request), site.cached_reference()
    if person is None or reference is None:
        return None
    rights = reference.rights(person["_id"], site.now())
    return _call(site, request, person, rights, b"", later=True)


def _call(
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
    device = devices.said(header).get("id")
    json_log.note(device=device)
    return SyncRequest(site, request, person, rights, device or "device:none", body)


def api(handler: Handler) -> Endpoint:
    """Return the endpoint that reads the body, and answers in a thread what the handler says."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        request.app.state.doors.count(request)
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
    """Return JSON, packed if it is long and the client takes that."""
    headers = dict(headers or {})
    packing = packing_of(request, len(body))
    if packing:
        body = packed(body, packing)
        headers |= {"Content-Encoding": packing, "Vary": "Accept-Encoding"}
    return Response(body, status, headers, "application/json")


def streamed(body: Iterator[bytes], request: Request) -> Response:
    """Return JSON that may be long: packed if it is not, else sent piece by piece as it is made."""
    first, size = [], 0
    for piece in body:
        first.append(piece)
        size += len(piece)
        if size > LONGEST_WHOLE:
            rest = chain([b"".join(first)], body)
            return StreamingResponse(rest, media_type="application/json")
    return as_json(b"".join(first), request)


def packing_of(request: Request, size: int) -> str:
    """Return how an answer of so many bytes is packed for a client, "" for not at all."""
    accepted = request.headers.get("accept-encoding", "") if size >= PACKED_FROM else ""
    return next((packing for packing in ("zstd", "gzip") if packing in accepted), "")


def packed(body: bytes, packing: str) -> bytes:
    """Return the body, packed."""
    if packing == "zstd":
        return zstandard.ZstdCompressor(level=1).compress(body)
    return gzip.compress(body, 1)
