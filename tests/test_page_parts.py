"""The page parts in a real browser under production's security policy, on sample data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import gallery
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.tablet import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    with gallery.serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def browser(playwright: Any) -> Iterator[Any]:
    browser = playwright.chromium.launch(
        executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Any, site: tuple[str, list[tuple[str, str]]]) -> Iterator[Any]:
    """A tablet held flat; it fails the test when the console has anything to say."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=site[0])
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert said == []


@pytest.fixture
def posted(site: tuple[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    site[1].clear()
    return site[1]


def text(page: Any, selector: str) -> str:
    return str(page.locator(selector).first.inner_text())


def test_a_tab_swaps_the_screen_and_back_brings_the_old_one(page: Any) -> None:
    page.goto("/floor/lobby")
    page.evaluate("window.same = true")
    page.locator(".tabs a", has_text="待办").click()
    until(lambda: "待办" in text(page, "h1"), "the list of things to do")
    assert page.url.endswith("/floor/todo")
    assert page.evaluate("window.same"), "the page was loaded anew"
    assert page.title().startswith("待办")
    assert text(page, ".tabs [aria-current]").endswith("待办")
    assert "已全部上传" in text(page, "#truth"), "the strip still tells what was true before"
    assert page.evaluate("document.activeElement.id") == "main"
    page.go_back()
    until(lambda: "大厅" in text(page, "h1"), "the lobby")
    assert page.url.endswith("/floor/lobby")


def test_a_tap_posts_its_act_and_shows_what_came_of_it(
    page: Any, posted: list[tuple[str, str]]
) -> None:
    page.goto("/floor/waiting")
    page.evaluate("window.same = true")
    page.locator(".wait .act", has_text="送水").click()
    until(lambda: "待办" in text(page, "h1"), "the page after the act")
    assert page.evaluate("window.same")
    path, body = posted[-1]
    assert path == "/floor/waiting/x"
    assert parse_qs(body) == {"act_id": ["act:01K8"], "seen": ["act:01K0"]}


def test_numbers_run_and_undo_goes_away(page: Any) -> None:
    page.clock.install(time=1_791_600_120)
    page.goto("/floor/waiting")
    assert text(page, ".ring b") == "23:48"
    page.clock.run_for(3_000)
    assert text(page, ".ring b") == "23:51"
    assert text(page, ".call [data-tick]") == "8:51"
    assert text(page, ".undo [data-seconds]") == "4"
    page.clock.run_for(5_000)
    assert page.locator(".undo").count() == 0


def test_a_threshold_is_said_once_and_changes_shape_and_colour(page: Any) -> None:
    page.clock.install(time=1_791_600_120)
    page.goto("/floor/waiting")
    ring = page.locator("#w4 .ring")
    assert "calm" in ring.get_attribute("class")
    page.evaluate(
        "window.passed = 0; document.addEventListener('fw:threshold', () => window.passed++)"
    )
    page.clock.run_for(84_000)
    assert "due" in ring.get_attribute("class")
    assert text(page, "#announcer") == "甯小满：满 5 分，该送水了"
    assert page.evaluate("window.passed") == 1


def test_what_is_typed_is_kept_at_once(page: Any, posted: list[tuple[str, str]]) -> None:
    page.goto("/floor/complaint")
    page.locator("textarea").fill("等了很久")
    until(lambda: posted, "the draft")
    path, body = posted[-1]
    assert path == "/floor/drafts/complaint"
    kept = parse_qs(body)
    assert kept["words"] == ["等了很久"]
    assert kept["why"] == ["wait", "manner"]
    assert page.evaluate("document.documentElement.dataset.dirty") == "true"


def test_leaving_the_page_loses_no_keystroke(page: Any, posted: list[tuple[str, str]]) -> None:
    page.goto("/floor/complaint")
    page.locator("textarea").focus()
    page.keyboard.type("急")
    page.goto("/floor/todo")
    until(lambda: any("%E6%80%A5" in body for _, body in posted), "the last keystroke")


def test_a_signature_is_strokes_in_a_field(page: Any) -> None:
    page.goto("/floor/complaint")
    page.locator("[data-again]").click()
    box = page.locator(".sign svg").bounding_box()
    x, y = box["x"] + 100, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 30, steps=4)
    page.mouse.up()
    strokes = json.loads(page.locator('input[name="signature"]').input_value())
    assert len(strokes) == 1
    assert len(strokes[0]) == 5
    assert all(isinstance(number, int) for point in strokes[0] for number in point)
    assert page.locator(".sign path").get_attribute("d").startswith("M")


def test_a_picture_is_small_and_says_nothing_of_where_it_was_taken(
    page: Any, posted: list[tuple[str, str]], tmp_path: Path
) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "Ward 6, bed 3"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 14.0, 3.0)})  # where it was taken
    Image.new("RGB", (3200, 1600), "green").save(tmp_path / "p.jpg", exif=exif)
    page.goto("/floor/complaint")
    page.locator('fw-photo input[type="file"]').first.set_input_files(tmp_path / "p.jpg")
    hashed = page.locator('.photos input[name="photos"]')
    until(lambda: hashed.count() == 1, "the picture")
    body = next(body for path, body in posted if path == "/floor/blobs")
    assert "Ward 6" not in body and "Exif" not in body
    assert len(hashed.input_value()) == 64
    size = page.evaluate(
        "(() => {const i = document.querySelector('.photos img');"
        "return [i.naturalWidth, i.naturalHeight]})()"
    )
    assert size == [1600, 800]
    page.locator("[data-remove]").click()
    assert hashed.count() == 0


