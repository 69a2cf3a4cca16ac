"""GET /openapi.json: the OpenAPI description of every endpoint, act and record.

Addresses come from the route table, acts from the declarations; what an address is for is written
below, and a test fails for a route that is missing there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

import sync
from server.http import json_schemas

Json = dict[str, Any]

# "METHOD /path": (what it is for, what is sent, what is answered); names are of json_schemas.py.
PAGE, FORM, NOTHING = "page", "form", ""
MADE, KEPT = "made", "kept"  # 201; and 201 or 200 by whether it was there before
STATUSES = {
    "Verdicts": ("201",),
    MADE: ("201",),
    KEPT: ("200", "201"),
    "Part": ("200", "201", "409"),
}
ENTRIES: dict[str, tuple[str, str, str]] = {
    "GET /": ("The front door: on to sign-in, the floor or the office", NOTHING, "redirect"),
    "GET /sign-in": ("The sign-in page", NOTHING, PAGE),
    "POST /sign-in": ("Sign in with `login`, `password` and `target`", FORM, "redirect"),
    "GET /sign-in/code": ("The second factor's code is asked for", NOTHING, PAGE),
    "POST /sign-in/code": ("A code, or a recovery code", FORM, "redirect"),
    "GET /sign-in/change": ("A password of one's own is asked for", NOTHING, PAGE),
    "POST /sign-in/change": ("Choose it", FORM, "redirect"),
    "GET /sign-in/enrol": ("A second factor is asked for", NOTHING, PAGE),
    "POST /sign-in/enrol": ("Turn it on by its first code", FORM, PAGE),
    "GET /account": ("One's own password and second factor", NOTHING, PAGE),
    "POST /account/password": ("Change the password", FORM, "redirect"),
    "POST /account/factor": ("Turn the second factor on or off", FORM, PAGE),
    "POST /sign-out": ("End the session", FORM, "redirect"),
    "GET /healthz": ("Can the server write, is its clock alive", NOTHING, "Health"),
    "GET /metrics": ("How the site stands, as Prometheus reads it", NOTHING, "file"),
    "GET /openapi.json": ("This description", NOTHING, "Anything"),
    "GET /worker.js": ("The service worker of the floor app", NOTHING, "file"),
    "GET /manifest.webmanifest": ("The web app manifest", NOTHING, "file"),
    "GET /static/{name}": ("Scripts, styles and icons as they were built", NOTHING, "file"),
    "GET /floor": ("The floor app; its worker answers once it is installed", NOTHING, PAGE),
    "GET /floor/{rest}": ("A screen of the floor app", NOTHING, PAGE),
    "GET /events": ("Ids of records that changed, as server-sent events", NOTHING, "events"),
    # Replication
    "GET /sync/": ("The server as CouchDB introduces itself", NOTHING, "Welcome"),
    "GET /_session": ("Who is signed in", NOTHING, "Session"),
    "POST /_session": ("Sign in, as CouchDB's replicator does", "Credentials", "Session"),
    "DELETE /_session": ("Sign out", NOTHING, "Ok"),
    "GET /sync/_up": ("It answers", NOTHING, "Anything"),
    "GET /sync/_all_dbs": ("This site's name", NOTHING, "Anything"),
    "GET /sync/_session": ("Who is signed in", NOTHING, "Session"),
    "POST /sync/_session": ("Sign in from a program", "Credentials", "Session"),
    "DELETE /sync/_session": ("Sign out", NOTHING, "Ok"),
    "GET /sync/{site}": ("The database of the site", NOTHING, "Database"),
    "PUT /sync/{site}": ("Says that the database is there already", NOTHING, "Ok"),
    "PUT /sync/{site}/": ("Says that the database is there already", NOTHING, "Ok"),
    "GET /sync/{site}/": ("The database of the site", NOTHING, "Database"),
    "GET /sync/{site}/_session": ("Who is signed in", NOTHING, "Session"),
    "POST /sync/{site}/_session": ("Sign in from a program", "Credentials", "Session"),
    "DELETE /sync/{site}/_session": ("Sign out", NOTHING, "Ok"),
    "GET /sync/{site}/_changes": ("What changed, of what the person may see", NOTHING, "Changes"),
    "POST /sync/{site}/_changes": ("The same for clients that post", "Anything", "Changes"),
    "GET /sync/{site}/_all_docs": ("All that the person may see, by id", NOTHING, "List"),
    "POST /sync/{site}/_all_docs": ("The same for clients that post", "Anything", "List"),
    "POST /sync/{site}/_all_docs/queries": ("Several such lists", "Anything", "Anything"),
    "GET /sync/{site}/_manifest": ("What a device should hold, to compare", NOTHING, "Anything"),
    "GET /sync/{site}/_removed": ("Ids that the person sees no more", NOTHING, "Anything"),
    "POST /sync/{site}/_revs_diff": ("Which revisions are missing here", "Anything", "Anything"),
    "POST /sync/{site}/_bulk_get": ("Several records at once", "Anything", "Anything"),
    "POST /sync/{site}/_bulk_docs": ("Hand in acts; each is judged by itself", "Push", "Verdicts"),
    "POST /sync/{site}/_ensure_full_commit": ("Nothing waits to be written", NOTHING, MADE),
    "GET /sync/{site}/_local/{id}": ("A checkpoint of this person's device", NOTHING, "Anything"),
    "PUT /sync/{site}/_local/{id}": ("Keep a checkpoint", "Anything", MADE),
    "DELETE /sync/{site}/_local/{id}": ("Forget a checkpoint", NOTHING, "Ok"),
    "GET /sync/{site}/_blob/{sha256}": ("A photo or recording by its hash", NOTHING, "file"),
    "PUT /sync/{site}/_blob/{sha256}": ("Keep it under its hash", "file", KEPT),
    "GET /sync/{site}/_blob/{sha256}/parts": ("How far one is here", NOTHING, "Parts"),
    "PUT /sync/{site}/_blob/{sha256}/parts": ("Its next part", "file", "Part"),
    "POST /sync/{site}/_sealed": (
        "Hand in what a tablet sealed for its author",
        "file",
        "HandedIn",
    ),
    "GET /sync/{site}/{id}": ("A record or an act", NOTHING, "Record"),
    "PUT /sync/{site}/{id}": ("Hand in one act", "Act", MADE),
    "PUT /sync/{site}/{id}/{name}": ("The same for an id with a slash", "Act", MADE),
    "GET /sync/{site}/{id}/{name}": ("What is attached to a record", NOTHING, "file"),
    "PUT /demo/clock": ("Set the clock of a demonstration; 404 elsewhere", "Anything", "Anything"),
    # The office
    "GET /office": ("The live board", NOTHING, PAGE),
    "GET /office/": ("The live board; `wall=1` for a screen of its own", NOTHING, PAGE),
    "GET /office/menu": ("The menu again, with its counts", NOTHING, PAGE),
    "GET /office/notices": ("What the person was told", NOTHING, PAGE),
    "POST /office/notices": ("Say that they were seen", FORM, "redirect"),
    "GET /office/waiting": ("Who waits, what is due first", NOTHING, PAGE),
    "GET /office/visits": ("Who is in the house", NOTHING, PAGE),
    "GET /office/rounds": ("Rounds of this week, coverage and levels of the wards", NOTHING, PAGE),
    "GET /office/complaints": ("Complaints by their next deadline", NOTHING, PAGE),
    "GET /office/complaints/{id}/slip": ("The client's slip, 80 mm", NOTHING, PAGE),
    "GET /office/reconcile": ("What did not fit, side by side", NOTHING, PAGE),
    "POST /office/reconcile": ("Decide about it, with a reason", FORM, "redirect"),
    "GET /office/people": ("People, their posts and places", NOTHING, PAGE),
    "POST /office/people": ("Add a person", FORM, "redirect"),
    "GET /office/people/{id}": ("A person", NOTHING, PAGE),
    "POST /office/people/{id}": ("Change a person", FORM, "redirect"),
    "POST /office/people/{id}/password": ("Set a password", FORM, "redirect"),
    "POST /office/people/{id}/factor": ("Turn a lost second factor off", FORM, "redirect"),
    "GET /office/settings": ("The numbers of the regulations, the calendars", NOTHING, PAGE),
    "GET /office/settings/{key}": ("A number", NOTHING, PAGE),
    "POST /office/settings/{key}": ("See what a change moves, then change it", FORM, "redirect"),
    "GET /office/security": ("Who came in, what failed, whose rights changed", NOTHING, PAGE),
    "POST /office/security/erase": ("Erase a record's private details", FORM, "redirect"),
    "POST /office/security/export": ("The same as CSV", FORM, "file"),
    "GET /office/devices": ("Tablets as the server last heard of them", NOTHING, PAGE),
    "GET /office/replication": ("Tablets behind, refused acts, slow requests", NOTHING, PAGE),
    "GET /office/records": ("Every kind of record", NOTHING, PAGE),
    "POST /office/export/{kind}": ("The rows of a view as CSV or XLSX", FORM, "file"),
    "GET /office/several/{kind}": ("The form of an act for chosen rows", NOTHING, PAGE),
    "POST /office/several/{kind}": ("Say it of each; what did not go, and why", FORM, PAGE),
    "POST /office/views/{kind}": ("Save a view of a table, or remove one", FORM, "redirect"),
    "GET /office/records/{kind}": ("The records of a kind", NOTHING, PAGE),
    "POST /office/records/{kind}": ("Make a record of a kind", FORM, "redirect"),
    "GET /office/{section}": ("The records of a kind that has a section of its own", NOTHING, PAGE),
    "POST /office/{section}": ("Make a record of such a kind", FORM, "redirect"),
}
RECORD_PAGES = ("/office/records/{kind}/{id}", "/office/{section}/{id}")
RECORD_ENTRIES = {
    "GET ": ("A record: what it is, what happened, what is next", NOTHING, PAGE),
    "POST /do/{verb}": ("Say an act about it", FORM, "redirect"),
    "POST /note": ("Write a note", FORM, "redirect"),
    "POST /edit": ("Correct a field", FORM, "redirect"),
    "POST /undo": ("Take an act of one's own back", FORM, "redirect"),
    "GET /form": ("Its form on A4, private details masked", NOTHING, PAGE),
    "POST /form": ("The same with them; the looking is kept", FORM, PAGE),
    "POST /reveal": ("Look at a private field; the looking is kept", FORM, PAGE),
}
for _page in RECORD_PAGES:
    for _key, _entry in RECORD_ENTRIES.items():
        _method, _, _rest = _key.partition(" ")
        ENTRIES[f"{_method} {_page}{_rest}"] = _entry

OPEN_TO_ALL = ("/healthz", "/openapi.json", "/static/", "/sign-in", "/worker.js", "/manifest", "/")


def describe(request: Request) -> Response:
    """GET /openapi.json: the description of this application's routes, made once."""
    state = request.app.state
    made: bytes | None = getattr(state, "openapi", None)
    if made is None:  # two that come at once make it twice, to the same bytes
        made = state.openapi = orjson.dumps(description(request.app.routes))
    headers = {"Cache-Control": "no-cache"}
    return Response(made, media_type="application/json", headers=headers)


