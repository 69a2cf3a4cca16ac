"""One tablet, several people: what is one person's is nobody else's (A5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.database import engines
from server.database.tables import sessions
from tests.browser import wait_for_address
from tests.journeys.hospital import PASSWORD, Hospital
from tests.journeys.people import Guide
from tests.journeys.test_photos import picture
from tests.tablet import until

pytestmark = pytest.mark.browser

WORDS = "等了四十分钟也没有人来说一声"
STORES = ("view", "base", "acts", "drafts", "blobs", "meta", "find", "sealed")
# Everything that the tablet's database holds, as letters: also what is inside photos and boxes.
ALL = """async stores => {
  const db = await new Promise((resolve, reject) => {
    const opening = indexedDB.open("floorwalk")
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const rows = await Promise.all(stores.map(name => new Promise(resolve => {
    const asking = db.transaction(name).objectStore(name).getAll()
    asking.onsuccess = () => resolve(asking.result)
  })))
  db.close()
  const plain = value => value instanceof Uint8Array ? new TextDecoder().decode(value)
    : value instanceof Blob ? `blob ${value.size}` : value
  return JSON.stringify(rows, (_, value) => plain(value))
}"""


def everything(guide: Guide) -> str:
    """Return all that can be read in the tablet's database."""
    return str(guide.tablet.page.evaluate(ALL, list(STORES)))


def runs_out(hospital: Hospital, person: str) -> None:
    """End a person's sessions, as time does."""
    with engines.writing(hospital._engine) as connection:
        ended = sa.update(sessions).where(sessions.c.person == person)
        connection.execute(ended.values(expires_at=1))


def signs_in(guide: Guide, login: str) -> None:
    """Somebody signs in on this tablet."""
    page = guide.tablet.page
    guide.tablet.open("/sign-in?target=/floor/lobby")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.locator("form:has(#password) button").first.tap()
    until(lambda: guide.tablet.is_at("/floor/lobby") and guide.tablet.on_floor(), "the lobby", 60)
    guide.login = login
    guide.syncs()


def half_fills_a_complaint(guide: Guide, paper: Path) -> None:
    """Words, name, phone, a photo and a signature; nothing is accepted yet."""
    page = guide.tablet.page
    guide.tablet.open("/floor/complaint/new")
    guide.tap('label:has(input[name="reasons"][value="waiting"])')
    page.fill("#field-words", WORDS)
    page.fill("#field-name", "古丽娜尔")
    page.fill("#field-phone", "13800138000")
    page.set_input_files('fw-photo input[type="file"]', paper)
    until(lambda: page.locator('input[name="photos"]').count() == 1, "the photo")
    until(lambda: WORDS in page.locator("#said .readback").inner_text(), "the read-back")
    guide.signs()
    until(lambda: "signature" in drafted(guide), "the draft")


def drafted(guide: Guide) -> dict[str, Any]:
    """Return the fields of the draft that the tablet holds, those that say something."""
    for row in guide.tablet.stored("drafts"):
        return {name: said for name, said in row["fields"].items() if any(said)}
    return {}


def test_the_next_person_sees_nothing_of_the_last_who_finds_all_of_it_again(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide], tmp_path: Path
) -> None:
    """A5: Lin half fills a complaint, her sign-in runs out, Chen signs in; then Lin comes back."""
    shared = holds_a_tablet("lin")
    page = shared.tablet.page
    shared.tablet.open("/floor/more")
    page.locator('label:has(input[name="language"][value="en"])').tap()
    page.get_by_role("button", name="保存地点和语言").tap()
    until(lambda: "Keep place" in shared.tablet.text(), "English")
    half_fills_a_complaint(shared, picture(tmp_path / "p.jpg", (900, 700)))
    before = drafted(shared)
    runs_out(hospital, "person:lin")

    signs_in(shared, "chen")
    assert page.evaluate("document.documentElement.lang") != "en"
    text = shared.looks_at("/floor/complaint/new")
    assert WORDS not in text and not page.input_value("#field-words")
    assert not page.input_value("#field-name") and not page.input_value("#field-phone")
    assert page.locator('input[name="photos"]').count() == 0
    assert page.input_value('input[name="signature"]') == ""
    held = everything(shared)
    assert all(said not in held for said in (WORDS, "古丽娜尔", "13800138000"))
    assert shared.tablet.stored("blobs") == []
    rescued = shared.tablet.get("/floor/rescue.json")["text"]
    assert WORDS not in rescued and json.loads(rescued)["acts"] == []

    signs_in(shared, "lin")
    assert page.evaluate("document.documentElement.lang") == "en"
    shared.tablet.open("/floor/complaint/new")
    assert page.input_value("#field-words") == WORDS
    assert page.input_value("#field-name") == "古丽娜尔"
    assert page.locator('input[name="photos"]').count() == 1
    until(lambda: page.evaluate("document.querySelector('fw-photo img').naturalWidth"), "its photo")
    assert page.input_value('input[name="signature"]') == before["signature"][0]
    shared.tap(".foot button.act")
    wait_for_address(page, "/receipt")
    shared.syncs()
    made = hospital.records("complaint")[-1]
    assert (made["owner"], made["words"]) == ("person:lin", WORDS)
    assert made["photos"] == before["photos"]


def test_what_lin_left_unsent_is_handed_in_by_chen_who_cannot_read_it(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide], tmp_path: Path
) -> None:
    """A5: signed out without a network; the acts arrive as Lin's, with their photo."""
    shared = holds_a_tablet("lin")
    shared.goes_offline()
    complaint, _ = shared.takes_a_complaint(WORDS, photo=picture(tmp_path / "p.jpg", (900, 700)))
    shared.tablet.open("/floor/sign-out")
    shared.tablet.page.locator('form[action="/floor/sign-out"] button').first.tap()
    until(lambda: shared.tablet.page.locator('a[href="/sign-in"]').count(), "the farewell")
    held = everything(shared)
    assert WORDS not in held and complaint not in held
    assert shared.tablet.stored("view") == [] == shared.tablet.stored("acts")
    assert len(shared.tablet.stored("sealed")) >= 2  # its words, its photo

    shared.network.become("perfect")
    signs_in(shared, "chen")
    made = hospital.comes_to_have(complaint, "photos")
    assert made["owner"] == "person:lin"
    (act,) = hospital.acts(complaint, "complaint.taken")
    assert act["by"] == "person:lin" and act["device"] == shared.tablet.stored("meta", "device")
    until(lambda: list((hospital.folder / "blobs").rglob(made["photos"][0])), "the photo")
    assert WORDS not in shared.tablet.get("/floor/rescue.json")["text"]


def test_a_tablet_whose_person_was_deactivated_shows_and_holds_nothing_also_after_a_restart(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide]
) -> None:
    """A5: the next answer is 401 and says why."""
    gone = holds_a_tablet("lin")
    wait = gone.seats("王小明")
    gone.goes_offline()
    gone.gives_water(wait)
    hospital.does("person.changed", "person:lin", {"active": False}, by="person:wu")
    try:
        gone.network.become("perfect")
        until(lambda: gone.tablet.sync()["state"] == "signed_out", "the refusal")
        until(lambda: gone.tablet.page.locator("#password").count(), "the door")
        assert "王小明" not in everything(gone)
        gone.tablet.kill_browser()
        gone.tablet.start()
        gone.tablet.open("/floor/waiting")
        until(lambda: gone.tablet.page.locator("#password").count(), "the door")
        assert gone.tablet.stored("view") == [] == gone.tablet.stored("acts")
        signs_in(gone, "chen")
        assert hospital.comes_to_have(wait, "water_at")["water_by"] == "person:lin"
    finally:
        hospital.does("person.changed", "person:lin", {"active": True}, by="person:wu")