def test_a_recording_is_heard_before_it_is_kept_and_its_light_goes_out(
    page: Any, posted: list[tuple[str, str]]
) -> None:
    page.goto("/floor/complaint")
    voice = page.locator("fw-voice")
    voice.locator("[data-record]").click()
    until(lambda: voice.locator("[data-running]").is_visible(), "the recording to run")
    page.wait_for_timeout(400)
    voice.locator("[data-stop]").click()
    until(lambda: voice.locator("[data-heard] audio").is_visible(), "what was said")
    assert page.evaluate("document.querySelector('fw-voice').stream") is None
    assert not [path for path, _ in posted if path == "/floor/blobs"], "nothing is kept yet"
    voice.locator("[data-forget]").click()
    assert voice.locator("[data-record]").is_visible()

    page.evaluate("document.querySelector('fw-voice').limit = 0")  # s: it ends by itself
    voice.locator("[data-record]").click()
    until(lambda: voice.locator("[data-keep]").is_visible(), "the end of it")
    voice.locator("[data-keep]").click()
    kept = page.locator('.recordings input[name="recordings"]')
    until(lambda: kept.count() == 1, "the recording in the form")
    assert len(kept.input_value()) == 64
    voice.locator("[data-remove]").click()
    assert kept.count() == 0


def test_a_microphone_that_is_never_given_is_waited_for_half_a_minute(page: Any) -> None:
    page.clock.install()
    page.goto("/floor/complaint")
    page.evaluate("""() => {
      navigator.mediaDevices.getUserMedia = () => new Promise(give => { window.give = give }) }""")
    page.locator("fw-voice [data-record]").click()
    page.clock.fast_forward(31_000)
    until(lambda: page.locator("fw-voice [data-silent]").is_visible(), "the words")
    page.evaluate("""() => { const track = { stop: () => { window.stopped = true } }
      window.give({ getTracks: () => [track] }) }""")
    until(lambda: page.evaluate("window.stopped"), "the microphone to be given back")


def test_without_a_microphone_the_words_are_written_down(page: Any) -> None:
    page.goto("/floor/complaint")
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no')) }"
    )
    page.locator("fw-voice [data-record]").click()
    until(lambda: page.locator("fw-voice [data-silent]").is_visible(), "the sentence")
    assert page.locator("fw-voice [data-record]").is_visible()


def test_escape_closes_a_sheet(page: Any) -> None:
    page.goto("/floor/lobby")
    until(lambda: page.evaluate("document.activeElement.className") == "sheet", "the focus")
    page.keyboard.press("Escape")
    until(lambda: page.evaluate("document.activeElement.id") == "main", "the screen behind it")


def test_search_asks_once_for_what_was_typed(page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/search/part" in one.url else None)
    page.goto("/floor/search")
    page.locator('input[type="search"]').focus()
    page.keyboard.type("ouyang")
    until(lambda: text(page, "#found") == "found", "the answer")
    assert [parse_qs(urlsplit(url).query) for url in asked] == [{"q": ["ouyang"]}]
    assert page.evaluate("document.activeElement.name") == "q"


def test_what_changed_is_fetched_again_and_nothing_else(page: Any) -> None:
    page.goto("/floor/case")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/floor/" in request.url else None
    )
    say = (
        "(id) => document.querySelector('fw-live')"
        ".handleEvent(new MessageEvent('message', {data: id, lastEventId: '2'}))"
    )
    page.evaluate("document.querySelector('.story').dataset.same = 'yes'")
    page.evaluate(say, "complaint:01KX place:lobby-1")
    page.locator("#say").focus()
    page.keyboard.type("听")
    page.evaluate(say, "complaint:01K0")
    page.wait_for_timeout(600)
    assert asked == [], "somebody is typing there"
    page.locator("#say").blur()
    until(lambda: page.title() and asked, "the story")
    assert len(asked) == 1


def test_the_office_is_walked_by_keys(page: Any) -> None:
    page.goto("/floor/case")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    theme = page.locator("[data-theme-next]")
    theme.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "floorwalk_theme=dark" in page.evaluate("document.cookie")


@pytest.mark.parametrize("size", ["phone", "dark", "night"])
def test_nobody_is_shut_out(size: str, browser: Any, site: Any, tmp_path: Path) -> None:
    names = gallery.names()
    assert gallery.take_pictures(browser, site[0], names, size, tmp_path, axe=True) == []
