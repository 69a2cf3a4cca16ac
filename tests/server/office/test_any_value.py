"""Values of every kind of field are read and typed in the office as people write them.

Lost property stands for the kinds that are to come: it is paid for, rated and searched for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.acts.site import Site
from sync.declare import Act, Field
from tests import invented_kind
from tests.cast import Cast
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
NAMES = tuple(field.name for field in FIELDS)
ACTS = (
    Act("examined", "查看", who=("anybody",), asks=NAMES),
    Act("searched", "找遍", who=("anybody",), asks=("looked",), needs_all=("looked",)),
)
LOST = invented_kind.LOST
SAID = {"lost_on": 20_782, "lost_at": 545, "worth": 123_450, "care": 4, "born_on": -7_305}
MAPS = {"looked": {"roof": "no", "floor": "yes"}, "pieces": {"keys": 3}, "marks": {"a": "划痕"}}
WORDS = {"丢失日": "2026-11-25", "丢失时刻": "09:05", "价值": "1234.50 yuan"}
WORDS["保管得如何"] = "4 of 5"
MAP_WORDS = {"找过": "地面: 是, 屋顶: 否", "件数": "keys: 3", "记号": "a: 划痕", "状况": "a.1: 否"}
TYPED = {"lost_on": "2026-11-25", "lost_at": "9:05", "worth": "1，234.50", "care": "4"}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kind = replace(LOST, fields=(*LOST.fields, *FIELDS), acts=(*LOST.acts, *ACTS))
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
    assert not {"looked", "pieces", "marks", "state_of"} & set(again)
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


def test_what_must_answer_a_map_is_said_on_a_tablet(cast: Cast, wu: Window) -> None:
    record = examined(cast)
    page = wu.opens(f"/office/lost/{key(record)}")
    assert "do=examined" in page.html and "do=searched" not in page.html
    assert "edit=lost_on" in page.html and "edit=looked" not in page.html
    sent = {"field": "looked", "new": "x"}
    assert wu.sends(f"/office/lost/{key(record)}/edit", **sent).status == 404
    assert wu.sends(f"/office/lost/{key(record)}/do/searched").status == 404
