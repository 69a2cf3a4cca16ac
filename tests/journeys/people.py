"""What people do on a tablet in the journeys: real taps on real screens, counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, Playwright

from tests.browser import wait_for_address
from tests.journeys.hospital import PASSWORD, Hospital
from tests.network import Network
from tests.tablet import Tablet, until

LATER = """length => new Promise((resolve, reject) => {
  const opening = indexedDB.open("floorwalk")
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const tx = opening.result.transaction("meta", "readwrite")
    const meta = tx.objectStore("meta")
    const asking = meta.get("offset")
    asking.onsuccess = () => meta.put((asking.result ?? 0) + length, "offset")
    tx.oncomplete = () => { opening.result.close(); resolve() }
    tx.onabort = () => reject(tx.error)
  }
})"""


class Guide:
    """Somebody with a tablet on a network of its own."""

    def __init__(
        self, playwright: Playwright, hospital: Hospital, login: str, profile: Path
    ) -> None:
        self.hospital = hospital
        self.login = login
        self.network = Network(hospital.port)
        self.tablet = Tablet(playwright, self.network.url, profile)
        self.taps = 0
        self.tablet.sign_in(login, password=PASSWORD)
        self.syncs()

    def puts_it_away(self) -> None:
        """Switch the tablet off."""
        self.tablet.close()
        self.network.close()

    # The tablet

    def goes_offline(self) -> None:
        """Walk to where there is no network."""
        self.network.become("offline")

    def comes_back(self) -> None:
        """Walk back, and wait until nothing is left to send or to fetch."""
        self.network.become("perfect")
        self.syncs()

    def waits(self, *, minutes: int) -> None:
        """Let minutes pass on a tablet that has no network: its worker starts anew, later."""
        self.tablet.page.evaluate(LATER, minutes * 60_000)
        self.tablet.kill_worker()

    def now(self) -> int:
        """Return the moment (ms) that this tablet takes it to be."""
        return int(self.tablet.page.evaluate("Date.now()")) + int(
            self.tablet.stored("meta", "offset") or 0
        )

    def signs_in_again(self) -> None:
        """Sign in on a tablet whose sign-in ran out, by the link of the sync page."""
        page = self.tablet.page
        self.tablet.open("/floor/sync")
        page.locator('a[href^="/sign-in"]').first.tap()
        page.wait_for_selector("#password")
        page.fill("#login", self.login)
        page.fill("#password", PASSWORD)
        page.locator("form:has(#password) button").first.tap()
        self.tablet.wait_for_floor()

    def syncs(self) -> None:
        """Wait until everything was sent and fetched."""

        went: dict[str, Any] = {}

        def whole() -> bool:
            went.update(self.tablet.sync() or {"state": "no answer"})
            return went["state"] == "ok" and not went["more"]

        try:
            until(whole, "", 30)
        except AssertionError:
            raise AssertionError(f"{self.login}'s tablet does not get through: {went}") from None

    def looks_at(self, path: str) -> str:
        """Open a page and return its text."""
        self.tablet.open(path)
        return self.tablet.text()

    def sees(self, words: str, path: str) -> None:
        """Open a page and wait until it shows a text."""
        self.tablet.open(path)
        until(lambda: words in self.tablet.text(), f"“{words}” on {path}: {self.tablet.text()}")

    def comes_to(self, path: str) -> None:
        """Wait until a page of the floor app is there; the address alone changes before it is."""

        def there() -> bool:
            try:
                here = self.tablet.page.evaluate("location.pathname")
            except Error:
                return False  # It is on its way.
            return bool(here == path and self.tablet.on_floor())

        until(there, path)

    def tap(self, target: str | Locator) -> None:
        """Tap once."""
        where = self.tablet.page.locator(target) if isinstance(target, str) else target
        where.first.tap()
        self.taps += 1

    def view(self, record: str) -> dict[str, Any] | None:
        """Return a record as the tablet has it."""
        row = self.tablet.stored("view", record)
        return row["record"] if row else None

    def fates(self) -> dict[str, str]:
        """Return {id of an act: waiting, sent or refused} of all that this tablet remembers."""
        return {row["_id"]: row["state"] for row in self.tablet.stored("acts")}

    # What guides do

    def greets(self, first: str = "first", to: str | None = None) -> str:
        """Greet somebody who comes in, from the lobby; return the visit."""
        before = set(self._ids("arrival"))
        self.tap('#dock a[href="/floor/lobby/greet"]')
        self.tap(f'label:has(input[name="first"][value="{first}"])')
        self.tap(f'button[name="to"][value="{to}"]' if to else 'button[name="to"]')
        return self._new("arrival", before)

    def seats(self, name: str, room: str = "place:room-3") -> str:
        """Let somebody sit down to wait; return the wait."""
        before = set(self._ids("waiting"))
        self.tablet.open("/floor/waiting/new")
        self.tablet.page.fill("#field-name", name)
        self.tap(f'label:has(input[name="place"][value="{room}"])')
        self.tap('form[action="/floor/waiting"] button.act')
        return self._new("waiting", before)

    def gives_water(self, wait: str) -> None:
        """Bring water, from the card in the waiting room."""
        self.tablet.open("/floor/waiting")
        self._does(wait, "water_given", "water_at")

    def enquires(self, wait: str) -> None:
        """Set the three stamps: the doctor asked, the assistant told, explained."""
        self.tablet.open(f"/floor/waiting/{key(wait)}")
        stamps = {"doctor_asked": "asked_at", "assistant_told": "told_at"}
        for verb, field in {**stamps, "explained": "explained_at"}.items():
            self._does(wait, verb, field, ".stamps ")

    def ends(self, wait: str, outcome: str) -> None:
        """End the wait on its own page: seen, left or moved_emergency."""
        self.tablet.open(f"/floor/waiting/{key(wait)}")
        form = f'form[action$="/ended"]:has(input[value="{outcome}"])'
        self.tap(f"{form} button")
        until(lambda: (self.view(wait) or {}).get("state") == "ended", f"{wait} to have ended")

    def takes_a_complaint(
        self,
        words: str,
        *,
        photo: Path | None = None,
        photos: Sequence[Path] = (),
        recorded: float = 0,
        signed: bool = True,
    ) -> tuple[str, str]:
        """Take a complaint, read it back, have it signed; return it and the receipt's number.

        `recorded` is how many seconds of it are kept as a recording too.
        """
        page = self.tablet.page
        before = set(self._ids("complaint"))
        self.tablet.open("/floor/complaint/new")
        self.tap('label:has(input[name="reasons"][value="waiting"])')
        page.fill("#field-words", words)
        for n, each in enumerate([photo, *photos] if photo else photos, 1):
            page.set_input_files('fw-photo input[type="file"]', each)
            kept = page.locator('input[name="photos"]')
            until(lambda kept=kept, n=n: kept.count() == n, "the photo")
        if recorded:
            self.records(recorded)
        told = [words, *(["照片"] if photo or photos else []), *(["录音"] if recorded else [])]
        read = page.locator("#said .readback")
        until(lambda: all(each in read.inner_text() for each in told), "the read-back")
        if signed:
            self.signs()
        else:
            self.tap("label.cannot")
            self.tap('label:has(input[name="unsigned"])')
        self.tap(".foot button.act")
        wait_for_address(page, "/receipt")
        return self._new("complaint", before), page.locator(".slip .no").inner_text()

    def records(self, seconds: float) -> None:
        """Record what the client says, hear it, keep it."""
        page = self.tablet.page
        self.tap("fw-voice [data-record]")
        page.wait_for_selector("fw-voice [data-running]")
        page.wait_for_timeout(seconds * 1_000)
        self.tap("fw-voice [data-stop]")
        self.tap("fw-voice [data-keep]")
        page.wait_for_selector('input[name="recordings"]', state="attached")

    def answers(self, complaint: str, words: str) -> None:
        """Give a complaint its first answer."""
        self.tablet.open(f"/floor/complaint/{key(complaint)}/respond")
        self.tablet.page.fill("#field-response", words)
        self.tap('label:has(input[name="means"][value="in_person"])')
        self.tap("form.sheet button.act")
        until(lambda: "responded_at" in (self.view(complaint) or {}), "the answer")

    def signs(self) -> None:
        """The client writes their name with a finger."""
        pad = self.tablet.page.locator("fw-sign svg").first
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.tablet.page.mouse
        for stroke in (((0.2, 0.3), (0.3, 0.7), (0.4, 0.3)), ((0.5, 0.6), (0.7, 0.4))):
            for n, (across, down) in enumerate(stroke):
                mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
                if n == 0:
                    mouse.down()
            mouse.up()

    # Private

    def _does(self, wait: str, verb: str, field: str, within: str = "") -> None:
        self.tap(f'{within}form[action="/floor/waiting/{key(wait)}/{verb}"] button')
        until(lambda: field in (self.view(wait) or {}), f"{verb} on {wait}")

    def _ids(self, kind: str) -> list[str]:
        rows = self.tablet.stored("view")
        return [row["_id"] for row in rows if row["_id"].startswith(kind + ":")]

    def _new(self, kind: str, before: set[str]) -> str:
        fresh = until(lambda: set(self._ids(kind)) - before, f"a new {kind}")
        return str(min(fresh))


def key(record: str) -> str:
    """Return the part of an id that stands in addresses."""
    return record.partition(":")[2]


class Desk:
    """Somebody in the office, at a page that is never loaded twice without being asked to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.loads = 0
        page.on("load", lambda _page: self._loaded())

    def opens(self, path: str) -> str:
        """Open a page and return its text."""
        self.page.goto(path)
        return self.page.locator("main").inner_text()

    def decides(self, about: str, choice: str, reason: str) -> None:
        """Decide about an act or a refusal that waits in the reconciliation: accept or keep."""
        self.page.goto(f"/office/reconcile?about={about}")
        self.page.fill("#field-reason", reason)
        self.page.locator(f'button[name="choice"][value="{choice}"]').click()
        wait_for_address(self.page, "/office/reconcile")

    def _loaded(self) -> None:
        self.loads += 1
