"""What a field takes from a link is not asked for in the office, and its items are."""

from __future__ import annotations

from server.acts.site import Site
from sync.act import key_id
from tests.cast import Cast
from tests.server.office.window import Window


def test_a_form_asks_for_no_copy(cast: Cast, wu: Window) -> None:
    """The doctor is chosen; the name is copied."""
    html = wu.opens("/office/appointments?add=1").html
    assert 'name="doctor"' in html and 'name="doctor_name"' not in html


def test_a_sheet_nobody_began_is_filled_by_the_items_of_its_template(
    site: Site, cast: Cast, wu: Window
) -> None:
    items = {"floor": "地面干净", "lamps": "灯亮着"}
    said = {"name": "开诊检查", "purpose": "check", "items": items}
    site.record_act("checklist.drafted", "checklist:x", said, by="system:site")
    site.record_act("checklist.published", "checklist:x", {}, by="system:site")
    key = {"template": "checklist:x", "place": "place:lobby-1", "day": 20_782, "hour": 500}
    record = key_id("check", [*key.values()])
    site.record_act("check.due", record, key, by="system:clock")
    html = wu.opens(f"/office/records/check/{record.partition(':')[2]}?do=completed").html
    assert 'name="ticks.floor"' in html and 'name="ticks.lamps"' in html and "地面干净" in html
    assert all(f'name="{name}"' not in html for name in ("items.e1", "version", "review"))
    checklist = wu.opens("/office/records/checklist/x").text
    assert "地面干净" in checklist and "floor:" not in checklist, "a key is nobody's word"


def test_a_copy_of_a_name_stands_once_beside_its_link(site: Site, cast: Cast, wu: Window) -> None:
    said = {"name": "贺连舟", "rank": "chief", "department": "骨科"}
    site.record_act("doctor.added", "doctor:he", said, by="system:site")
    booked = {"name": "王小明", "phone": "13900001111", "doctor": "doctor:he", "day": 20_782}
    booked |= {"session": "morning", "place": "place:lobby-1", "doctor_name": "贺连舟"}
    record = cast.lin.new("appointment")
    verdict = cast.lin.does("appointment.booked", record, **booked)
    assert verdict.good, verdict
    page = wu.opens(f"/office/appointments/{record.partition(':')[2]}")
    assert page.html.partition('class="facts')[2].partition("</dl>")[0].count("贺连舟") == 1
