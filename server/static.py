"""The tablet's part as it was built: scripts, styles, icons, and the page that installs it."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from server import pages
from server.paths import static_folder

REVALIDATE = {"Cache-Control": "no-cache"}


class Assets(StaticFiles):
    """/static/: kept by browsers, asked for again each time; the worker keeps whole versions."""

    def file_response(self, *args: object, **options: object) -> Response:
        """Return a file with the headers of its kind."""
        answer: Response = super().file_response(*args, **options)  # type: ignore[arg-type]
        answer.headers.update(REVALIDATE)
        return answer


def assets() -> Assets:
    """Return what serves /static/; the folder may be built later."""
    return Assets(directory=static_folder(), check_dir=False)


def worker(_request: Request) -> Response:
    """GET /worker.js: it may look after the whole site."""
    headers = {**REVALIDATE, "Service-Worker-Allowed": "/"}
    return FileResponse(
        static_folder() / "worker.js", media_type="text/javascript", headers=headers
    )


def manifest(_request: Request) -> Response:
    """GET /manifest.webmanifest"""
    kind = "application/manifest+json"
    path = static_folder() / "manifest.webmanifest"
    return FileResponse(path, media_type=kind, headers=REVALIDATE)


def bootstrap(request: Request) -> Response:
    """GET /floor/…: where no worker answers yet, the page that installs it and goes on."""
    if pages.reader_of(request).person is None:
        return RedirectResponse(f"/sign-in?target={request.url.path}", 303)
    name = pages.site_of(request).config.name
    context = {"target": request.url.path, "version": version(), "site": name}
    return pages.render(request, "layout/bootstrap.html", context)


def version() -> str:
    """Return the version of the build, the one that the worker says of itself."""
    built = orjson.loads((static_folder() / "manifest.json").read_bytes())
    return str(built["version"])
