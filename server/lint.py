"""The command `floorwalk check`: style, types, imports, templates, translations, the tree's shape.

Each check is a command that needs no server. They run side by side; of one that fails the output is
shown with advice. `make test` begins with it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from server.base.paths import ROOT

MOST_LINES_SHOWN = 40  # of a failed check's output
SIDE_BY_SIDE = 3  # checks at a time

PYTHON = sys.executable
NODE_MODULES = "service_worker/node_modules"

SCRIPTS = ("service_worker/**/*.{js,mjs}", "web/scripts/**/*.js", "tests/**/*.js")
STYLES = ("web/styles/**/*.css",)
PLAIN = ("service_worker/package.json", "service_worker/.prettierrc.json")

PRETTIER = (
    f"{NODE_MODULES}/prettier/bin/prettier.cjs",
    "--config=service_worker/.prettierrc.json",
    "--ignore-path=.gitignore",
    "--no-error-on-unmatched-pattern",
    "--log-level=warn",
)
ESLINT = (
    f"{NODE_MODULES}/eslint/bin/eslint.js",
    "--config=service_worker/eslint.config.mjs",
    "--max-warnings=0",
    "--no-error-on-unmatched-pattern",
)
STYLELINT = (
    f"{NODE_MODULES}/stylelint/bin/stylelint.mjs",
    "--config=service_worker/stylelint.config.mjs",
    "--config-basedir=service_worker",
    "--allow-empty-input",
)


@dataclass(frozen=True)
class Check:
    """One command, and advice for when it fails."""

    name: str
    command: tuple[str, ...]
    remedy: str


@dataclass(frozen=True)
class Outcome:
    """The result of a check; `seconds` is how long it took."""

    check: Check
    failed: bool
    output: str
    seconds: float


def checks() -> list[Check]:
    """Return every check, the slowest first so that they pack well."""
    mend = "`floorwalk check --fix` mends most of it."
    return [
        Check("types", (PYTHON, "-m", "mypy"), "Give it its type; `Any` needs a reason."),
        Check("scripts", node(*ESLINT, *SCRIPTS), mend),
        Check("styles", node(*STYLELINT, *STYLES), mend),
        Check("format", node(*PRETTIER, "--check", *SCRIPTS, *STYLES, *PLAIN), mend),
        Check("templates", (PYTHON, "-m", "djlint", "web", "--lint", "--quiet"), "See djlint.com."),
        Check(
            "shape",
            (
                PYTHON,
                "-m",
                "pytest",
                "-q",
                "--tb=line",
                "tests/test_shape.py",
                "tests/test_shape_of_pages.py",
            ),
            "The tree of the README and its rules; each test says which.",
        ),
        Check(
            "words",
            (PYTHON, "-m", "server.missing_translations"),
            "Write the Chinese in your area's .po.",
        ),
        Check(
            "imports",
            (script("lint-imports"), "--no-cache", "--no-logo"),
            "Who may import whom stands in pyproject.toml.",
        ),
        Check(
            "python", (PYTHON, "-m", "ruff", "check", "--quiet", "--output-format=concise"), mend
        ),
        Check("python format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet"), mend),
    ]


def run(arguments: Sequence[str] = ()) -> int:
    """Run every check, or with `--fix` the tools that repair, on the paths given; return the exit
    code.
    """
    if not (ROOT / NODE_MODULES / "eslint").is_dir() or not Path(script("lint-imports")).exists():
        print("The linters are not installed. Run `make install`.")
        return 1
    if "--fix" in arguments:
        return fix([argument for argument in arguments if argument != "--fix"])
    started = time.perf_counter()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = [show(outcome) for outcome in pool.map(outcome_of, checks())]
    failed = [outcome.check.name for outcome in outcomes if outcome.failed]
    verdict = f"Failed: {', '.join(failed)}." if failed else "All well."
    print(f"{verdict} {len(outcomes)} checks in {time.perf_counter() - started:.0f} s.")
    return 1 if failed else 0


def outcome_of(check: Check) -> Outcome:
    """Run one check from the root of the tree and return its result."""
    started = time.perf_counter()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return Outcome(check, done.returncode != 0, done.stdout, time.perf_counter() - started)


def show(outcome: Outcome) -> Outcome:
    """Print a line for a result; for a failed one also its output and the advice."""
    word = "FAILED" if outcome.failed else "ok"
    print(f"{word:>6}  {outcome.check.name}  {outcome.seconds:.1f} s", flush=True)
    if outcome.failed:
        lines = [line for line in outcome.output.splitlines() if line.strip()]
        print("\n".join(f"        {line}" for line in lines[:MOST_LINES_SHOWN]))
        if len(lines) > MOST_LINES_SHOWN:
            print(f"        … and {len(lines) - MOST_LINES_SHOWN} more lines")
        print(f"        → {outcome.check.remedy}", flush=True)
    return outcome


def fix(paths: Sequence[str]) -> int:
    """Let the tools repair what they can, everywhere or in the paths given."""
    python = [path for path in paths if not path.endswith((".js", ".mjs", ".css", ".json"))]
    scripts = [path for path in paths if path.endswith((".js", ".mjs"))]
    styles = [path for path in paths if path.endswith(".css")]
    if not paths:
        python, scripts, styles = ["."], list(SCRIPTS), list(STYLES)
    commands: list[tuple[str, ...]] = []
    if python:
        commands += [
            (PYTHON, "-m", "ruff", "check", "--fix", *python),
            (PYTHON, "-m", "ruff", "format", *python),
        ]
    if scripts:
        commands.append(node(*ESLINT, "--fix", *scripts))
    if styles:
        commands.append(node(*STYLELINT, "--fix", *styles))
    if scripts or styles:
        commands.append(node(*PRETTIER, "--write", *scripts, *styles))
    codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    return max(codes, default=0)


def node(tool: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs a JavaScript tool with the Node of this environment."""
    from service_worker.build.node import node_path

    return (str(node_path()), tool, *arguments)


def script(name: str) -> str:
    """Return the path of a command that was installed beside this Python."""
    return str(Path(sys.executable).parent / name)


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
