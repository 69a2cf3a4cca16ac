"""The catalogue of errors that a client can see: code, HTTP status, and a sentence of advice.

The sentence is for the person who holds the tablet. Most say whether something is lost: nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.http import pages
from sync.languages import TAGS
from sync.words import _


@dataclass(frozen=True)
class Problem:
    """One error: `say` is the advice, `couch` what CouchDB calls it, where it has a name for it."""

    code: str
    status: int
    say: str
    couch: str = ""


# fmt: off
PROBLEMS = {problem.code: problem for problem in (
    # Acts that are not taken in. A push answers 201, with one of these for each such act.
    Problem("not_an_act", 403, _("This is no act, so it was kept aside. Tell the IT department.")),
    Problem("malformed", 403, _("Something in this entry cannot be read. It was kept aside; the office will look at it.")),
    Problem("newer_app", 403, _("This tablet is newer than the server. The entry is kept and will be taken in after the server's update.")),
    Problem("other_site", 403, _("This entry belongs to another hospital. It was kept aside; tell the office.")),
    Problem("not_by_letter", 403, _("Another hospital may not say this here. It was kept aside; the office will look at it.")),
    Problem("act_too_long", 403, _("This entry is too long. It was kept aside; enter it again in shorter words.")),
    Problem("other_text_signed", 403, _("The signature belongs to another text than the one shown. Read it out again and let them sign again.")),
    Problem("another_person", 403, _("This entry was made in another person's name. Its author has to sign in to send it.")),
    Problem("not_here", 403, _("Your account was not active at that time. The entry is kept; ask your supervisor.")),
    Problem("system_only", 403, _("Only the server's own clock may say this. The entry was kept aside.")),
    Problem("not_your_post", 403, _("Your post did not allow this at that time. The entry is kept; ask your supervisor.")),
    Problem("not_your_place", 403, _("This place is not one of yours. The entry is kept; ask your supervisor to take it over.")),
    Problem("not_your_unit", 403, _("This unit is not one of yours. Choose your own; the entry is kept.")),
    Problem("inside_itself", 403, _("Nothing can be inside itself, or inside what lies within it, and nobody is their own superior. Choose another.")),
    Problem("not_found", 403, _("There is no such record, or it is not yours to see. The entry is kept; the office will look at it.")),
    Problem("not_yours", 403, _("Only who made an entry can take it back. Ask them, or ask the office to correct it.")),
    Problem("undo_too_late", 403, _("It is too late to take this back. The entry is kept; ask the office to correct it.")),
    Problem("own_question", 403, _("Nobody decides about an entry of their own. Ask somebody else of the office.")),
    Problem("other_body", 403, _("Another entry has this number already. Both are kept; the office will compare them.")),
    Problem("deleted", 403, _("Nothing can be deleted from a tablet. Ask the office.")),
    Problem("attachments", 403, _("Photos are sent by themselves, not inside an entry. The entry was kept aside.")),
    Problem("bad_revision", 403, _("An entry never changes, so it has one revision only. It was kept aside.")),
    Problem("record_full", 403, _("So much was entered about this that the server takes no more. Begin a new one; this entry was kept aside.")),
    Problem("not_kept", 403, _("Too much that was sent from here was refused, so the server did not keep this entry. It stays on the tablet; tell the IT department.")),
    # Signing in
    Problem("not_signed_in", 401, _("Sign in to go on. Nothing on this tablet is lost."), "unauthorized"),
    Problem("deactivated", 401, _("This account is not active any more. Ask your supervisor."), "unauthorized"),
    Problem("not_opened", 422, _("This was not sealed for this server, or not by somebody who was signed in. It stays on the tablet; tell the IT department.")),
    Problem("wrong_password", 401, _("Name or password is wrong. Check capital letters, or ask your office."), "unauthorized"),
    Problem("unfinished_sign_in", 401, _("Sign in with a browser first: the password has to be changed, or a second factor is asked for."), "unauthorized"),
    Problem("too_many", 429, _("Too many attempts. Wait a little, then try again."), "too_many_requests"),
    Problem("no_post", 403, _("Your account has no post yet, so there is nothing to show. Ask your office."), "forbidden"),
    Problem("foreign_page", 403, _("Another website tried to send this. Open the page here and send it again."), "forbidden"),
    Problem("forbidden", 403, _("Your post does not allow this. Ask your supervisor."), "forbidden"),
    # Requests
    Problem("missing", 404, _("There is no such page, or it is not yours to see. Go back and choose again."), "not_found"),
    Problem("wrong_method", 405, _("This address cannot be used that way. Go back and choose again."), "method_not_allowed"),
    Problem("bad_request", 400, _("The request cannot be read. Close the page and open it again."), "bad_request"),
    Problem("bad_json", 400, _("What was sent is no readable JSON. Nothing was changed."), "bad_request"),
    Problem("duplicate_key", 400, _("What was sent names a thing twice. Nothing was changed."), "bad_request"),
    Problem("bad_number", 400, _("What was sent has a number that cannot be kept exactly. Nothing was changed."), "bad_request"),
    Problem("bad_text", 400, _("What was sent has a character that cannot be kept. Nothing was changed."), "bad_request"),
    Problem("too_deep", 400, _("What was sent is nested too deeply. Nothing was changed."), "bad_request"),
    Problem("bad_parameter", 400, _("The address asks for something that does not exist. Nothing was changed."), "query_parse_error"),
    Problem("file_exists", 412, _("That is there already. Nothing was changed."), "file_exists"),
    Problem("bad_range", 416, _("The file has no such part. Ask for all of it."), "requested_range_not_satisfiable"),
    Problem("too_many_docs", 413, _("That is too much at once. The tablet will send it in smaller parts."), "too_large"),
    Problem("too_large", 413, _("That is too large. Send it in smaller parts; nothing was kept of it."), "too_large"),
    Problem("too_long", 413, _("That is too long to be kept."), "document_too_large"),
    Problem("not_json", 415, _("Only JSON can be sent here. Nothing was changed."), "bad_content_type"),
    Problem("packed", 415, _("Send it unpacked. Nothing was changed."), "bad_content_type"),
    Problem("invalid", 422, _("Something is not filled in right. Look at the marked fields; nothing was saved.")),
    # Photos and recordings
    Problem("not_a_photo", 415, _("This file is no photo that can be shown. Take the photo again, as JPEG, PNG or WebP."), "bad_content_type"),
    Problem("not_a_recording", 415, _("This recording cannot be played. Record it again."), "bad_content_type"),
    Problem("other_kind", 415, _("The file is of another kind than it says it is. Take it again."), "bad_content_type"),
    Problem("blob_too_big", 413, _("The file is larger than this site takes. Take it again, smaller or shorter."), "attachment_too_large"),
    Problem("day_full", 507, _("You have sent as many photos and recordings today as this site takes. The rest stays on the tablet and follows by itself."), "insufficient_storage"),
    Problem("no_room", 507, _("The server has no room for photos and recordings. They stay on the tablet, words still arrive; tell the IT department."), "insufficient_storage"),
    Problem("photo_too_big", 413, _("The photo is too large. Take it again with a smaller size."), "attachment_too_large"),
    Problem("photo_with_place", 415, _("The photo says where it was taken. Take it with the tablet, or take the place out of it and send it again."), "bad_content_type"),
    Problem("other_bytes", 400, _("The photo arrived damaged. It will be sent again; nothing is lost."), "bad_request"),
    # The server itself
    Problem("slow", 408, _("Sending took too long. It will be sent again; nothing is lost."), "timeout"),
    Problem("disk_full", 507, _("The server's disk is full, nothing was changed. Tell the IT department, then send it again."), "insufficient_storage"),
    Problem("busy", 503, _("The server is busy. It will be tried again; nothing is lost."), "service_unavailable"),
    Problem("stopping", 503, _("The server is being restarted. It will be tried again; nothing is lost."), "service_unavailable"),
    Problem("not_built", 503, _("The app is being updated on the server. Try again in a minute."), "service_unavailable"),
    Problem("cannot_write", 503, _("The server cannot write. Look at its disk and its log."), "service_unavailable"),
    Problem("no_tick", 503, _("Nobody looks after the clocks. Start the server again and look at its log."), "service_unavailable"),
    Problem("internal", 500, _("The server made a mistake. What is on this tablet is safe; tell the IT department."), "internal_server_error"),
)}
# fmt: on

BY_STATUS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "missing",
    405: "wrong_method",
    408: "slow",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_many",
    503: "busy",
}


class Trouble(Exception):
    """Raised to end a request with a problem; `headers` are added, with `_` read as `-`."""

    def __init__(self, code: str, reason: str = "", **headers: str) -> None:
        super().__init__(code)
        self.problem = PROBLEMS[code]
        self.reason = reason
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def sentence(code: str, language: str) -> str:
    """Return a problem's advice in a language."""
    return pages.words_in(language).gettext(PROBLEMS[code].say)


