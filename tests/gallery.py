"""Draws the parts with sample data and takes their picture, to be held beside the drawings of the design.

    python -m tests.gallery [--to FOLDER] [--axe] [NAME …]

Each page of tests/samples/gallery is rendered as the server would, served on 127.0.0.1 under the
policy that production has, and photographed as a tablet, a phone, in the dark and at night.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from service_worker import build, catalogue
from service_worker.compile_template import make_environment
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.sources import ROOT

SAMPLES = ROOT / "tests" / "samples" / "gallery"
AXE = ROOT / "service_worker" / "node_modules" / "axe-core" / "axe.min.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
# name: width, height, theme, more attributes of <html>
SIZES: dict[str, tuple[int, int, str, dict[str, str]]] = {
    "landscape": (1280, 800, "light", {}),
    "portrait": (800, 1280, "light", {}),
    "phone": (390, 844, "light", {}),
    "dark": (1280, 800, "dark", {}),
    "night": (1280, 800, "night", {}),
    "gloves-left": (800, 1280, "light", {"hands": "gloves", "side": "left"}),
}


class Words:
    """The Chinese catalogue, read from web/locales; what it lacks stays English."""

    def __init__(self) -> None:
        self.texts = catalogue.read(ROOT / "web" / "locales", "zh_Hans")

    def gettext(self, message: str) -> str:
        return self._text(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._text(singular, plural)

    def pgettext(self, context: str, message: str) -> str:
        return self._text(f"{context}{catalogue.CONTEXT_MARK}{message}", message)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        return self._text(f"{context}{catalogue.CONTEXT_MARK}{singular}", plural)

    def _text(self, key: str, otherwise: str) -> str:
        found = self.texts.get(key, otherwise)
        return found if isinstance(found, str) else found[0]


def environment() -> Environment:
    """Return the environment of the pages, with the gallery's own beside them."""
    loader = ChoiceLoader([FileSystemLoader(ROOT / "web"), FileSystemLoader(SAMPLES)])
    return make_environment(loader, Words())


def names() -> list[str]:
    """Return the pages of the gallery."""
    return sorted(path.stem for path in SAMPLES.glob("*.html"))


def page(name: str, theme: str = "light", **attributes: str) -> str:
    """Return one page of the gallery."""
    context: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    context["shell"] = {**context["shell"], "theme": theme, **attributes}
    return environment().get_template(f"{name}.html").render(context)


class Handler(SimpleHTTPRequestHandler):
    """Serves /static/ from the build and /<page>?<size> from the gallery, strictly."""

    def do_GET(self) -> None:
        path, _, size = self.path.partition("?")
        if path.startswith("/static/"):
            self.path = path.removeprefix("/static")
            return super().do_GET()
        if path == "/events":
            return self.send_error(204)  # an empty answer ends an EventSource for good
        name = path.strip("/")
        if name not in names():
            return self.send_error(404)
        _, _, theme, attributes = SIZES.get(size, SIZES["landscape"])
        self.answer(page(name, theme, **attributes).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve() -> ThreadingHTTPServer:
    """Start serving the gallery on a free port; `shutdown()` ends it."""
    handler = partial(Handler, directory=str(build.STATIC))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def take_pictures(wanted: list[str], sizes: list[str], folder: Path, *, axe: bool) -> list[str]:
    """Write <page>-<size>.png for each and return what axe or the console complains about."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    server, complaints = serve(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
        )
        for size in sizes:
            width, height, *_ = SIZES[size]
            # axe is put in by the test, not by the page; nothing else may pass the policy.
            tab = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=axe)
            tab.on("console", lambda m, s=size: complaints.append(f"{s}: {m.type} {m.text}"))
            tab.on("pageerror", lambda e, s=size: complaints.append(f"{s}: {e}"))
            for name in wanted:
                tab.goto(f"http://127.0.0.1:{server.server_port}/{name}?{size}")
                tab.screenshot(path=folder / f"{name}-{size}.png")
                if axe:
                    complaints += [f"{name} {size}: {line}" for line in serious(tab)]
            tab.close()
        browser.close()
    server.shutdown()
    return complaints


def serious(tab: Any) -> list[str]:
    """Return axe's serious and critical findings on the page."""
    tab.add_script_tag(path=AXE)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target'][0]} {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("tests.gallery", description=__doc__)
    parser.add_argument("names", nargs="*", default=names())
    parser.add_argument("--to", type=Path, default=Path("/tmp/floorwalk-gallery"))
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--axe", action="store_true", help="look for what some people cannot use")
    options = parser.parse_args(arguments)
    complaints = take_pictures(
        options.names, options.size or list(SIZES), options.to, axe=options.axe
    )
    print("\n".join(complaints) or f"No complaints. The pictures are in {options.to}.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
