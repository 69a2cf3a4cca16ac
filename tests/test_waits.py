"""Nothing in tests/ waits for ever: each wait has a limit, and each limit is seen to strike."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.limits import NeverCame, joined, line_of
from tests.sources import ROOT, Files, files

# Methods of threads, processes, events, queues, futures and locks that wait for ever when they are
# given nothing. What is awaited ends with its coroutine, for which somebody waits with a limit.
ENDLESS = {"join", "wait", "get", "result", "acquire"}
PROGRAMS = {"run", "call", "check_call", "check_output"}
# {what takes a limit: how many arguments say it without its name}
CONNECTING = {"create_connection": 2, "urlopen": 3, "HTTPConnection": 3, "HTTPSConnection": 3}
# {what has no limit to be given: what makes it return at once}; limits.py waits for the others.
BLOCKING = {"flock": "LOCK_NB", "waitpid": "WNOHANG"}
GOES_BY_ITSELF = ("is_set", "monotonic", "process_time", "now()")


def endless_waits(sources: Files) -> list[str]:
    """Return `file:line: call` of every wait that has no limit."""
    return [
        f"{name}:{node.lineno}: {ast.unparse(node).splitlines()[0][:80]}"
        for name, text in sources.items()
        for node in _waits(ast.parse(text))
    ]


def _waits(tree: ast.Module) -> Iterator[ast.Call | ast.While]:
    bounded = {id(each) for node in ast.walk(tree) for each in _bounded_inside(node)}
    for node in ast.walk(tree):
        if id(node) in bounded:
            continue
        if (isinstance(node, ast.Call) and _is_endless(node)) or (
            isinstance(node, ast.While) and _polls_for_ever(node)
        ):
            yield node


def _bounded_inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what has its limit from outside: what is awaited, and blocks with a timeout."""
    if isinstance(node, ast.Await):
        yield node.value
        yield from getattr(node.value, "args", [])
    if isinstance(node, ast.AsyncWith) and "asyncio.timeout" in ast.unparse(node.items[0]):
        yield from ast.walk(node)


def _is_endless(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    limits = [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
    if limits:
        return isinstance(limits[0], ast.Constant) and limits[0].value is None
    if name in CONNECTING:
        return len(call.args) < CONNECTING[name]
    if name in BLOCKING:
        return BLOCKING[name] not in ast.unparse(call)
    whose = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    return (
        name == "communicate"
        or (name in PROGRAMS and whose == "subprocess")
        or (name == "readline" and whose.endswith("stdout"))
        or (bool(whose) and name in ENDLESS and not call.args and not call.keywords)
    )


def _polls_for_ever(loop: ast.While) -> bool:
    """Say whether a loop sleeps, or does nothing, until something holds that may never hold."""
    test, text = ast.unparse(loop.test), ast.unparse(loop)
    polls = "sleep(" in text or "wait_for_timeout(" in text or isinstance(loop.body[0], ast.Pass)
    is_work = test == "True" and not any(
        isinstance(node, ast.Break | ast.Return) for node in ast.walk(loop)
    )
    ends = any(word in test for word in GOES_BY_ITSELF) or "monotonic" in text
    return polls and not is_work and not ends and "await" not in test


def test_every_wait_has_a_limit() -> None:
    assert endless_waits(files("tests/*.py", but=["tests/limits.py"])) == []


@pytest.mark.parametrize(
    "wait",
    [
        "thread.join()",
        "event.wait()",
        "queue.get()",
        "pool.submit(work).result()",
        "lock.acquire()",
        "process.communicate()",
        "process.stdout.readline()",
        "subprocess.run(['node'])",
        "subprocess.run(['node'], timeout=None)",
        "httpx.get(url, timeout=None)",
        "socket.create_connection(here)",
        "fcntl.flock(file, fcntl.LOCK_EX)",
        "os.waitpid(pid, 0)",
        "while not ready():\n    time.sleep(1)",
        "while not ready():\n    pass",
        "while True:\n    if ready():\n        break\n    time.sleep(1)",
    ],
)
def test_a_wait_without_a_limit_is_found(wait: str) -> None:
    assert len(endless_waits({"x.py": wait})) == 1


@pytest.mark.parametrize(
    "wait",
    [
        "thread.join(5)",
        "', '.join(words)",
        "parts.get('name')",
        "event.wait(timeout=5)",
        "subprocess.run(['node'], timeout=5)",
        "async def f():\n    await event.wait()",
        "async def f():\n    await asyncio.wait_for(event.wait(), 5)",
        "while not ready():\n    assert time.monotonic() < ends\n    time.sleep(1)",
        "while True:\n    work()\n    time.sleep(1)",
    ],
)
def test_a_wait_with_a_limit_is_none(wait: str) -> None:
    assert endless_waits({"x.py": wait}) == []


# The limits strike, and say what did not come.


def test_a_thread_that_does_not_end_is_not_waited_for() -> None:
    never = threading.Event()
    thread = threading.Thread(target=never.wait, args=(60,))
    thread.start()
    with pytest.raises(NeverCame, match=r"waited 0\.05 s for Lin to leave"):
        joined(thread, what="Lin to leave", patience=0.05)
    never.set()
    joined(thread)


def test_a_process_that_says_nothing_is_ended() -> None:
    command = [sys.executable, "-c", "print('one', flush=True); import time; time.sleep(60)"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process:
        assert line_of(process, "the first line") == "one\n"
        with pytest.raises(NeverCame, match="the second line"):
            line_of(process, "the second line", 0.1)


# A Playwright of its own, in a process of its own: one process has one.
HANGING = """
from tests.browser import LAUNCH_ARGUMENTS, chromium_path, playwright_running
from tests.limits import NeverCame
with playwright_running(3) as playwright:
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    page = browser.new_page()
    try:
        page.evaluate("new Promise(() => {})")
    except NeverCame as error:
        print(error)
    print(page.evaluate("1 + 1"))
    browser.close()
"""


@pytest.mark.browser
def test_a_page_that_never_answers_is_not_waited_for(playwright: Playwright) -> None:
    assert playwright  # Chromium is there
    command = [sys.executable, "-c", HANGING]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "waited 3 s for the browser: Page.evaluate new Promise(() => {})",
        "2",
    ], done.stderr


# Three tests that hang in three ways, and one that does not.
PLANTED = """
import threading, time, pytest
from playwright.sync_api import sync_playwright
from tests.browser import LAUNCH_ARGUMENTS, chromium_path

soon = pytest.mark.timeout(3, func_only=True)

@pytest.fixture(scope="session")
def page():
    with sync_playwright() as playwright:  # without the limit that ours have
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
        )
        yield browser.new_page()
        browser.close()

@soon
def test_it_sleeps():
    time.sleep(60)

@soon
def test_it_waits_for_a_lock():
    lock = threading.Lock()
    with lock, lock:
        pass

@soon
def test_it_waits_for_a_page(page):
    page.evaluate("new Promise(() => {})")

def test_it_goes_on(page):
    assert page.evaluate("1 + 1") == 2
"""


@pytest.mark.browser
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_test_that_stands_still_fails_and_the_others_go_on(tmp_path: Path, workers: str) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED, "utf-8")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT]
    command += ["--confcutdir", tmp_path, "-n", workers, planted]
    own = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, timeout=200)
    assert "3 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    for line in ("time.sleep(60)", "with lock, lock:", 'page.evaluate("new Promise(() => {})")'):
        assert f">   {line}" in done.stdout.replace("       ", "   "), done.stdout
    assert done.stdout.count("Failed: Timeout (>3.0s)") >= 3
