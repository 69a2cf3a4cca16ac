"""Renders the page parts with sample data and takes screenshots, to be compared with the design.

    python -m tests.gallery [--to FOLDER] [--axe] [NAME …]

Each page of tests/samples/gallery is rendered as the server would, served on 127.0.0.1 under the
policy that production has, and photographed as a tablet, a phone, in the dark and at night.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from service_worker.build import catalogue, icons, node, pipeline
from service_worker.build.compile_template import make_environment
from tests.browser import LAUNCH_ARGUMENTS, chromium_path, playwright_running
from tests.esbuild import ESBUILD
from tests.sources import ROOT

SAMPLES = ROOT / "tests" / "samples" / "gallery"
AXE = ROOT / "service_worker" / "node_modules" / "axe-core" / "axe.min.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'"
)
LOADED = {
    "styles/index.css": "floorwalk.css",
    "styles/office.css": "office.css",
    "scripts/every_page.js": "app.js",
    "scripts/office.js": "office.js",
}
NO_ALARMS = b'{"now": 0, "ring": [], "bar": [], "next_at": null}'
# name: width, height, theme, more attributes of <html>
SIZES: dict[str, tuple[int, int, str, dict[str, str]]] = {
    "landscape": (1280, 800, "light", {}),
    "portrait": (800, 1280, "light", {}),
    "phone": (390, 844, "light", {}),
    "dark": (1280, 800, "dark", {}),
    "night": (1280, 800, "night", {}),
    "gloves-left": (800, 1280, "light", {"hands": "gloves", "side": "left"}),
    "english": (390, 844, "light", {"lang": "en"}),
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


def environment(language: str = "zh-Hans") -> Environment:
    """Return the environment of the pages, with the gallery's own beside them."""
    loader = ChoiceLoader([FileSystemLoader(ROOT / "web"), FileSystemLoader(SAMPLES)])
    return make_environment(loader, None if language == "en" else Words())


def names() -> list[str]:
    """Return the pages of the gallery."""
    return sorted(path.stem for path in SAMPLES.glob("*.html"))


def page(name: str, theme: str = "light", **attributes: str) -> str:
    """Return one page of the gallery."""
    context: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    context["shell"] = {**context["shell"], "theme": theme, **attributes}
    return environment(context["shell"]["lang"]).get_template(f"{name}.html").render(context)


def write_static(folder: Path) -> None:
    """Write what pages load: stylesheet, script, icons. The worker has no part in the gallery."""
    own, library = pipeline.WEB / "icons", node.FOLDER / "node_modules" / "lucide-static" / "icons"
    (folder / "icons.svg").write_text(icons.sprite(icons.names_in(own), own, library), "utf-8")
    shutil.copyfile(own / "app.svg", folder / "app.svg")
    shutil.copyfile(pipeline.WEB / "manifest.webmanifest", folder / "manifest.webmanifest")
    for size in icons.APP_ICON_SIZES:
        icons.app_icon(own / "app.svg", size).save(folder / f"app-{size}.png")
    for source, made in LOADED.items():
        command = [str(node.node_path()), str(ESBUILD), str(pipeline.WEB / source)]
        flags = [
            f"--outfile={folder / made}",
            "--bundle",
            "--format=iife",
            "--charset=utf8",
            "--log-level=warning",
        ]
        paths = {"NODE_PATH": str(node.FOLDER / "node_modules")}
        subprocess.run(
            [*command, *flags, "--external:/static/*"], env=paths, check=True, timeout=60
        )


class Handler(SimpleHTTPRequestHandler):
    """Serves /static/ from a folder and the gallery's pages as /floor/<page>?<size>, strictly."""

    posted: list[tuple[str, str]]  # path and body of every POST, oldest first

    def do_GET(self) -> None:
        path, _, size = self.path.partition("?")
        if path.startswith("/static/"):
            self.path = path.removeprefix("/static")
            return super().do_GET()
        if path == "/events":
            return self.send_error(204)  # an empty answer ends an EventSource for good
        if path == "/worker.js":
            return self.answer(b"", "text/javascript")  # a worker that answers nothing
        if path == "/floor/search/part":
            return self.answer(b'<div id="found">found</div>')
        name = path.rpartition("/")[2].replace("warm", "search")
        if name not in names():
            return self.send_error(404)
        _, _, theme, attributes = SIZES.get(size, SIZES["landscape"])
        self.answer(page(name, theme, **attributes).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/floor/alarms":
            return self.answer(NO_ALARMS, "application/json")  # asked by itself, not by a hand
        self.posted.append((self.path, body.decode(errors="replace")))
        if self.path.startswith(("/floor/drafts/", "/floor/blobs")):
            return self.answer(b"")
        self.send_response(303)
        self.send_header("Location", "/floor/todo")
        self.end_headers()

    def answer(self, body: bytes, kind: str = "text/html") -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Serve the gallery on a free port: its address, and a list of what is posted to it."""
    posted: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        write_static(Path(folder))
        own = type("Handler", (Handler,), {"posted": posted})
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(own, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", posted
        finally:
            server.shutdown()
            server.server_close()


def take_pictures(
    browser: Any, address: str, wanted: list[str], size: str, folder: Path, *, axe: bool = False
) -> list[str]:
    """Write <page>-<size>.png for each and return what the console or axe complains about."""
    complaints: list[str] = []
    width, height, *_ = SIZES[size]
    # axe is put in from outside; nothing else may pass the policy.
    tab = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=axe)
    tab.on("console", lambda message: complaints.append(f"{size}: {message.text}"))
    tab.on("pageerror", lambda error: complaints.append(f"{size}: {error}"))
    for name in wanted:
        tab.goto(f"{address}/floor/{name}?{size}")
        tab.screenshot(path=folder / f"{name}-{size}.png")
        if axe:
            complaints += [f"{name} {size}: {line}" for line in serious(tab)]
    tab.close()
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
    """Photograph the pages that were asked for; return 1 when something complains."""
    parser = argparse.ArgumentParser("tests.gallery", description=__doc__)
    parser.add_argument("names", nargs="*", default=names())
    parser.add_argument("--to", type=Path, default=ROOT / "test-results" / "gallery")
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--axe", action="store_true", help="look for what some people cannot use")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with serving() as (address, _), playwright_running() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
        )
        for size in options.size or SIZES:
            complaints += take_pictures(
                browser, address, options.names, size, options.to, axe=options.axe
            )
        browser.close()
    print("\n".join(complaints) or f"No complaints. The pictures are in {options.to}.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
