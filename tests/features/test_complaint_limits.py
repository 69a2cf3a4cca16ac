"""What a complaint may hold is said while it is entered; pictures stay readable."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.features.conftest import Hand
from tests.features.house import House
from tests.features.test_complaint import WORDS, taken_acts
from tests.tablet import Tablet, until

pytestmark = pytest.mark.browser


@pytest.fixture
def lin(tablet_of: Hand) -> Tablet:
    """Lin's tablet, at an empty complaint."""
    tablet = tablet_of("lin")
    tablet.open("/floor/complaint/new")
    return tablet


def picture(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    """Return a picture, black letters on nothing where it has transparency."""
    image = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else "white")
    ImageDraw.Draw(image).rectangle((10, 10, 60, 60), fill="black")
    image.save(path)
    return path


def add(lin: Tablet, *paths: Path, gallery: bool = True) -> None:
    lin.page.locator('fw-photo input[type="file"]').nth(int(gallery)).set_input_files(list(paths))


def kept(lin: Tablet) -> list[Image.Image]:
    """Return the pictures that the form holds."""
    names = lin.page.locator('input[name="photos"]').evaluate_all("all => all.map(i => i.value)")
    script = """async name => [...new Uint8Array(
      await (await fetch(`/floor/blobs/${name}`)).arrayBuffer())]"""
    return [Image.open(io.BytesIO(bytes(lin.page.evaluate(script, name)))) for name in names]


def test_black_letters_on_nothing_stay_black_on_white(lin: Tablet, tmp_path: Path) -> None:
    """Found, 1: a transparent PNG became all black."""
    add(lin, picture(tmp_path / "a.png", (400, 300), "RGBA"))
    until(lambda: len(kept(lin)) == 1, "the picture")
    (image,) = kept(lin)
    assert min(image.convert("L").getpixel((300, 200)) for _ in (0,)) > 250  # type: ignore[type-var]
    assert image.convert("L").getpixel((30, 30)) < 5  # type: ignore[operator]


@pytest.mark.parametrize("size", [(1080, 20_000), (20_000, 1080)])
def test_a_long_picture_is_cut_into_pages_that_can_be_read(
    lin: Tablet, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Found, 1: 1080 × 20,000 became 86 × 1,600."""
    add(lin, picture(tmp_path / "chat.png", size))
    until(lambda: len(kept(lin)) >= 6, "its pages", 40)
    assert all(min(image.size) >= 700 for image in kept(lin))
    assert "长图已分成几页" in lin.text()


def test_an_ordinary_photo_is_one_picture(lin: Tablet, tmp_path: Path) -> None:
    add(lin, picture(tmp_path / "a.png", (3000, 4000)), gallery=False)
    until(lambda: len(kept(lin)) == 1, "the picture")
    assert kept(lin)[0].size == (1200, 1600)


@pytest.mark.parametrize(
    ("name", "words"), [("a.heic", "HEIC"), ("broken.jpg", "读不出来")], ids=["HEIC", "broken"]
)
def test_a_file_that_cannot_be_read_is_said(
    lin: Tablet, tmp_path: Path, name: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\0\0\0\x18ftypheic" + b"x" * 100)
    add(lin, path)
    until(lambda: words in lin.text("fw-photo"), "the word")
    assert kept(lin) == []


def test_a_seventh_photo_is_not_taken_in_and_the_number_is_said(
    lin: Tablet, tmp_path: Path
) -> None:
    """Found, 1: seven were read back and signed, then refused."""
    add(lin, *(picture(tmp_path / f"{n}.png", (100 + n, 90)) for n in range(7)))
    until(lambda: "最多 6 张" in lin.text("fw-photo"), "the number")
    assert len(kept(lin)) == 6
    assert lin.page.locator('fw-photo input[type="file"]:not([disabled])').count() == 0
    lin.page.locator("fw-photo [data-remove]").first.tap()
    assert "最多 6 张" not in lin.text("fw-photo")


def test_letters_are_counted_before_there_are_too_many(lin: Tablet) -> None:
    words = lin.page.locator("#field-words")
    words.fill("等" * 100)
    assert lin.page.locator("#limit-words").is_hidden()
    words.fill("等" * 3990)
    assert lin.text("#limit-words") == "还可写 10 字"
    words.fill("等" * 4001)
    assert lin.text("#limit-words") == "多了 1 字，最多 4,000 字"
    lin.page.locator(".foot button.act").tap()
    lin.page.wait_for_timeout(300)
    assert taken_acts(lin) == [] and lin.is_at("/floor/complaint/new")


@pytest.mark.parametrize(
    ("typed", "said", "amount"),
    [
        ("1,280", "记为 1,280 元", 1280),
        ("500元", "记为 500 元", 500),
        ("128.50", "记为 129 元", 129),
        ("１２８０", "记为 1,280 元", 1280),
        ("88", "", 88),
    ],
)
def test_money_is_taken_as_people_write_it(
    house: House, lin: Tablet, typed: str, said: str, amount: int
) -> None:
    lin.page.fill("#field-words", WORDS)
    lin.page.fill("#field-amount", typed)
    assert lin.page.locator("#limit-amount").text_content() == said
    until(lambda: f"{amount:,}" in lin.text("#said .readback"), "the read-back")
    lin.page.locator("label.cannot").tap()
    lin.page.locator('label:has(input[name="unsigned"])').first.tap()
    lin.page.locator(".foot button.act").tap()
    until(lambda: taken_acts(lin), "the complaint")
    assert taken_acts(lin)[0]["data"]["amount"] == amount


def test_what_is_no_amount_is_said_at_once(lin: Tablet) -> None:
    lin.page.fill("#field-amount", "很多")
    assert lin.text("#limit-amount") == "请写金额，如 1,280"
    lin.page.fill("#field-amount", "100000001")
    assert lin.text("#limit-amount") == "最多 100,000,000 元"


def test_a_dot_is_no_signature_and_the_pad_says_so(lin: Tablet) -> None:
    """Found, 1: one tap on the pad passed."""
    lin.page.fill("#field-words", WORDS)
    until(lambda: WORDS in lin.text("#said"), "the read-back")
    pad: Any = lin.page.locator("fw-sign .sign svg")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    lin.page.mouse.move(box["x"] + 50, box["y"] + 50)
    lin.page.mouse.down()
    lin.page.mouse.up()
    until(lambda: "还不是签名" in lin.text("fw-sign"), "the word")
    assert lin.page.input_value('input[name="signature"]') == ""
    lin.page.mouse.move(box["x"] + 60, box["y"] + 60)
    lin.page.mouse.down()
    lin.page.mouse.move(box["x"] + 200, box["y"] + 90)
    lin.page.mouse.up()
    assert "还不是签名" not in lin.text("fw-sign")
    assert lin.page.input_value('input[name="signature"]') != ""
