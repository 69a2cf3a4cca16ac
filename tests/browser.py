"""Finds the machine's Chromium and launches it with the options of every browser test."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tests.limits import PATIENCE, NeverCame

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

# What is off. The two of the omnibox draw a page of their own for the list below an address bar
# that nobody sees: half of what a start costs. The others are those that Playwright turns off; of
# several such arguments the last counts.
FEATURES_OFF = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
)
# Quiet, the same everywhere, and able to run as root in a container.
LAUNCH_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that hears a beep, and may be used
    "--use-fake-ui-for-media-stream",
    "--disable-features=" + ",".join(FEATURES_OFF),
)
DOWNLOAD = 1_800  # s that a browser or a font may take to come
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium_path() -> str:
    """Return the path of a Chromium: FLOORWALK_CHROMIUM, the system's, else Playwright's own."""
    named = os.environ.get("FLOORWALK_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwright_chromium() or _give_up()


def wait_for_address(page: Page, part: str, patience: float = PATIENCE) -> None:
    """Wait until `page` shows an address with `part` in it, however often it changed its mind.

    Playwright's own `wait_for_url` fails where a navigation is overtaken by another to the same
    place, as at a sign-out that the page itself and the worker both follow.
    """
    from playwright.sync_api import expect

    expect(page).to_have_url(re.compile(re.escape(part)), timeout=patience * 1_000)
    page.wait_for_load_state("domcontentloaded")


@contextmanager
def playwright_running(patience: float = PATIENCE) -> Iterator[Playwright]:
    """Run a Playwright while the block does; each call to its browsers ends within `patience` s.

    Playwright bounds what it does itself, but waits for ever where a page does: an `evaluate` whose
    promise never settles, a browser that hangs.
    """
    from playwright._impl._sync_base import SyncBase
    from playwright.sync_api import sync_playwright

    real = SyncBase._sync

    async def within(call: Any, what: str) -> Any:
        limit = asyncio.timeout(patience)
        try:
            async with limit:
                return await call
        except TimeoutError:
            if limit.expired():
                raise NeverCame(what, patience) from None
            raise

    def bounded(self: SyncBase, call: Any) -> Any:
        return real(self, within(call, _named(call)))

    with patch.object(SyncBase, "_sync", bounded), _watched(), sync_playwright() as running:
        yield running


# What pages did that their Content-Security-Policy forbids: none may (conftest.py).
violations: list[str] = []
REFUSED = re.compile(r"Content.Security.Policy|^CSP: ")
# The page's own event names what Chromium's console may leave out, such as a style that is set.
SAY = """document.addEventListener("securitypolicyviolation", event =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`))"""


@contextmanager
def _watched() -> Iterator[None]:
    """Have every context that is opened meanwhile note what its pages were refused."""
    from playwright.sync_api import Browser, BrowserContext, BrowserType

    def hear(message: Any) -> None:
        if REFUSED.search(message.text):
            violations.append(f"{message.page.url if message.page else '?'}: {message.text}")

    def watching(real: Any, context_of: Any) -> Any:
        def opened(*given: Any, **options: Any) -> Any:
            made = real(*given, **options)
            context: BrowserContext = context_of(made)
            if not options.get("bypass_csp"):
                context.add_init_script(SAY)
                context.on("console", hear)
            return made

        return opened

    with (
        patch.object(
            BrowserType,
            "launch_persistent_context",
            watching(BrowserType.launch_persistent_context, lambda made: made),
        ),
        patch.object(Browser, "new_context", watching(Browser.new_context, lambda made: made)),
        patch.object(Browser, "new_page", watching(Browser.new_page, lambda made: made.context)),
    ):
        yield


def _named(call: Any) -> str:
    """Name what a browser was asked: the method and, where there is one, the script."""
    name = getattr(call, "__qualname__", "an answer")
    frame = getattr(call, "cr_frame", None)
    script = frame.f_locals.get("expression", "") if frame is not None else ""
    return f"the browser: {name} {' '.join(str(script).split())[:200]}".rstrip()


def has_chinese_font() -> bool:
    """Return whether this machine can draw Chinese; without it screenshots show boxes."""
    listing = shutil.which("fc-list")
    if listing is None:
        return sys.platform == "darwin"
    found = subprocess.run(
        [listing, ":lang=zh", "family"], capture_output=True, check=False, timeout=60
    )
    return bool(found.stdout.strip())


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _give_up() -> str:
    raise RuntimeError("No Chromium here. Run `make test`, which installs it.")


def install() -> None:
    """Install Chromium and Chinese fonts where missing: by apt as root, else Playwright's own."""
    missing = []
    if not any(shutil.which(name) for name in NAMES) and not os.environ.get("FLOORWALK_CHROMIUM"):
        missing.append("chromium")
    if not has_chinese_font():
        missing += ["fonts-noto-cjk", "fontconfig"]
    if not missing:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], check=True, env=quiet, timeout=DOWNLOAD)
        command = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing]
        silent = subprocess.DEVNULL
        subprocess.run(command, check=True, env=quiet, stdout=silent, timeout=DOWNLOAD)
    elif "chromium" in missing and _playwright_chromium() is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=True, timeout=DOWNLOAD)


if __name__ == "__main__":
    install()
