"""The office's tables: sorted by what is due, filtered by links with counts, without leaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.acts.site import Site
from server.office.page_parts import record_queries
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server.office.window import Window

Opening = Callable[..., Window]


def waits(cast: Cast, name: str, **said: object) -> str:
    """Let somebody sit down in lobby 1; return the record."""
    record = cast.lin.new("waiting")
    cast.lin.does("waiting.started", record, place="place:lobby-1", name=name, **said)
    return record


def complains(cast: Cast, words: str = WORDS, **said: object) -> str:
    """Let Lin take a complaint; return the record."""
    record = cast.lin.new("complaint")
    place = {"place": "place:lobby-1"}
    cast.lin.does("complaint.taken", record, words=words, **{**place, **said})
    return record


def test_whoever_is_late_stands_before_whoever_is_not(clock: Clock, cast: Cast, wu: Window) -> None:
    waits(cast, "司徒早")
    clock.passes(minutes=6)
    waits(cast, "欧阳晚")
    page = wu.opens("/office/waiting")
    table = page.html[page.html.index("<tbody>") :]
    parts = ("Something is due", "司**", "In time", "欧**")
    assert sorted(parts, key=table.index) == list(parts)


def test_names_stay_masked_in_every_table(clock: Clock, cast: Cast, wu: Window) -> None:
    waits(cast, "司徒青云")
    complains(cast, name="司徒青云", phone="13600007719")
    for address in ("/office/", "/office/waiting", "/office/complaints", "/office/visits"):
        html = wu.opens(address).html
        assert "司徒青云" not in html and "13600007719" not in html


def test_a_count_is_what_one_sees_after_following_the_link(
    clock: Clock, cast: Cast, wu: Window
) -> None:
    for n in range(3):
        complains(cast, f"第 {n} 件", severity="major" if n == 0 else "general")
    page = wu.opens("/office/complaints")
    assert page.links["Major"] == "/office/complaints?severity=major"
    major = wu.opens(page.links["Major"])
    assert "第 0 件" in major.text and "第 1 件" not in major.text
    # The chip that is chosen takes itself away again; the others count under it.
    assert major.links["Major"] == "/office/complaints"


def test_filters_stand_in_the_address_together(clock: Clock, cast: Cast, wu: Window) -> None:
    complains(cast, "大事", severity="major", about_place="place:area-2")
    complains(cast, "小事", about_place="place:area-2")
    page = wu.opens("/office/complaints?severity=major&place=place%3Aarea-2")
    assert "大事" in page.text and "小事" not in page.text
    empty = wu.opens("/office/complaints?severity=major&level=3")
    assert "Nothing fits these filters" in empty.text
    nonsense = wu.opens("/office/complaints?severity=huge&level=99&page=x")
    assert "大事" in nonsense.text  # what does not exist is not asked


@pytest.mark.parametrize("typed", ["司徒", "徒青", "stqy", "situ", "0719", "SITUQINGYUN"])
def test_search_finds_a_name_by_any_part_pinyin_or_digits(
    cast: Cast, wu: Window, typed: str
) -> None:
    complains(cast, "别的事", name="赵一")
    complains(cast, "要找的", name="司徒青云", phone="13600000719")
    page = wu.opens(f"/office/complaints?q={typed}")
    assert "要找的" in page.text and "别的事" not in page.text


def test_search_finds_what_is_settled_too(cast: Cast, wu: Window) -> None:
    record = complains(cast, "已经办完的", name="司徒青云")
    how = {"resolution": "道歉", "attended_by": "吴建国"}
    cast.wu.does("complaint.settled", record, **how)
    assert "已经办完的" not in wu.opens("/office/complaints?q=stqy").text
    assert "已经办完的" in wu.opens("/office/complaints?view=settled&q=stqy").text


def test_what_cannot_be_found_says_what_to_do(wu: Window) -> None:
    assert "Nobody waits" in wu.opens("/office/waiting").text
    assert "appear here by themselves" in wu.opens("/office/complaints").text
    assert "Take one of them away" in wu.opens("/office/complaints?q=nothing").text


def test_a_long_list_has_pages_of_fifty(cast: Cast, wu: Window) -> None:
    for n in range(60):
        cast.lin.says(
            "waiting.started", cast.lin.new("waiting"), place="place:lobby-1", note=f"{n}"
        )
    cast.lin.hands_in()
    first = wu.opens("/office/waiting")
    assert first.html.count('<tr id="waiting:') == record_queries.PAGE
    assert "Page 1 of 2" in first.text
    second = wu.opens(first.links["Next page"])
    assert second.html.count('<tr id="waiting:') == 10


def test_chen_sees_what_her_post_is_offered_and_no_directory_of_people(
    cast: Cast, window: Opening
) -> None:
    complains(cast, "给陈静看的")
    chen = window("chen")
    assert "给陈静看的" in chen.opens("/office/complaints").text
    for hidden in ("/office/people", "/office/settings", "/office/devices", "/office/people/wu"):
        assert chen.opens(hidden).status == 404


def test_a_post_without_a_channel_sees_only_its_places(
    site: Site, clock: Clock, cast: Cast, wu: Window
) -> None:
    said = {"posts": ["cs_agent"], "places": ["place:lobby-2"]}
    site.record_act("person.changed", "person:wu", said, by="system:site")
    waits(cast, "不归她")
    assert "不**" not in wu.opens("/office/waiting").text
    clock.passes(seconds=1)
    site.record_act("person.changed", "person:wu", {"places": ["place:lobby-1"]}, by="system:site")
    assert "不**" in wu.opens("/office/waiting").text


def test_htmx_is_given_the_living_part_alone(cast: Cast, wu: Window) -> None:
    waits(cast, "司徒青云")
    part = wu.opens("/office/waiting", **{"HX-Request-Type": "partial"})
    assert part.html.lstrip().startswith("<div") and '<nav class="side"' not in part.html
    whole = wu.opens("/office/waiting")
    assert part.html.strip()[:200] in whole.html


def test_lin_is_told_that_the_office_is_not_for_her(window: Opening) -> None:
    page = window("lin").opens("/office/")
    assert page.status == 403 and "the floor" in page.text


def test_the_office_speaks_chinese_without_an_english_word(
    clock: Clock, cast: Cast, site: Site, wu: Window
) -> None:
    site.record_act("person.changed", "person:wu", {"language": "zh_Hans"}, by="system:site")
    waits(cast, "司徒青云")
    record = complains(cast, "要道歉")
    clock.passes(hours=3)
    addresses = ("/office/", "/office/waiting", "/office/visits", "/office/complaints",
                 "/office/reconcile", "/office/people", "/office/settings", "/office/devices",
                 "/office/records", f"/office/complaints/{record.partition(':')[2]}")  # fmt: skip
    for address in addresses:
        page = wu.opens(address)
        words = page.text.replace("Floorwalk", "")
        for known in ("the ", "No ", "Not ", "Waiting", "late", " and ", "Since"):
            assert known not in words, f"{address}: {known} in {words}"
