"""Every declared kind has a table, views and acts for several rows, with no line for it.

Lost property stands for all that are still to come: `tests/invented_kind.py` declares it, and no
other file knows of it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from server.acts.site import Site
from server.office.page_parts import record_queries
from server.office.tables import row_pages
from tests import invented_kind
from tests.cast import Cast
from tests.clock import Clock
from tests.server.database_rows import records as rows_of
from tests.server.office.window import Page, Window

OWNER, PHONE = "欧阳若兰", "013955550416"
Opening = Callable[..., Window]


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_kind.declared():
        yield


def finds(cast: Cast, item: str = "蓝色雨伞", **said: Any) -> str:
    """Let Lin find something in lobby 1; return the record."""
    record = cast.lin.new("lost")
    given = {"item": item, "name": OWNER, "phone": PHONE, "place": "place:lobby-1", **said}
    verdict = cast.lin.does("lost.found", record, **given)
    assert verdict.good, verdict
    return record


def names(page: Page, *some: str) -> list[str]:
    """Return which of these a page's table has."""
    return [name for name in some if name in page.html.partition("<tbody>")[2]]


# ------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_stands_in_its_book_in_the_menu(cast: Cast, wu: Window) -> None:
    finds(cast)
    menu = wu.opens("/office/menu").html
    assert menu.index("On the floor") < menu.index('href="/office/lost"') < menu.index("Cases")


def test_filters_are_links_with_counts_in_one_address(site: Site, cast: Cast, wu: Window) -> None:
    finds(cast)
    finds(cast, "黑色手套", place="place:lobby-1")
    gone = finds(cast, "红色围巾")
    cast.lin.does("lost.returned", gone)
    page = wu.opens("/office/lost")
    assert names(page, "蓝色雨伞", "黑色手套", "红色围巾") == ["蓝色雨伞", "黑色手套"]
    assert "Open 2" in page.text and "All 3" in page.text
    every = wu.opens("/office/lost?view=all")
    assert every.links["已归还"] == "/office/lost?view=all&state=returned"
    assert names(wu.opens(every.links["已归还"]), "蓝色雨伞", "红色围巾") == ["红色围巾"]
    here = wu.opens("/office/lost?view=all&place=place%3Alobby-1&period=today&owner=person%3Alin")
    assert len(names(here, "蓝色雨伞", "黑色手套", "红色围巾")) == 3
    assert names(wu.opens("/office/lost?place=place%3Aarea-2"), "蓝色雨伞") == []
    undo = (site.record(gone) or {})["acts"]["recent"][0]["id"]
    assert cast.lin.does("lost.undone", gone, undoes=undo).good
    assert names(wu.opens("/office/lost?view=all"), "红色围巾") == []
    assert names(wu.opens("/office/lost?view=all&state=undone"), "蓝色雨伞", "红色围巾") == [
        "红色围巾"
    ]
    assert names(wu.opens("/office/lost?state=nonsense&after=%25&sort=phone"), "蓝色雨伞")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_table_with_nothing_open_leads_to_all_there_is(cast: Cast, wu: Window) -> None:
    """Forty articles in force and none to approve are not an empty handbook."""
    page = wu.opens("/office/lost")
    assert "Nothing here yet" in page.text and page.links["Add"] == "/office/lost?add=1"
    cast.lin.does("lost.returned", finds(cast))
    page = wu.opens("/office/lost")
    assert "Nothing open here" in page.text and "Nothing here yet" not in page.text
    assert "/office/lost?view=all" in page.html.partition('class="empty"')[2]
    assert names(wu.opens("/office/lost?view=all"), "蓝色雨伞")


def test_what_is_late_is_found_by_its_clock(cast: Cast, clock: Clock, wu: Window) -> None:
    finds(cast, "早先的")
    clock.passes(minutes=30)
    finds(cast, "刚才的")
    page = wu.opens("/office/lost")
    assert page.html.index("早先的") < page.html.index("刚才的"), "the next deadline first"
    assert names(wu.opens("/office/lost?time=late"), "早先的", "刚才的") == ["早先的"]


