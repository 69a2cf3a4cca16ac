"""A13: a photo by its hash, a record by pushing acts, a phone number by searching."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from server.acts.site import Site
from server.database import tables
from tests.cast import WORDS, Cast
from tests.server import database_rows
from tests.server.in_process import Inside, inside
from tests.server.office.conftest import app, window
from tests.server.office.window import Window
from tests.server.served import Served

__all__ = ["app", "window"]

PHONE = "13612340719"


def photo(*, place: bool = False) -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "a camera"
    if place:
        exif.get_ifd(0x8825)[1] = "N"
        exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0), 3: "E", 4: (121.0, 29.0, 0.0)}
    Image.effect_noise((32, 32), 40).convert("RGB").save(file, "JPEG", exif=exif)
    return file.getvalue()


def complains(cast: Cast, **said: object) -> str:
    complaint = cast.lin.new("complaint")
    given = {"place": "place:lobby-1", "words": WORDS, "unsigned": "-", **said}
    assert cast.lin.does("complaint.taken", complaint, **given).good
    return complaint


@pytest.fixture
def door(site: Site) -> Iterator[Inside]:
    with inside(site) as opened:
        yield opened


def test_a_photo_is_read_through_a_record_that_one_sees_now(
    served: Served, site: Site, cast: Cast
) -> None:
    """A13: its hash alone opens it no more, not even to who once sent it."""
    body = photo()
    name = hashlib.sha256(body).hexdigest()
    address = f"/sync/demo/_blob/{name}"
    complaint = complains(cast, photos=[name])
    lin, zhao = served.client("lin"), served.client("zhao")
    jpeg = {"content-type": "image/jpeg"}
    assert lin.put(address, content=body, headers=jpeg).status_code == 201
    assert lin.get(address).status_code == 200
    assert zhao.get(address).status_code == 404
    site.record_act("person.changed", "person:lin", {"posts": []}, by="system:site")
    with site.writing() as connection:  # and she is not its owner any more
        change = tables.records.update().where(tables.records.c.id == complaint)
        connection.execute(change.values(channels='["post:guide_supervisor"]'))
    assert served.client("lin").get(address).status_code == 404
    assert served.client("chen").get(address).status_code == 200


def test_a_photo_that_says_where_it_was_taken_is_not_kept(served: Served, site: Site) -> None:
    """A13: its name is its hash, so it cannot be mended; the sender hears what to do."""
    lin, body = served.client("lin"), photo(place=True)
    address = f"/sync/demo/_blob/{hashlib.sha256(body).hexdigest()}"
    answer = lin.put(address, content=body, headers={"content-type": "image/jpeg"})
    assert (answer.status_code, answer.json()["code"]) == (415, "photo_with_place")
    assert [path for path in site.config.blobs.rglob("*") if path.is_file()] == []
    plain = photo()
    address = f"/sync/demo/_blob/{hashlib.sha256(plain).hexdigest()}"
    assert lin.put(address, content=plain, headers={"content-type": "image/jpeg"}).is_success


@pytest.mark.parametrize("kind", ["refusal", "person", "letter", "calendar", "notice"])
def test_pushing_acts_tells_nobody_what_exists(site: Site, cast: Cast, kind: str) -> None:
    """A13: the same answer for what is hidden and for what is not there."""
    cast.chen.hands_in({"_id": "rubbish"})
    hidden = {
        "refusal": next(row for row in _ids(site) if row.startswith("refusal:")),
        "person": "person:wu",
    }.get(kind)
    answers = set()
    for record in filter(None, (hidden, f"{kind}:nowhere")):
        verdict = cast.zhao.does(f"{kind}.undone", record, undoes="act:" + "0" * 26)
        answers.add((verdict.state, verdict.code))
    assert answers == {("refused", "not_found")}


def _ids(site: Site) -> list[str]:
    return [row["id"] for row in database_rows.rows(site, "records")]


@pytest.mark.parametrize("typed", ["1", "13", "136", "1361", "13612", "361234", "1234", "2340"])
@pytest.mark.parametrize("view", ["", "view=all&"])
def test_a_phone_number_is_not_found_digit_by_digit(
    cast: Cast, window: Callable[..., Window], typed: str, view: str
) -> None:
    """A13: neither among open records nor among all of them."""
    complains(cast, phone=PHONE, words="要找的")
    page = window("wu").opens(f"/office/complaints?{view}q={typed}")
    assert "要找的" not in page.text


@pytest.mark.parametrize("typed", [PHONE, "136 1234 0719", "6123407", "0719"])
@pytest.mark.parametrize("view", ["", "view=all&"])
def test_it_is_found_whole_or_by_what_its_mask_shows(
    cast: Cast, window: Callable[..., Window], typed: str, view: str
) -> None:
    """A13: a client who is on the phone is found."""
    complains(cast, phone=PHONE, words="要找的")
    page = window("wu").opens(f"/office/complaints?{view}q={typed.replace(' ', '+')}")
    assert "要找的" in page.text


def test_what_is_handed_out_whole_is_counted(door: Inside, cast: Cast, site: Site) -> None:
    """A13: `/sync` hands out private values without a reveal; the security log counts them."""
    complaint = complains(cast, phone=PHONE)
    site.reads.take()
    door.ask("lin", "GET", f"/sync/demo/{complaint}")
    door.ask("lin", "GET", "/sync/demo/_changes?include_docs=true&limit=1000")
    counted = {person: number for (person, _day), number in site.reads.take().items()}
    assert counted["person:lin"] >= 2
