"""The administrator's pages: people, settings, tablets, the directory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.database.tables import acts, devices
from server.http import tablet_files
from tests.cast import Cast
from tests.clock import DAY, HOUR, MINUTE, Clock
from tests.server.office.test_tables import complains, waits
from tests.server.office.window import Window

Opening = Callable[..., Window]


def test_wu_adds_a_guide_who_can_sign_in(site: Site, wu: Window, window: Opening) -> None:
    form = wu.opens("/office/people?add=1")
    answer = wu.fills_in(
        form, "/office/people", name="李四", login="Li", password="a good one",
        posts=["guide"], places=["place:lobby-1"],
    )  # fmt: skip
    assert answer.address == "/office/people/li"
    person = site.person("person:li")
    assert person is not None and person["posts"] == ["guide"]
    assert window().signs_in("li", "a good one").address == "/floor/lobby"


def test_a_password_is_never_in_an_act_nor_in_clear(site: Site, wu: Window) -> None:
    form = wu.opens("/office/people?add=1")
    wu.fills_in(form, "/office/people", name="李四", login="li", password="kein-klartext-9")
    with site.reading() as connection:
        bodies = connection.execute(sa.select(acts.c.body)).scalars().all()
        dump = str(connection.exec_driver_sql("select * from accounts").all())
    assert not any(b"kein-klartext-9" in body for body in bodies)
    assert "kein-klartext-9" not in dump and "$argon2id$" in dump


def test_a_form_of_a_person_says_what_is_wrong_and_keeps_the_rest(wu: Window) -> None:
    form = wu.opens("/office/people?add=1")
    answer = wu.fills_in(form, "/office/people", name="李四", login="wu", password="short")
    assert answer.status == 422 and "李四" in answer.html
    assert "Choose another." in answer.text and "At least 8 characters." in answer.text


def test_a_post_given_in_the_office_opens_the_door_at_once(
    site: Site, clock: Clock, wu: Window, window: Opening
) -> None:
    zhao = window("zhao")
    assert "no post yet" in zhao.opens("/").text
    form = wu.opens("/office/people/zhao")
    clock.passes(seconds=1)
    wu.fills_in(
        form, "/office/people/zhao", name="赵敏", posts=["cs_agent"], places=["place:site"],
        active="yes",
    )  # fmt: skip
    clock.passes(seconds=1)
    assert zhao.opens("/office/complaints").status == 200
    person = site.person("person:zhao")
    assert person is not None and person["acts"]["recent"][-1]["by"] == "person:wu"


def test_a_new_password_ends_every_session(wu: Window, window: Opening) -> None:
    chen = window("chen")
    page = wu.opens("/office/people/chen")
    assert "Signed in now" in page.text
    answer = wu.fills_in(page, "/password", login="chen", password="another one")
    assert "Every earlier sign-in has ended." in answer.text
    assert chen.opens("/office/").address == "/sign-in"
    assert chen.signs_in("chen", "another one").address == "/office/"


def test_wu_cannot_lock_herself_out(wu: Window) -> None:
    form = wu.opens("/office/people/wu")
    answer = wu.fills_in(form, "/office/people/wu", name="吴建国", posts=["admin"], active="no")
    assert answer.status == 422 and "You cannot end your own work here." in answer.text


# Settings


def test_every_number_stands_there_with_unit_and_rule(wu: Window) -> None:
    page = wu.opens("/office/settings")
    assert page.row("Bring water after sitting down").startswith(
        "Bring water after sitting down W-02 5 minutes 5 minutes"
    )
    assert page.row("Solve a general complaint").startswith(
        "Solve a general complaint C-03 3 working days"
    )


def test_a_change_shows_first_which_clocks_it_moves(
    site: Site, clock: Clock, cast: Cast, wu: Window
) -> None:
    waits(cast, "司徒青云")
    clock.passes(minutes=3)
    page = wu.opens("/office/settings/waiting.water_after")
    seen = wu.fills_in(page, "/waiting.water_after", value="2", reason="试一周", step="look")
    assert "2 open clocks move" in seen.text
    assert "1 of them would be late at once" in seen.text
    assert "Give water" in seen.text
    assert site.settings()["waiting.water_after"]["value"] == 5
    done = wu.fills_in(seen, "/waiting.water_after", value="2", reason="试一周", step="do")
    assert "试一周" in done.text
    assert site.settings()["waiting.water_after"]["value"] == 2
    record = site.record("setting:waiting.water_after")
    assert record is not None and record["acts"]["recent"][-1]["by"] == "person:wu"


def test_a_number_needs_a_reason_and_must_be_one(site: Site, wu: Window) -> None:
    page = wu.opens("/office/settings/waiting.water_after")
    assert "New value minutes" in page.text
    answer = wu.fills_in(page, "/waiting.water_after", value="a few", reason="", step="do")
    assert answer.status == 422
    assert "Write a whole number." in answer.text and "Fill this in." in answer.text
    assert site.settings()["waiting.water_after"]["value"] == 5


KEY = "photo.quality"
SORTS: list[tuple[str, dict[str, Any], str, str, Any]] = [
    ("fen", {}, "12.5", "12.50 yuan", 12_50),
    ("pt", {"least": -9}, "-5", "-5 points", -5),
    ("hour", {"most": 1_439}, "8:30", "08:30", 510),
    ("choice", {"choices": [["low", "Low"], ["high", "High"]]}, "high", "High", "high"),
    ("post", {"least": 1}, "gm", "General manager", ["gm"]),
    ("list", {"least": 1}, "a b", "a, b", ["a", "b"]),
]


@pytest.mark.parametrize(("unit", "more", "said", "shown", "value"), SORTS)
def test_a_setting_of_every_sort_is_changed_where_it_stands(
    site: Site,
    wu: Window,
    monkeypatch: pytest.MonkeyPatch,
    unit: str,
    more: dict[str, Any],
    said: str,
    shown: str,
    value: Any,
) -> None:
    """And what is none is said to be none."""
    key, plain = KEY, site.declarations["settings"][KEY]
    one = {**plain, "least": 0, "most": 9_999, "value": None, "may_lack": True, "unit": unit}
    numbers = site.declarations["settings"]
    monkeypatch.setitem(numbers, key, {**one, **more})
    other = {"value": 60, "reason": "so that settings are read anew"}
    assert site.record_act(
        "setting.changed", "setting:alarm.again_after", other, by="system:site"
    ).good
    cold = wu.opens(f"/office/settings/{key}")
    if unit != "list":  # anything is a word
        assert wu.fills_in(cold, key, value="guess?", reason="试行", step="do").status == 422
    done = wu.fills_in(cold, key, value=said, reason="试一周", step="do")
    assert shown in done.text, done.text
    assert site.settings()[key]["value"] == value


def test_a_setting_that_does_not_exist_is_not_found(wu: Window) -> None:
    assert wu.opens("/office/settings/waiting.nothing").status == 404


def test_calendars_stand_below_the_numbers(site: Site, wu: Window) -> None:
    first = 20_454  # 2026-01-01
    said = {"off": [first, first + 1], "work": [first + 3], "official": True, "source": "holidays"}
    site.record_act("calendar.published", "calendar:2026", said, by="system:site")
    page = wu.opens("/office/settings")
    assert "01-01 – 01-02" in page.text and "01-04" in page.text and "official" in page.text


# Tablets


def test_a_tablet_that_is_silent_with_old_entries_stands_first(
    site: Site, clock: Clock, wu: Window
) -> None:
    plain = {"person": "person:lin", "version": "x", "offset_ms": 100, "persisted": 1}
    rows = [
        {"id": "device:GOOD", "last_seen_at": clock() - 9_000, "waiting": 0, "oldest_at": None},
        {
            "id": "device:LATE",
            "last_seen_at": clock() - 2 * DAY,
            "waiting": 7,
            "oldest_at": clock() - 5 * HOUR,
            "offset_ms": 41 * MINUTE,
        },
    ]
    with site.writing() as connection:
        for row in rows:
            connection.execute(sa.insert(devices).values({**plain, **row}))
    page = wu.opens("/office/devices")
    assert page.text.index("LATE") < page.text.index("GOOD")
    late = page.row("LATE")
    assert "7" in late and "5 h" in late and "41 min" in late
    assert "GOOD" not in wu.opens(page.links["Entries still on it"]).text


def test_tablets_are_listed_while_a_new_version_is_built(
    wu: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablet_files, "static_folder", lambda: tmp_path)
    assert wu.opens("/office/devices").status == 200


# The directory


def test_a_kind_without_templates_has_a_table_a_form_and_a_page(site: Site, wu: Window) -> None:
    form = wu.opens("/office/records/doctor?add=1")
    answer = wu.fills_in(
        form, "/office/records/doctor", name="贺连舟", rank="chief", department="骨科"
    )
    assert "贺连舟" in answer.text and answer.address.startswith("/office/records/doctor/")
    table = wu.opens("/office/records/doctor")
    assert "Chief physician" in table.row("贺连舟")
    change = wu.opens(f"{answer.address}?do=changed")
    wu.fills_in(change, "/do/changed", name="贺连舟", rank="associate", department="骨科")
    record = site.record("doctor:" + answer.address.rpartition("/")[2])
    assert record is not None and record["rank"] == "associate"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_unit_has_a_head_members_and_is_never_inside_itself(site: Site, wu: Window) -> None:
    form = wu.opens("/office/records/unit?add=1")
    said = {"name": "急诊科", "kind": "department", "head": "person:chen"}
    added = wu.fills_in(form, "/office/records/unit", **said)
    unit = "unit:" + added.address.rpartition("/")[2]
    assert "head@" + unit in site.rights("person:chen").channels
    person = wu.opens("/office/people/lin")
    assert "急诊科" in person.text
    kept = {"name": "林小美", "posts": ["guide"], "places": ["place:lobby-1"], "active": "yes"}
    wu.fills_in(person, "/office/people/lin", **kept, units=[unit])
    assert unit in site.rights("person:lin").units
    change = wu.opens(f"{added.address}?do=changed")
    wrong = wu.fills_in(change, "/do/changed", **said, inside=unit)
    assert wrong.status == 422 and "Not itself" in wrong.text


def test_every_declared_kind_has_a_way_in(site: Site, wu: Window) -> None:
    page = wu.opens("/office/records")
    for kind, declared in site.declarations["records"].items():
        assert declared["label"] in page.text, kind
        target = page.links[declared["label"]]
        assert wu.opens(target).status == 200, target


def test_nobody_adds_what_their_post_does_not_allow(cast: Cast, window: Opening) -> None:
    chen = window("chen")
    assert "Add" not in chen.opens("/office/records/doctor").links
    assert chen.sends("/office/records/doctor", name="x", act_id="act:" + "0" * 26).status == 404
    complains(cast)
    assert chen.sends("/office/settings/waiting.water_after", value="1", reason="x").status == 404