def description(routes: Iterable[BaseRoute]) -> Json:
    """Return the OpenAPI description of these routes; raises KeyError for one without an entry."""
    paths: Json = {}
    for method, path in addresses(routes):
        summary, sent, answered = ENTRIES[f"{method} {path}"]
        verb = method.lower()
        paths.setdefault(path, {})[verb] = _operation(path, verb, summary, sent, answered)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Floorwalk", "version": "1", "description": json_schemas.ABOUT},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "floorwalk"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def addresses(routes: Iterable[BaseRoute]) -> list[tuple[str, str]]:
    """Return (method, path) of every route except the catch-all below /sync."""
    pairs = []
    for route in routes:
        if isinstance(route, Mount):
            pairs.append(("GET", route.path + "/{path}"))
        elif isinstance(route, Route):
            path = route.path.replace(":path}", "}")
            methods = sorted((route.methods or {"GET"}) - {"HEAD"})
            # Only the catch-all takes every method there is.
            if not {"PATCH", "OPTIONS"} <= set(methods):
                pairs += [(method, path) for method in methods]
    return pairs


def _operation(path: str, verb: str, summary: str, sent: str, answered: str) -> Json:
    operation: Json = {
        "summary": summary,
        "operationId": f"{verb}_{path}".replace("/", "_").replace("{", "").replace("}", ""),
        "tags": [path.split("/")[1] or "door"],
        "responses": {**_answer(answered), "default": json_schemas.PROBLEM},
    }
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    if names:
        operation["parameters"] = [json_schemas.parameter(name) for name in names]
    if verb == "get" and path.endswith("/_changes"):
        operation.setdefault("parameters", []).extend(json_schemas.CHANGES_QUERY)
    if sent:
        operation["requestBody"] = _body(sent)
    if any(path == prefix or (prefix != "/" and path.startswith(prefix)) for prefix in OPEN_TO_ALL):
        operation["security"] = []
    else:
        operation["security"] = [{"session": []}, {"basic": []}]
    return operation


def _answer(name: str) -> Json:
    if name == "redirect":
        return {
            "303": {"description": "On to the next page"},
            "422": {"description": "The form again, with what is wrong beside each field"},
        }
    kinds = {PAGE: "text/html", "events": "text/event-stream", "file": "application/octet-stream"}
    if name in kinds:
        return {"200": {"description": "OK", "content": {kinds[name]: {}}}}
    schema = {MADE: "Ok", KEPT: "Ok", "Part": "Parts"}.get(name, name)
    statuses = STATUSES.get(name, ("200",))
    return {status: {"description": "OK", "content": _json(schema)} for status in statuses}


def _body(name: str) -> Json:
    if name == FORM:
        return {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
    if name == "file":
        return {"required": True, "content": {"application/octet-stream": {}}}
    return {"required": True, "content": _json(name)}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


@cache
def _schemas() -> Json:
    return json_schemas.all_schemas(sync.declarations())
