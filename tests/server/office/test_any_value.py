"""Values of every kind of field are read and typed in the office as people write them.

Lost property stands for the kinds that are to come: it is paid for, rated and searched for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from server.acts.site import Site
from server.database.store import Store
from sync.declare import Act, Field
from tests import invented_kind
from tests.cast import Cast
from tests.clock import Clock
from tests.features.house import key
from tests.server.office.test_any_export import lines_of, takes
from tests.server.office.test_any_table import finds
from tests.server.office.window import Window

YES_NO = (("yes", "是"), ("no", "否"))
ROOMS = (("floor", "地面"), ("roof", "屋顶"))
FIELDS = (
    Field("lost_on", "day", "丢失日", editable=True),
    Field("born_on", "day", "生日", private=True),
    Field("lost_at", "hour", "丢失时刻"),
    Field("worth", "money", "价值"),
    Field("care", "rating", "保管得如何"),
    Field("looked", "ticks", "找过", choices=YES_NO, rows=ROOMS, editable=True),
    Field("pieces", "counts", "件数"),
    Field("marks", "entries", "记号"),
    Field("state_of", "grid", "状况", choices=YES_NO),
)
PAPERS = (Field("pen", "signature", "签名"), Field("pictures", "blobs", "照片"))
NAMES = tuple(field.name for field in FIELDS)
ACTS = (
    Act("examined", "查看", who=("anybody",), asks=NAMES),
    Act("signed", "签", who=("anybody",), asks=("pen",), needs=("pen",), stamps=("signed_at",)),
    Act("pictured", "照", who=("anybody",), asks=("pictures", "pieces"), adds={"looks": 1}),
    Act("searched", "找遍", who=("anybody",), asks=("looked",), needs_all=("looked",)),
)
LOST = invented_kind.LOST
SAID = {"lost_on": 20_782, "lost_at": 545, "worth": 123_450, "care": 4, "born_on": -7_305}
MAPS = {"looked": {"roof": "no", "floor": "yes"}, "pieces": {"keys": 3}, "marks": {"a": "划痕"}}
WORDS = {"丢失日": "2026-11-25", "丢失时刻": "09:05", "价值": "1234.50 yuan"}
WORDS["保管得如何"] = "4 of 5"
MAP_WORDS = {"找过": "地面: 是, 屋顶: 否", "件数": "keys: 3", "记号": "划痕", "状况": "a.1: 否"}
TYPED = {"lost_on": "2026-11-25", "lost_at": "9:05", "worth": "1，234.50", "care": "4"}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kind = replace(LOST, fields=(*LOST.fields, *FIELDS, *PAPERS), acts=(*LOST.acts, *ACTS))
    monkeypatch.setattr(invented_kind, "LOST", kind)
    with invented_kind.declared():
        yield


def examined(cast: Cast) -> str:
    """Let Lin find something and say all there is to say of it; return the record."""
    record = finds(cast)
    said = {**SAID, **MAPS, "state_of": {"a.1": "no"}}
    assert cast.lin.does("lost.examined", record, **said).good
    return record


def test_pages_and_exports_have_words_and_no_raw_numbers(cast: Cast, wu: Window) -> None:
    record = examined(cast)
    page = wu.opens(f"/office/lost/{key(record)}")
    for words in (*WORDS.values(), *MAP_WORDS.values()):
        assert words in page.text, words
    assert "1950-01-01" not in page.text and "-7" not in page.text, "a birthday is private"
    for raw in ("20782", "123450", "545", "{", "roof"):
        assert raw not in page.text, raw
    (row,) = lines_of(takes(wu, f"columns=item%2C{'%2C'.join(NAMES)}"))
    told = {**WORDS, **MAP_WORDS, "生日": "****", "保管得如何": "4"}  # which is counted with
    assert {name: row[name] for name in told} == told


def test_they_are_typed_as_they_are_written_and_maps_stay_as_they_are(
    site: Site, cast: Cast, wu: Window
) -> None:
    record = examined(cast)
    address = f"/office/lost/{key(record)}"
    again = wu.opens(f"{address}?do=examined").form("/do/examined").fields
    assert again["lost_at"] == "09:05" and again["worth"] == "1234.50" and again["care"] == "4"
    other = finds(cast, "黑色手套")
    page = wu.opens(f"/office/lost/{key(other)}?do=examined")
    wrong = wu.fills_in(page, "/do/examined", lost_on="11-25", lost_at="25:00", worth="x", care="9")
    for words in ("a day like", "a time of day", "an amount", "one of these"):
        assert words in wrong.text, words
    assert 'value="11-25"' in wrong.html, "what was typed stays"
    assert wu.fills_in(page, "/do/examined", **TYPED).status == 200
    kept = site.record(other) or {}
    assert {name: kept[name] for name in TYPED} == {name: SAID[name] for name in TYPED}
    assert (site.record(record) or {})["looked"] == MAPS["looked"]


def test_a_map_is_answered_and_corrected_key_by_key(site: Site, cast: Cast, wu: Window) -> None:
    record = examined(cast)
    address = f"/office/lost/{key(record)}"
    page = wu.opens(address)
    assert "do=searched" in page.html and "edit=looked" in page.html
    form = wu.opens(f"{address}?do=examined").form("/do/examined").fields
    assert form["pieces.keys"] == "3" and form["marks.a"] == "划痕" and form["marks.e1"] == ""
    said = {"pieces.keys": "4", "marks.a": "", "marks.e1": "新", "looked.roof": "yes"}
    assert wu.fills_in(wu.opens(f"{address}?do=examined"), "/do/examined", **said).status == 200
    kept = site.record(record) or {}
    assert kept["pieces"] == {"keys": 4} and kept["marks"] == {"e1": "新"}
    assert kept["looked"] == {"floor": "yes", "roof": "yes"}
    with site.reading() as connection:
        said_by = Store(connection).acts_of([record])[record]
    assert [b"pieces" in act and b"floor" not in act for act in said_by][-1], "no more was said"
    page = wu.opens(f"{address}?edit=looked")
    assert wu.fills_in(page, "/edit", **{"looked.floor": "no", "looked.roof": ""}).status == 200
    assert (site.record(record) or {})["looked"] == {"floor": "no"}
    told = wu.opens(address).text
    assert "地面: 是 → 地面: 否" in told and "屋顶: 是 → –" in told, "and the history says which"


def test_what_changed_while_a_form_was_open_is_not_said_again(
    site: Site, cast: Cast, clock: Clock, wu: Window
) -> None:
    """Chen answers another key while Wu has the form open: Wu never says what she did not touch."""
    record = examined(cast)
    address = f"/office/lost/{key(record)}"
    answering, correcting = (wu.opens(f"{address}?{q}") for q in ("do=examined", "edit=looked"))
    clock.passes(seconds=1)
    seen = (site.record(record) or {})["acts"]["last"]
    said: dict[str, dict[str, Any]] = {"looked": {"floor": "no"}, "pieces": {"keys": 9}}
    assert cast.chen.does("lost.examined", record, seen=seen, **said).good
    sent = {"looked.floor": "yes", "looked.roof": "yes"}
    assert wu.fills_in(answering, "/do/examined", **sent).status == 200
    kept = site.record(record) or {}
    assert kept["looked"] == {"floor": "no", "roof": "yes"}
    assert kept["pieces"] == {"keys": 9} and not kept["unsettled"]
    page = wu.fills_in(correcting, "/edit", **{"looked.floor": ""})
    assert page.status == 422 and "changed this meanwhile" in page.text, "she is told what it is"
    assert (site.record(record) or {})["looked"]["floor"] == "no"


def test_a_count_that_is_no_number_is_said_and_stays_typed(cast: Cast, wu: Window) -> None:
    record = examined(cast)
    page = wu.opens(f"/office/lost/{key(record)}?do=examined")
    wrong = wu.fills_in(page, "/do/examined", **{"pieces.keys": "drei"})
    assert wrong.status == 422 and "Write a whole number" in wrong.text
    assert 'value="drei"' in wrong.html, "what was typed stays"


def test_every_item_is_asked_for_before_it_is_said(site: Site, cast: Cast, wu: Window) -> None:
    record = finds(cast)
    address = f"/office/lost/{key(record)}"
    page = wu.opens(f"{address}?do=searched")
    half = wu.fills_in(page, "/do/searched", **{"looked.floor": "yes"})
    assert half.status == 422 and "Fill this in" in half.text
    both = {"looked.floor": "yes", "looked.roof": "no"}
    assert wu.fills_in(page, "/do/searched", **both).status == 200
    assert (site.record(record) or {})["looked"] == {"floor": "yes", "roof": "no"}


def test_what_is_drawn_or_photographed_is_said_on_a_tablet(cast: Cast, wu: Window) -> None:
    record = examined(cast)
    page = wu.opens(f"/office/lost/{key(record)}")
    assert "do=signed" not in page.html and "do=pictured" in page.html
    assert wu.sends(f"/office/lost/{key(record)}/do/signed").status == 404
    fields = wu.opens(f"/office/lost/{key(record)}?do=pictured").form("/do/pictured").fields
    assert not {"pen", "pictures"} & set(fields)
