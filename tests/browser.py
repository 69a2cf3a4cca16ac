"""Finds the machine's Chromium and launches it with the options of every browser test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

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
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium_path() -> str:
    """Return the path of a Chromium: FLOORWALK_CHROMIUM, the system's, else Playwright's own."""
    named = os.environ.get("FLOORWALK_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwright_chromium() or _give_up()


def has_chinese_font() -> bool:
    """Return whether this machine can draw Chinese; without it screenshots show boxes."""
    listing = shutil.which("fc-list")
    if listing is None:
        return sys.platform == "darwin"
    found = subprocess.run([listing, ":lang=zh", "family"], capture_output=True, check=False)
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
        subprocess.run(["apt-get", "-qq", "update"], check=True, env=quiet)
        command = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing]
        subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)
    elif "chromium" in missing and _playwright_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
