"""A sheet that two tablets fill: one record by its key, key by key, with what the server copies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server import describe
from server.acts import erasure
from server.acts.site import Site
from sync.act import key_id
from sync.declare import Act, Field
from sync.posts import FLOOR
from tests import invented_kind
from tests.cast import WORDS, Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.invented_sheet import sheet

DAY = 20_782
KEY: dict[str, Any] = {"place": "place:lobby-1", "day": DAY}
SHEET = key_id("patrol", ["place:lobby-1", DAY])
ITEMS = [f"i{n}" for n in range(40)]
PATROL = sheet(
    "patrol",
    label="巡查",
    icon="package",
    takes=Field("room", "text", "名称", takes=("place", "name")),
    fields=(
        Field("case", "link", "投诉", of=("complaint",)),
        Field("heard", "text", "原话", max=4000, private=True, takes=("case", "words")),
        Field("items", "names", "项目"),
        Field("ticks", "ticks", "结果", (("yes", "好"), ("no", "不好")), items="items"),
        Field("notes", "entries", "说明", private=True),
    ),
    also=("items", "case", "heard"),
    acts=(
        Act("ticked", "打勾", who=FLOOR, asks=("ticks", "notes")),
        Act(
            "signed",
            "签名",
            who=FLOOR,
            needs_all=("ticks",),
            rests_on=("ticks",),
            stamps=("signed_at",),
            gate=True,
            undo=False,
        ),
    ),
    channels=("{place}",),
)


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    with (
        invented_kind.declared(PATROL),
        contextlib.closing(made_site(tmp_path, clock)) as made,
    ):
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cast(site: Site, clock: Clock) -> Cast:
    return make_cast(site, clock)


def record_of(site: Site, identifier: str = SHEET) -> dict[str, Any]:
    found = site.record(identifier)
    assert found is not None
    return found


def test_two_tablets_fill_one_sheet_and_are_asked_of_what_differs(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Forty ticks from two tablets without a network, three of them different."""
    for tablet, others in ((cast.lin, ()), (cast.chen, ("i3", "i14", "i39"))):
        clock.passes(minutes=1)
        tablet.says("patrol.opened", SHEET, **KEY, items=ITEMS)
        for start in range(0, 40, 8):
            clock.passes(minutes=1)
            said = {item: "no" if item in others else "yes" for item in ITEMS[start : start + 8]}
            act = tablet.says("patrol.ticked", SHEET, ticks=said)
            act["over"] = {}
    assert all(one.good for one in (*cast.chen.hands_in(), *cast.lin.hands_in()))
    record = record_of(site)
    assert record["owner"] == "person:lin" and record["acts"]["n"] == 13, "with what was copied"
    assert len(record["ticks"]) == 40 and set(record["ticks"].values()) == {"yes"}
    asked = [key for one in record["unsettled"] for key in one["data"]["ticks"]]
    assert sorted(asked) == ["i14", "i3", "i39"]
    about = next(one["act"] for one in record["unsettled"] if "i3" in one["data"]["ticks"])
    assert cast.wu.does("patrol.decided", SHEET, about=about, choice="accept").good
    changed = record_of(site)["ticks"]
    assert {item for item in ITEMS if changed[item] == "no"} == {"i3"}


def test_an_id_that_is_not_its_keys_is_refused(site: Site, cast: Cast) -> None:
    other = key_id("patrol", ["place:lobby-1", DAY + 1])
    for wrong in (other, cast.lin.new("patrol")):
        verdict = cast.lin.does("patrol.opened", wrong, **KEY)
        assert not verdict.good and verdict.details["fields"] == {"record": "wrong_key"}
    assert site.record(other) is None


