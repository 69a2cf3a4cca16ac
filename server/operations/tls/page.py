"""The page that brings the root to tablets, over plain HTTP: they do not trust the server yet.

It shows the public root and nothing else of the site: no account, no data, no key.
"""

from __future__ import annotations

import plistlib
import uuid
from dataclasses import dataclass

import segno
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from server.http import middleware, pages, sign_in, tablet_files
from server.http.problems import Trouble
from server.operations.tls import authority
from server.operations.tls.authority import Authority
from sync.languages import TAGS

ROOT, PROFILE = "/floorwalk-root.crt", "/floorwalk-root.mobileconfig"
ROOT_KIND = "application/x-x509-ca-cert"
PROFILE_KIND = "application/x-apple-aspen-config"
STATIC = ("floorwalk.css", "office.css", "app.svg")
FINGERPRINT_LINES = 4


@dataclass(frozen=True)
class TrustPage:
    """A small ASGI application; `floor` is the https address that tablets open afterwards."""

    authority: Authority
    site: str
    floor: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD, 405 for any other method."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = Response(status_code=405)
        if request.method in ("GET", "HEAD"):
            response = self._answer(request)
        for name, value in middleware.HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path == "/":
            return self._page(request)
        if path == ROOT:
            # DER in one file: what Android's and Windows' own installers ask for.
            body = authority.read(self.authority.root).public_bytes(Encoding.DER)
            return _file(body, ROOT_KIND, ROOT)
        if path == PROFILE:
            return _file(self._profile(), PROFILE_KIND, PROFILE)
        folder, _, name = path.rpartition("/")
        if folder == "/static" and name in STATIC:
            try:
                return tablet_files.file(request, name)
            except Trouble:
                pass
        return Response("Not found", 404, media_type="text/plain")

    def _page(self, request: Request) -> Response:
        language = pages.language_of(request, None)
        request.state.reader = pages.Reader(None, language, "", pages.words_in(language))
        root = authority.read(self.authority.root)
        here = f"http://{request.headers.get('host', '')}/"
        parts = authority.fingerprint(root).split(":")
        size = len(parts) // FINGERPRINT_LINES
        context = {
            "shell": {"lang": TAGS[language], "theme": ""},
            "trust": {
                "site": self.site,
                "here": here,
                "here_code": code(here),
                "floor": self.floor,
                "floor_code": code(self.floor),
                "root": ROOT,
                "profile": PROFILE,
                "fingerprint": [
                    " ".join(parts[start : start + size]) for start in range(0, len(parts), size)
                ],
                "until": f"{root.not_valid_after_utc:%Y-%m-%d}",
                "is_apple": "Mac OS" in request.headers.get("user-agent", ""),
                "is_android": "Android" in request.headers.get("user-agent", ""),
            },
            "languages": sign_in.languages(request),
        }
        template = pages.environment(language).get_template("layout/server_trust.html")
        return HTMLResponse(template.render(context))

    def _profile(self) -> bytes:
        """Return the root as an Apple profile, with the same ids each time."""
        root = authority.read(self.authority.root)
        names = [uuid.uuid5(uuid.NAMESPACE_OID, authority.fingerprint(root) + end) for end in "pc"]
        title = f"Floorwalk {self.site}"
        certificate = {
            "PayloadType": "com.apple.security.root",
            "PayloadVersion": 1,
            "PayloadIdentifier": "floorwalk.root.certificate",
            "PayloadUUID": str(names[1]).upper(),
            "PayloadDisplayName": title,
            "PayloadCertificateFileName": ROOT.strip("/"),
            "PayloadContent": root.public_bytes(Encoding.DER),
        }
        return plistlib.dumps(
            {
                "PayloadType": "Configuration",
                "PayloadVersion": 1,
                "PayloadIdentifier": "floorwalk.root",
                "PayloadUUID": str(names[0]).upper(),
                "PayloadDisplayName": title,
                "PayloadContent": [certificate],
            }
        )


def code(text: str) -> str:
    """Return a QR code as a data URI."""
    made: str = segno.make(text, error="m", micro=False).svg_data_uri(
        scale=6, border=4, dark="black", light="white"
    )
    return made


def _file(body: bytes, kind: str, path: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{path.strip("/")}"'}
    return Response(body, media_type=kind, headers=headers)