def answer(
    code: str, language: str, reason: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a problem as JSON in CouchDB's form, with our code and advice beside it."""
    problem = PROBLEMS[code]
    body = {
        "error": problem.couch or code,
        "reason": reason or code,
        "code": code,
        "say": sentence(code, language),
    }
    return JSONResponse(body, problem.status, dict(headers or {}))


def code_of(error: HTTPException) -> str:
    """Return the problem code of an HTTPException, by its detail or else by its status."""
    if error.detail in PROBLEMS:
        return error.detail
    return BY_STATUS.get(error.status_code, "internal")


def wants_page(request: Request) -> bool:
    """Say whether a browser asked for a page, and not a program for data."""
    return "text/html" in request.headers.get("accept", "")


def page(request: Request, code: str) -> Response:
    """Return a problem as an HTML page."""
    language = pages.language_of(request, None)
    words = pages.words_in(language)
    problem = {
        "sign": "circle-alert",
        "title": words.gettext(_("That did not work")),
        "happened": sentence(code, language),
        "home_href": "/",
        "home_label": words.gettext(_("To the start")),
    }
    shell = {"lang": TAGS[language], "theme": ""}
    template = pages.environment(language).get_template("layout/problem.html")
    text = template.render(shell=shell, problem=problem)
    return Response(text, PROBLEMS[code].status, media_type="text/html")


def http_error(request: Request, error: Exception) -> Response:
    """Return the answer to an exception of a route or of the router: a page or JSON."""
    if isinstance(error, Trouble):
        code, reason, headers = error.problem.code, error.reason, error.headers
    else:
        assert isinstance(error, HTTPException)
        code, reason, headers = code_of(error), "", dict(error.headers or {})
    if wants_page(request) and not request.url.path.startswith("/sync"):
        shown = page(request, code)
        shown.headers.update(headers)
        return shown
    return answer(code, pages.language_of(request, None), reason, headers)


def crash(request: Request, _error: Exception) -> Response:
    """Return the answer to an unexpected exception; the log has its traceback."""
    if wants_page(request) and not request.url.path.startswith("/sync"):
        response = page(request, "internal")
    else:
        response = answer("internal", pages.language_of(request, None))
    response.headers["Connection"] = "close"  # uvicorn hangs up after a crash
    return response