def test_the_server_copies_what_a_tablet_could_not_know(
    site: Site, cast: Cast, clock: Clock
) -> None:
    cast.lin.does("patrol.opened", SHEET, **KEY)
    assert record_of(site)["room"] == "一号大厅"
    clock.passes(minutes=1)
    cast.chen.does("patrol.opened", SHEET, **KEY, room="大厅一")
    record = record_of(site)
    assert record["room"] == "一号大厅" and record["unsettled"] == []
    told = [entry["act"] for entry in record["acts"]["recent"]]
    assert told == ["patrol.opened", "patrol.filled", "patrol.opened"], "once"


def test_nobody_has_copied_what_is_hidden_from_them(site: Site, cast: Cast) -> None:
    case = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "about": ["person:lin"]}
    assert cast.chen.does("complaint.taken", case, **said).good
    assert cast.lin.does("patrol.opened", SHEET, **KEY, case=case).good
    assert "heard" not in record_of(site)
    other = {**KEY, "day": DAY + 1}
    sheet = key_id("patrol", [*other.values()])
    assert cast.chen.does("patrol.opened", sheet, **other, case=case).good
    assert record_of(site, sheet)["heard"] == WORDS


def test_nobody_but_the_server_fills(cast: Cast) -> None:
    cast.lin.does("patrol.opened", SHEET, **KEY)
    assert cast.lin.does("patrol.filled", SHEET, room="x").code == "system_only"


def test_a_sheet_is_signed_when_all_is_answered(site: Site, cast: Cast, clock: Clock) -> None:
    cast.lin.does("patrol.opened", SHEET, **KEY, items=["a", "b"])
    cast.lin.does("patrol.ticked", SHEET, ticks={"a": "yes"})
    clock.passes(minutes=1)
    cast.lin.does("patrol.signed", SHEET, ticks={"a": "yes"})
    assert [one["reason"] for one in record_of(site)["unsettled"]] == ["incomplete"]
    cast.lin.does("patrol.ticked", SHEET, ticks={"b": "no"})
    clock.passes(minutes=1)
    cast.lin.does("patrol.signed", SHEET, ticks={"a": "yes", "b": "no"})
    assert record_of(site)["signed_at"] == clock()


def test_what_was_written_down_twice_leads_to_the_other(site: Site, cast: Cast) -> None:
    other = key_id("patrol", ["place:lobby-1", DAY + 1])
    cast.lin.does("patrol.opened", SHEET, **KEY)
    cast.lin.does("patrol.opened", other, **{**KEY, "day": DAY + 1})
    assert cast.lin.does("patrol.merged", SHEET, into=other).code == "not_your_post"
    assert cast.wu.does("patrol.merged", SHEET, into=cast.wu.new("patrol")).code == "not_found"
    assert cast.wu.does("patrol.merged", SHEET, into="place:lobby-1").code == "malformed"
    act = cast.wu.says("patrol.merged", SHEET, into=other)
    assert cast.wu.hands_in(act)[0].good
    merged = record_of(site)
    assert (merged["state"], merged["merged_into"]) == ("merged", other)
    assert cast.wu.does("patrol.undone", SHEET, undoes=act["_id"]).good
    undone = record_of(site)
    assert undone["state"] == "open" and "merged_into" not in undone


def test_an_erasure_reaches_keys_and_what_they_replaced(site: Site, cast: Cast) -> None:
    cast.lin.does("patrol.opened", SHEET, **KEY)
    cast.lin.does("patrol.ticked", SHEET, notes={"a": "欧阳若兰"})
    act = cast.chen.says("patrol.ticked", SHEET, notes={"a": "欧阳若兰女士"})
    act["over"] = {"notes.a": "欧阳若兰"}
    assert cast.chen.hands_in(act)[0].good
    blank = erasure.blanked(site.declarations, act, is_copy=False)
    assert "欧阳" not in str(blank)


def test_what_is_declared_can_be_read(site: Site) -> None:
    said = "\n".join(describe.lines(site.declarations, "patrol", site.settings()))
    assert "one for each place, day" in said and "all of ticks" in said
    assert "(items of items; yes, no)" in said and "(taken from place name)" in said
