"""Folders of files that are not Python, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def is_checkout() -> bool:
    """Say whether Floorwalk runs from its source tree, where a build can be out of date."""
    return (ROOT / "pyproject.toml").is_file()


def web_folder() -> Path:
    """Return the folder of templates, styles, scripts, icons and locales."""
    return ROOT / "web"


def generated_folder() -> Path:
    """Return the folder that the build writes."""
    return ROOT / "service_worker" / "generated"


def static_folder() -> Path:
    """Return the folder whose files are served under /static/."""
    return generated_folder() / "static"


def packed_folder() -> Path:
    """Return the folder of what the build packed with brotli: <SHA-256 of the file>.br."""
    return generated_folder() / "packed"