def test_every_record_is_reached_page_by_page_while_others_come(
    cast: Cast, clock: Clock, wu: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Peers lost the filter at the second page, or showed a row twice after somebody added one."""
    for module in (row_pages, record_queries):
        monkeypatch.setattr(module, "PAGE", 4)
    monkeypatch.setattr(row_pages, "CHUNK", 3)
    for n in range(7):
        clock.passes(seconds=1)
        finds(cast, f"雨伞{n:02}")
        finds(cast, f"手套{n:02}")
    every = [f"{item}{n:02}" for item in ("雨伞", "手套") for n in range(7)]
    walks = (("", "雨伞", every[:7]), ("", "", every), ("-item", "", every), (":state", "", every))
    for sort, text, wanted in walks:
        asked = urlencode({"view": "all", "q": text, "sort": sort, "place": "place:lobby-1"})
        page = wu.opens(f"/office/lost?{asked}")
        shown = names(page, *every)
        clock.passes(seconds=1)
        finds(cast, "雨伞 99")
        while "Next page" in page.links:
            page = wu.opens(page.links["Next page"])
            shown += names(page, *every)
        assert sorted(shown) == sorted(wanted), (sort, text)


def test_an_address_that_nobody_wrote_shows_the_table_all_the_same(cast: Cast, wu: Window) -> None:
    finds(cast)
    cursors: list[Any] = [
        *([2**63, "x"], [None, "x"], [{}, "x"], [True, "x"], ["x", 1], ["x", "y"]),
        *([10**9], {}, [1.5, "x"]),
    ]
    for sort in (":since", ":state", "item"):
        for cursor in cursors:
            after = base64.urlsafe_b64encode(orjson.dumps(cursor)).decode()
            asked = urlencode({"view": "all", "sort": sort, "after": after, "columns": "x,,item"})
            assert wu.client.get(f"/office/lost?{asked}").status_code == 200, (sort, cursor)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_columns_are_chosen_and_the_address_remembers_them(cast: Cast, wu: Window) -> None:
    finds(cast)
    page = wu.opens("/office/lost?column=item&column=phone&column=%3Astate&view=all")
    assert page.html.count('<th scope="col" class="k-') == 3
    assert "columns=item%2Cphone%2C%3Astate" in page.links["State"], "to sort keeps them"
    assert "columns=item%2Cphone%2C%3Astate" in page.html
    assert "0139****0416" in page.html or "013****0416" in page.html
    assert PHONE not in page.html
    assert page.html.count('name="column"') > 6 and "sort=phone" not in page.html


def test_a_view_is_saved_shared_and_removed(
    site: Site, cast: Cast, wu: Window, window: Opening
) -> None:
    finds(cast)
    wanted = {"view": "all", "state": "kept", "columns": "item", "q": OWNER}
    page = wu.opens(f"/office/lost?{urlencode(wanted)}")
    form = page.form("/office/views/lost")
    for _twice in range(2):
        saved = wu.sends(form.action, **{**form.fields, "name": "在保管"})
        assert saved.links["在保管"] == "/office/lost?columns=item&state=kept&view=all"
    views = rows_of(site, "saved_view")
    assert len(views) == 1 and OWNER not in str(views), "what was searched for is not kept"
    foreign = {"name": "别处", "table": "lost", "address": "javascript:alert(1)"}
    assert cast.wu.does("saved_view.saved", cast.wu.new("saved_view"), **foreign).good
    assert "javascript" not in wu.opens("/office/lost").html
    chen = window("chen")
    assert "在保管" not in chen.opens("/office/lost").text, "it is Wu's own"
    assert names(chen.opens(saved.links["在保管"]), "蓝色雨伞"), "the link is for everybody"
    other = chen.sends("/office/views/lost", remove=next(iter(views)), act_id=form.fields["act_id"])
    assert other.status == 404
    here = wu.opens(saved.links["在保管"])
    gone = wu.fills_in(here, "/office/views/lost", remove=next(iter(views)))
    assert "在保管" not in gone.text
    assert wu.sends("/office/views/lost", name="x", query="a=1", table="//evil").address.startswith(
        "/office/lost"
    )


# ---------------------------------------------------------------------------- several rows at once


def chosen(wu: Window, *rows: str, verb: str = "returned") -> Page:
    """Open the form of an act for some rows."""
    asked = [("do", verb), ("table", "/office/lost"), *(("row", row) for row in rows)]
    return wu.opens(f"/office/several/lost?{urlencode(asked)}")


def sends(wu: Window, page: Page, *rows: str, **said: str) -> Page:
    """Send the form for the rows as they were when it was opened."""
    form = page.form("/office/several/lost")
    values = [row for row in _values(page) if row.split(" ")[0] in rows]
    return wu.sends(form.action, **{**form.fields, "row": values, **said})


def _values(page: Page) -> list[str]:
    return [part.split('"')[0] for part in page.html.split('name="row" value="')[1:]]


def test_one_form_is_an_act_for_each_row_and_twice_is_once(
    site: Site, cast: Cast, wu: Window
) -> None:
    some = [finds(cast, f"雨伞{n}") for n in range(3)]
    page = chosen(wu, *some)
    for _twice in range(2):
        done = sends(wu, page, *some, reason="本人来取")
        assert "Noted: 3" in done.text and "Did not go" not in done.text
    for record in some:
        found = site.record(record) or {}
        assert (found["state"], found["reason"], found["acts"]["n"]) == ("returned", "本人来取", 2)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_does_not_go_is_said_row_by_row_with_why(
    site: Site, cast: Cast, clock: Clock, wu: Window
) -> None:
    good, changed, done, gone = (finds(cast, f"东西{n}") for n in range(4))
    page = chosen(wu, good, changed, done)
    clock.passes(seconds=1)
    cast.chen.does("lost.edited", changed, field="item", old="东西1", new="别的")
    cast.chen.does("lost.returned", done)
    form = page.form("/office/several/lost")
    values = [*_values(page), f"{gone}x act:0", "person:wu act:0"]
    sent = wu.sends(form.action, **{**form.fields, "row": values})
    assert "Noted: 1" in sent.text and "Did not go: 4" in sent.text
    assert sent.text.count("Somebody changed this meanwhile") == 2
    assert sent.text.count("It is not there for you any more.") == 2
    assert [(site.record(one) or {})["state"] for one in (good, changed)] == ["returned", "kept"]
    late = chosen(wu, done, changed)
    assert "This cannot be said of it now: 已归还." in late.text and len(_values(late)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rights_are_those_of_the_moment_of_saying(
    site: Site, cast: Cast, clock: Clock, wu: Window
) -> None:
    record = finds(cast)
    page = chosen(wu, record)
    clock.passes(seconds=1)
    less = {"posts": ["cs_agent"], "places": ["place:lobby-2"]}
    site.record_act("person.changed", "person:wu", less, by="system:site")
    clock.passes(seconds=1)
    sent = sends(wu, page, record)
    assert "It is not there for you any more." in sent.text
    assert (site.record(record) or {})["state"] == "kept"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_act_that_is_no_act_for_several_is_not_found(cast: Cast, wu: Window) -> None:
    record = finds(cast)
    for verb in ("found", "revealed", "edited", "nonsense", ""):
        assert chosen(wu, record, verb=verb).status == 404
    assert wu.sends("/office/several/lost", do="returned", row=f"{record} x").status == 422
