"""A tablet for tests: a real Chromium with a profile on disk, behind a named network.

tablet = Tablet(playwright, url, profile)
tablet.open("/floor/waiting")
tablet.kill_browser(); tablet.start()      # the same device, switched off the hard way and on
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Playwright

from tests.browser import LAUNCH_ARGUMENTS, chromium_path

PATIENCE = 20.0  # s until what was waited for counts as not coming
PORTRAIT = {"width": 800, "height": 1280}

TELL = """([message, patience]) => new Promise(async resolve => {
  const registration = await navigator.serviceWorker.getRegistration("/")
  const worker = registration && registration.active
  if (!worker) return resolve(null)
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = event => resolve(event.data)
  worker.postMessage(message, [port2])
  setTimeout(() => resolve(null), patience)
})"""

READ = """([name, key]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("floorwalk")
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const db = opening.result
    if (!db.objectStoreNames.contains(name)) { db.close(); return resolve([]) }
    const store = db.transaction(name).objectStore(name)
    const asking = key === null ? store.getAll() : store.get(key)
    asking.onsuccess = () => { db.close(); resolve(asking.result ?? null) }
    asking.onerror = () => reject(asking.error)
  }
})"""


class Tablet:
    """One device. `url` is where the site is, as this device reaches it."""

    def __init__(self, playwright: Playwright, url: str, profile: Path) -> None:
        self.playwright = playwright
        self.url = url
        self.profile = profile
        self.context: BrowserContext
        self.page: Page
        self.console: list[str] = []
        self.start()

    # On and off

    def start(self) -> None:
        """Switch on: a browser with this device's profile."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=chromium_path(),
            headless=True,
            args=[*LAUNCH_ARGUMENTS],
            viewport=PORTRAIT,  # type: ignore[arg-type]
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="allow",
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(f"page: {error}"))

    def close(self) -> None:
        """Switch off as one should."""
        self.context.close()

    def kill_browser(self) -> None:
        """Switch off the hard way: every process of this browser gets SIGKILL."""
        for pid in self._processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        until(lambda: not self._processes(), "the browser to be dead")
        with contextlib.suppress(Error):  # It is dead, as it should be.
            self.context.close()

    def kill_worker(self) -> None:
        """Stop the worker as the browser does when it wants the memory; the page stays."""
        cdp = self._cdp()
        cdp.send("ServiceWorker.enable")
        cdp.send("ServiceWorker.stopAllWorkers")
        cdp.detach()

    # In the hand

    def open(self, path: str) -> None:
        """Go to a page."""
        try:
            self.page.goto(self.url + path, wait_until="domcontentloaded")
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            # The page was on its own way to another, which ended ours.
            self.page.goto(self.url + path, wait_until="domcontentloaded")

    def sign_in(
        self, login: str, target: str = "/floor/lobby", password: str = "floorwalk"
    ) -> None:
        """Sign in on the server's page and wait until the floor app is there."""
        self.open(f"/sign-in?target={target}")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.locator("form:has(#password) button").click()
        self.wait_for_floor()

    def wait_for_floor(self, patience: float = 60.0) -> None:
        """Wait until the worker shows a page of the floor app, after the first sync if need be."""
        until(self.on_floor, f"the floor app; it shows {self._title()}", patience)

    def on_floor(self) -> bool:
        """Say whether the page is one that the worker rendered."""
        try:
            return bool(self.page.evaluate("!!document.querySelector('body.tablet #main')"))
        except Error:
            return False  # It is on its way to another page.

    def ask(self, script: str) -> Any:
        """Return what an expression is on the page shown; None while it goes to another."""
        try:
            return self.page.evaluate(script)
        except Error:
            return None

    def is_at(self, path: str) -> bool:
        """Say whether the page shown is that of a path."""
        try:
            return bool(self.page.evaluate("path => location.pathname === path", path))
        except Error:
            return False  # It is on its way.

    def text(self, selector: str = "#main") -> str:
        """Return what stands there."""
        return self.page.locator(selector).inner_text()

    def post(self, path: str, form: dict[str, str], *, htmx: bool = True) -> dict[str, Any]:
        """Send a form as htmx does; return {status, text, headers}."""
        script = """async ([path, form, htmx]) => {
          const headers = htmx ? { "HX-Request": "true", "HX-Request-Type": "partial",
            "HX-Current-URL": location.href } : {}
          const body = new URLSearchParams(form)
          const signal = AbortSignal.timeout(20_000)
          const answer = await fetch(path, { method: "POST", body, headers, signal })
          return { status: answer.status, text: await answer.text(), url: answer.url,
            headers: Object.fromEntries(answer.headers) } }"""
        answer: dict[str, Any] = self.page.evaluate(script, [path, form, htmx])
        return answer

    def get(self, path: str) -> dict[str, Any]:
        """Fetch a path from the page."""
        script = """async path => {
          const answer = await fetch(path, { signal: AbortSignal.timeout(20_000) })
          return { status: answer.status, text: await answer.text(),
            headers: Object.fromEntries(answer.headers) } }"""
        answer: dict[str, Any] = self.page.evaluate(script, path)
        return answer

    # Inside

    def tell(self, message: dict[str, Any], patience: float = 30.0) -> Any:
        """Send the worker a message and return its answer."""
        return self.page.evaluate(TELL, [message, int(patience * 1000)])

    def sync(self) -> dict[str, Any]:
        """Replicate now and return how it went: a turn that begins after this was asked."""
        until(lambda: not self.tell({"type": "state"})["turning"], "the last turn to end", 40)
        went: dict[str, Any] = self.tell({"type": "sync", "force": True})
        return went

    def stored(self, store: str, key: str | None = None) -> Any:
        """Return the rows of one of the tablet's IndexedDB stores."""
        return self.page.evaluate(READ, [store, key])

    def unsent(self) -> list[str]:
        """Return the ids of the acts that wait."""
        return [row["_id"] for row in self.stored("acts") if row["state"] == "waiting"]

    def _cdp(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)

    def _title(self) -> str:
        try:
            return f"{self.page.url} “{self.page.title()}”"
        except Error:
            return "nothing"

    def _processes(self) -> list[int]:
        mark = f"--user-data-dir={self.profile}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                    state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                except OSError:
                    continue
                if mark in command and state != "Z":
                    found.append(int(entry.name))
        return found


def until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until something holds and return it; say what did not come otherwise.

    A page that is on its way to another one cannot answer; it is asked again.
    """
    limit = time.monotonic() + patience
    while True:
        try:
            if found := true():
                return found
        except Error as error:
            if "Execution context was destroyed" not in str(error):
                raise
        if time.monotonic() > limit:
            raise AssertionError(f"waited {patience:.0f} s for {what}")
        time.sleep(0.02)
