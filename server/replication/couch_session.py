"""CouchDB's `_session`: who is signed in, and signing in and out from a program."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.acts.site import Site
from server.base import strict_json
from server.http import accounts
from server.http.problems import Trouble
from server.replication import devices, sealed
from server.replication.sync_request import SyncRequest, read_request

HANDLERS = ["cookie", "default"]


async def session(request: Request) -> Response:
    """GET, POST and DELETE _session; E2.1: CouchDB's replicator asks for it at the root."""
    body = await request.body()
    answer = {"GET": _who, "HEAD": _who, "POST": _enter, "DELETE": _leave}[request.method]
    return await run_in_threadpool(answer, request, body)


def _who(request: Request, body: bytes) -> Response:
    sync_request = read_request(request, body)
    described = _described(sync_request.site, sync_request.person)
    seal = sealed.lock_of(sync_request.site, sync_request.id, sync_request.device)
    return JSONResponse({**described, **_about(sync_request), "seal": seal})


def _about(request: SyncRequest) -> dict[str, Any]:
    method = "default" if "authorization" in request.http.headers else "cookie"
    return {"info": {"authenticated": method, "authentication_handlers": HANDLERS}}


def _described(site: Site, person: dict[str, Any]) -> dict[str, Any]:
    name = person["_id"].partition(":")[2]
    return {
        "ok": True,
        "userCtx": {"name": name, "roles": person.get("posts", [])},
        "person": person,
        "site": site.config.name,
        "now": site.now(),
    }


def _enter(request: Request, body: bytes) -> Response:
    site: Site = request.app.state.site
    name, password = _credentials(request, body)
    address = accounts.address_of(request)
    attempt = accounts.sign_in(site, name, password, address, is_known_device=False)
    if attempt.person is None:
        if attempt.problem == "too_many":
            raise Trouble("too_many", Retry_After=str(attempt.wait))
        # E2.1: without WWW-Authenticate, or a replicator would ask again with Basic.
        raise Trouble("wrong_password", "Name or password is incorrect.")
    if accounts.stage_after(site, attempt.person) is not None:
        raise Trouble("unfinished_sign_in", "Name or password is incorrect.")
    device = devices.parse_header(request.headers.get(devices.HEADER)).get("id") or address
    agent = request.headers.get("user-agent", "")
    token = accounts.begin_session(site, attempt.person["_id"], device, agent)
    described = _described(site, attempt.person)
    answer = JSONResponse({**described["userCtx"], **described})
    # E2.1: by its age a replicator knows when to sign in again.
    foreign = site.config.secure and bool(site.config.origins)
    answer.set_cookie(
        accounts.PROGRAM_COOKIE,
        token,
        max_age=accounts.seconds_it_lasts(site),
        path="/",
        secure=site.config.secure,
        httponly=True,
        samesite="none" if foreign else "lax",
    )
    return answer


def _credentials(request: Request, body: bytes) -> tuple[str, str]:
    """E2.1, E3: form or JSON; `name` and `password`, or `username`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    credentials: dict[str, Any]
    if kind == "application/json":
        try:
            parsed = strict_json.loads(body)
        except strict_json.BadJSON as error:
            raise Trouble(error.code) from None
        credentials = parsed if isinstance(parsed, dict) else {}
    else:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=20)
        credentials = {name: values[0] for name, values in fields.items()}
    name, password = (
        credentials.get("name", credentials.get("username")),
        credentials.get("password"),
    )
    if not isinstance(name, str) or not isinstance(password, str):
        raise Trouble("invalid", "request body must contain a name and a password")
    return name, password


def _leave(request: Request, _body: bytes) -> Response:
    site: Site = request.app.state.site
    token = accounts.token_of(site, request)
    if token:
        accounts.end_session(site, token)
    answer = JSONResponse({"ok": True})
    for name in (accounts.cookie_name(site), accounts.PROGRAM_COOKIE):
        answer.delete_cookie(name, path="/", secure=site.config.secure, httponly=True)
    return answer
