"""Serves the built tablet app: scripts, styles, icons, and the page that installs its worker."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

import orjson
import zstandard
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.base.paths import packed_folder, static_folder
from server.http import pages
from server.http.problems import Trouble

# Browsers revalidate each time; the service worker caches whole versions by itself.
REVALIDATE = {"Cache-Control": "no-cache"}
KINDS = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
PACKED = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
# What the build packed, at a length that no server has the time for, comes first: brotli.
BUILT = "br"
PACKERS = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=19).compress(body),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}


def asset(request: Request) -> Response:
    """GET /static/<name>: a file of the build."""
    return file(request, request.path_params["name"])


def worker(request: Request) -> Response:
    """GET /worker.js: the service worker, with the whole site as its scope."""
    answer = file(request, "worker.js")
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


def manifest(request: Request) -> Response:
    """GET /manifest.webmanifest: the web app manifest."""
    return file(request, "manifest.webmanifest")


def bootstrap(request: Request) -> Response:
    """GET /floor/…: the page that installs the service worker, where none answers yet."""
    if pages.reader_of(request).person is None:
        return RedirectResponse(f"/sign-in?target={request.url.path}", 303)
    name = pages.site_of(request).config.name
    context = {"target": request.url.path, "version": version(), "site": name}
    return pages.render(request, "layout/bootstrap.html", context)


def version() -> str:
    """Return the build's version, as its worker reports it; raises Trouble `not_built`."""
    try:
        built = orjson.loads((static_folder() / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise Trouble("not_built", Retry_After="60") from None
    return str(built["version"])


def file(request: Request, name: str) -> Response:
    """Return a file of the build, compressed if the client accepts that; 304 when unchanged."""
    path = static_folder() / name
    if "/" in name or name.startswith(".") or not path.is_file():
        raise Trouble("missing")
    status = path.stat()
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    accepted = request.headers.get("accept-encoding", "")
    packing = ""
    if kind.startswith(PACKED):
        built = BUILT in accepted and _built(path, status.st_mtime_ns) is not None
        packing = BUILT if built else next((each for each in PACKERS if each in accepted), "")
    etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}{packing and "-" + packing}"'
    headers = {**REVALIDATE, "ETag": etag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if packing:
        headers["Content-Encoding"] = packing
    body = _bytes(path, status.st_mtime_ns, packing)
    return Response(body, headers=headers, media_type=kind)


@lru_cache(maxsize=64)
def _bytes(path: Path, changed: int, packing: str) -> bytes:
    if packing == BUILT and (built := _built(path, changed)) is not None:
        return built
    body = path.read_bytes()
    return PACKERS[packing](body) if packing else body


@lru_cache(maxsize=32)
def _built(path: Path, _changed: int) -> bytes | None:
    """Return what the build packed of exactly this file, if it did."""
    packed = packed_folder() / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.br"
    return packed.read_bytes() if packed.is_file() else None
