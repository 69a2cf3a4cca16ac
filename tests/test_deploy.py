"""The files that an administrator copies name only options, variables and pages that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.sources import ROOT, files

DEPLOY = ROOT / "docs" / "deploy"
COMMAND = re.compile(r"floorwalk (serve|backup|restore|cert|doctor|link|person)\b([^\n`]*)")


def texts() -> dict[str, str]:
    """Return the files and pages for administrators, with continued lines joined."""
    pages = [*DEPLOY.iterdir(), *(ROOT / "docs").glob("*.md")]
    return {page.name: page.read_text("utf-8").replace("\\\n", " ") for page in pages}


def options(command: str) -> str:
    """Return what a command says it takes, its parts included."""
    ask = [sys.executable, "-m", "server", command]
    said = subprocess.run(
        [*ask, "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    for part in re.findall(r"^    (\w+) {2,}", said, re.MULTILINE):
        more = subprocess.run(
            [*ask, part, "--help"], capture_output=True, text=True, check=False, timeout=60
        )
        said += more.stdout
    return said


def test_every_option_that_is_written_down_is_one() -> None:
    asked: dict[str, set[str]] = {}
    for text in texts().values():
        for command, rest in COMMAND.findall(text.replace('", "', " ")):
            asked.setdefault(command, set()).update(re.findall(r"--[a-z-]+", rest))
    assert asked["serve"] >= {"--cert", "--key", "--https", "--processes"}
    for command, wanted in asked.items():
        known = options(command)
        assert {option for option in wanted if option not in known} == set(), command


def test_every_variable_that_is_written_down_is_read() -> None:
    code = "\n".join(files("server/*.py").values())
    for name, text in texts().items():
        for variable in set(re.findall(r"FLOORWALK_[A-Z_]+", text)) - {"FLOORWALK_SKIP_BUILD"}:
            member = f'"{variable.removeprefix("FLOORWALK_").lower()}": '  # of config.LIMITS
            assert variable in code or member in code, f"{name}: {variable}"


def test_every_page_that_is_named_is_there() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("floorwalk*")))
def test_units_are_units(unit: str, tmp_path: Path) -> None:
    text = texts()[unit]
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    assert set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}
    if shutil.which("systemd-analyze"):
        copy = tmp_path / unit
        copy.write_text(text.replace("/opt/floorwalk/.venv/bin/floorwalk", "/bin/true"))
        command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy]
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        complaints = [line for line in found.stderr.splitlines() if unit in line]
        assert complaints == []


def test_the_rest_can_be_read() -> None:
    found = texts()
    assert yaml.safe_load(found["litestream.yml"])["dbs"]
    for name in ("Caddyfile", "nginx.conf"):
        assert found[name].count("{") == found[name].count("}")
    images = re.findall(r"^FROM (\S+)", found["Containerfile"], re.MULTILINE)
    assert images and all(
        re.fullmatch(r"docker\.io/library/python:3\.11[\w.-]*", one) for one in images
    )
