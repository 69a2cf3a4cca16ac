"""The worker answers as the server would that it stands for: ranges, HEAD, methods, ETags; and a
database that it cannot open is said to be one (A15)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.service_worker.tablet.gestures import sat_down
from tests.stub_site import StubSite
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser

SOUND = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 4
ASK = """async ([path, method, headers, body]) => {
  const bytes = body && Uint8Array.from(body)
  const answer = await fetch(path, { method, headers, body: bytes ?? undefined })
  return { status: answer.status, headers: Object.fromEntries(answer.headers),
    body: [...new Uint8Array(await answer.arrayBuffer())] } }"""
NEWER = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("floorwalk", 99)
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => { opening.result.close(); resolve() }
})"""


def ask(
    tablet: Tablet, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = None if body is None else list(body)
    return dict(tablet.page.evaluate(ASK, [path, method, named, sent]))


@pytest.fixture(params=["kept", "fetched"])
def sound(request: pytest.FixtureRequest, tablet: Tablet, site: StubSite) -> str:
    """The path of a recording: kept on this tablet, or still at the server."""
    sha = hashlib.sha256(SOUND).hexdigest()
    if request.param == "kept":
        kept = ask(tablet, "/floor/blobs", "POST", SOUND, Content_Type="audio/webm")
        assert kept["status"] == 201
    else:
        site.blobs[sha] = SOUND
    return f"/floor/blobs/{sha}"


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=1000-", 1000, len(SOUND)),
        ("bytes=-5", len(SOUND) - 5, len(SOUND)),
        ("bytes=10-99999", 10, len(SOUND)),
    ],
)
def test_a_part_of_a_recording_is_a_part(
    tablet: Tablet, sound: str, asked: str, first: int, end: int
) -> None:
    """Found, 1: `Range: bytes=0-1` gave 200 and everything, so it could not be sought in."""
    answer = ask(tablet, sound, Range=asked)
    assert answer["status"] == 206
    assert bytes(answer["body"]) == SOUND[first:end]
    assert answer["headers"]["content-range"] == f"bytes {first}-{end - 1}/{len(SOUND)}"
    assert answer["headers"]["accept-ranges"] == "bytes"


def test_a_part_that_is_not_there_is_416(tablet: Tablet, sound: str) -> None:
    answer = ask(tablet, sound, Range=f"bytes={len(SOUND)}-")
    assert (answer["status"], answer["body"]) == (416, [])
    assert answer["headers"]["content-range"] == f"bytes */{len(SOUND)}"


def test_the_whole_its_head_and_what_a_browser_has_already(tablet: Tablet, sound: str) -> None:
    whole = ask(tablet, sound)
    assert whole["status"] == 200 and bytes(whole["body"]) == SOUND
    head = ask(tablet, sound, "HEAD")
    assert (head["status"], head["body"]) == (200, [])
    assert head["headers"]["content-length"] == str(len(SOUND))
    known = ask(tablet, sound, If_None_Match=whole["headers"]["etag"])
    assert (known["status"], known["body"]) == (304, [])
    other = ask(tablet, sound, Range="bytes=0-1", If_Range='"other"')
    assert (other["status"], len(other["body"])) == (200, len(SOUND))


def test_a_player_can_seek_in_a_kept_recording(tablet: Tablet, site: StubSite) -> None:
    sha = hashlib.sha256(SOUND).hexdigest()
    assert ask(tablet, "/floor/blobs", "POST", SOUND, Content_Type="audio/webm")["status"] == 201
    assert ask(tablet, f"/floor/blobs/{sha}", Range="bytes=100-199")["status"] == 206


def test_bytes_that_are_not_what_they_say_are_not_kept(tablet: Tablet) -> None:
    """The server looks at how they begin, and would refuse them for ever."""
    said = {"Content_Type": "image/jpeg"}
    assert ask(tablet, "/floor/blobs", "POST", SOUND, **said)["status"] == 415
    assert tablet.stored("blobs") == []


def test_methods_that_a_page_does_not_know_are_405(tablet: Tablet) -> None:
    wrong = ask(tablet, "/floor/lobby", "DELETE")
    assert (wrong["status"], wrong["headers"]["allow"]) == (405, "GET, HEAD")
    assert ask(tablet, "/floor/parts/truth", "POST", b"")["status"] == 405
    assert ask(tablet, "/floor/nowhere", "DELETE")["status"] == 404
    head = ask(tablet, "/floor/lobby", "HEAD")
    assert (head["status"], head["body"]) == (200, [])
    assert head["headers"]["content-type"].startswith("text/html")
    assert ask(tablet, "/static/app.js", "HEAD")["body"] == []


def test_a_database_of_a_newer_app_is_said_and_can_be_rescued(
    tablet: Tablet, site: StubSite
) -> None:
    """A15: no page was shown, and no rescue offered."""
    site.status = 503
    wait = sat_down(tablet, name="王小明")
    tablet.tell({"type": "drain"})
    until(lambda: tablet.ask(f"({NEWER})().then(() => true)"), "the newer database", 30)
    tablet.kill_worker()
    tablet.open("/floor/lobby")
    assert "本机的程序比记录旧" in tablet.text("body")
    link = tablet.page.locator('a[href="/floor/rescue.json"]')
    assert link.count() == 1
    rescued = json.loads(tablet.get("/floor/rescue.json")["text"])
    assert [act["record"] for act in rescued["acts"]] == [wait]
