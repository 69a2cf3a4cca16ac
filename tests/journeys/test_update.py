"""A new version of the app arrives while a form is half written: nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.journeys.hospital import Hospital
from tests.journeys.people import Guide
from tests.tablet import until

pytestmark = pytest.mark.browser

NEWER = "feedc0ffee12"
WORDS = "我九点二十就坐在三诊室门口了"


def is_updated(hospital: Hospital) -> None:
    """Put a newer version of the app where the server hands it out."""
    manifest = hospital.static / "manifest.json"
    built = json.loads(manifest.read_text("utf-8"))
    worker = hospital.static / "worker.js"
    script = worker.read_text("utf-8")
    assert built["version"] in script
    worker.write_text(script.replace(built["version"], NEWER), "utf-8")
    manifest.write_text(json.dumps({**built, "version": NEWER}), "utf-8")


def version(lin: Guide) -> str:
    """Return the version that answers."""
    return str(lin.tablet.get("/floor/more")["headers"]["x-app-version"])


def test_a_half_written_complaint_survives_an_update(
    hospital: Hospital, holds_a_tablet: Callable[[str], Guide]
) -> None:
    lin = holds_a_tablet("lin")
    page = lin.tablet.page
    wait = lin.seats("王小明")
    old = version(lin)
    lin.goes_offline()
    lin.gives_water(wait)
    lin.tablet.open("/floor/complaint/new")
    lin.tap('label:has(input[name="reasons"][value="waiting"])')
    page.fill("#field-words", WORDS)
    until(lambda: lin.tablet.stored("drafts"), "the draft")

    lin.network.become("perfect")
    is_updated(hospital)
    page.evaluate("navigator.serviceWorker.getRegistration().then(one => one.update())")
    waiting = "navigator.serviceWorker.getRegistration().then(one => Boolean(one.waiting))"
    until(lambda: page.evaluate(waiting), "the new version to be installed")
    # The form is open: the version waits, and the page works on under the old one.
    assert version(lin) == old
    assert page.input_value("#field-words") == WORDS
    lin.tap('label:has(input[name="wanted"][value="apology"])')
    until(lambda: "apology" in json.dumps(lin.tablet.stored("drafts")), "the draft to follow")

    lin.tap('nav.tabs a[href="/floor/lobby"]')
    lin.comes_to("/floor/lobby")
    lin.tap('nav.tabs a[href="/floor/waiting"]')
    lin.comes_to("/floor/waiting")
    until(lambda: version(lin) == NEWER, "the new version to answer")

    lin.tablet.open("/floor/complaint/new")
    assert page.input_value("#field-words") == WORDS
    assert page.is_checked('input[name="reasons"][value="waiting"]')
    assert page.is_checked('input[name="wanted"][value="apology"]')
    lin.syncs()
    assert set(lin.fates().values()) == {"sent"}
    assert NEWER in lin.looks_at("/floor/sync")
    hospital.comes_to_have(wait, "water_at")
