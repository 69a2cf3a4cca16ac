"""HTML forms: accepted from our own pages only, read whole, handled in a thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sync.text_folding import is_blank

MOST_FIELDS = 500  # of one form

Handler = Callable[[Request, FormData], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def form_endpoint(handler: Handler) -> Endpoint:
    """Return a form's endpoint: 403 for a foreign page, and the handler runs in a thread."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        if not is_ours(request):
            raise HTTPException(403, "foreign_page")
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            return await run_in_threadpool(handler, request, form)

    return endpoint


def is_ours(request: Request) -> bool:
    """Say whether one of our pages sent a form, by headers that a page cannot set itself."""
    fetched_by = request.headers.get("sec-fetch-site")
    if fetched_by is not None:
        return fetched_by == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def form_value(form: FormData, name: str) -> str:
    """Return a field without outer blanks; "" when it is absent or there is nothing to see."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) and not is_blank(value) else ""


def form_values(form: FormData, name: str) -> list[str]:
    """Return all values of a field that may be chosen several times."""
    return [value for value in form.getlist(name) if isinstance(value, str) and value]
