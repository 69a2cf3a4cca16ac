"""A kind whose id comes from its key is made at a desk too: whoever says the same makes the same.

A round of a lobby on a day stands for the kinds that are to come.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.acts.site import Site
from sync.act import key_id
from sync.declare import Act, Field, Record
from sync.posts import FLOOR
from tests import invented_kind
from tests.cast import Cast
from tests.server.office.window import Window

KEY = ("place", "day")
LOBBY = "place:lobby-1"
ROUND = Record(
    "tour",
    label="Tour",
    book="floor",
    icon="footprints",
    path="tour",
    key=KEY,
    fields=(
        Field("place", "link", "Place", of=("place",)),
        Field("day", "day", "Day"),
        Field("words", "text", "Words", max=60),
    ),
    starts_as={"state": "open"},
    acts=(
        Act("made", "Made", who=FLOOR, creates=True, again=True, asks=(*KEY, "words"), needs=KEY),
    ),
    channels=("all",),
    states=(("open", "Open"),),
    title=("day",),
)
DAY = 20_782
TYPED = {"place": LOBBY, "day": "2026-11-25", "words": "all well"}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_kind.declared(ROUND):
        yield


def test_wu_makes_the_one_that_lin_would_make(site: Site, cast: Cast, wu: Window) -> None:
    assert "add=1" in wu.opens("/office/records/tour").html
    form = wu.opens("/office/records/tour?add=1")
    page = wu.fills_in(form, "/office/records/tour", **TYPED)
    identifier = key_id("tour", [LOBBY, DAY])
    assert page.status == 200 and page.address.endswith(identifier.partition(":")[2])
    kept = site.record(identifier) or {}
    assert kept["words"] == "all well" and kept["day"] == DAY
    assert cast.lin.does("tour.made", identifier, place=LOBBY, day=DAY).good
    assert not (site.record(identifier) or {})["unsettled"]


def test_what_is_there_already_is_not_written_over(site: Site, cast: Cast, wu: Window) -> None:
    identifier = key_id("tour", [LOBBY, DAY])
    form = wu.opens("/office/records/tour?add=1")
    assert cast.lin.does("tour.made", identifier, place=LOBBY, day=DAY, words="a leak").good
    page = wu.fills_in(form, "/office/records/tour", **TYPED)
    assert page.status == 422 and "There is one already" in page.text
    assert 'value="all well"' in page.html, "what was typed stays"
    assert (site.record(identifier) or {})["words"] == "a leak"


def test_a_form_sent_twice_makes_one(site: Site, cast: Cast, wu: Window) -> None:
    form = wu.opens("/office/records/tour?add=1")
    for _ in range(2):
        page = wu.fills_in(form, "/office/records/tour", **TYPED)
        assert page.status == 200
    assert (site.record(key_id("tour", [LOBBY, DAY])) or {})["acts"]["n"] == 1
