"""A ward of forty beds is walked without a network, by two people on two tablets (RD-01 … RD-06).

Lin guides the lobby in which the ward lies, Chen supervises; Wu looks on in the office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.act import key_id
from tests.clock import DAY, MORNING
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide
from tests.tablet import until

pytestmark = pytest.mark.browser

WARD, BEDS = "place:ward", 40
TODAY = (MORNING + 8 * 3_600_000) // DAY
MONDAY = TODAY - (TODAY + 3) % 7
ROUND = key_id("round", [WARD, MONDAY, "week"])
LIST, ON = "/floor/round", "/floor/round/ward"


def bed(n: int) -> str:
    return f"place:bed-{n}"


def bedside(n: int, walk: str = ROUND) -> str:
    return key_id("bedside", [walk, bed(n)])


def opinion(n: int, about: str) -> str:
    return key_id("opinion", [bedside(n), about])


@pytest.fixture(scope="module")
def hospital(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The hospital with a ward of forty beds, in which nobody entered who lies."""
    made = Hospital(tmp_path_factory.mktemp("hospital"), generated)
    ward = {"name": "骨科病区", "kind": "ward", "inside": "place:lobby-1", "department": "骨科"}
    said: list[tuple[str, str, dict[str, Any]]] = [
        ("unit.added", "unit:bone", {"name": "骨科", "kind": "group", "head": "person:chen"}),
        ("place.added", WARD, ward),
        *(
            ("place.added", bed(n), {"name": f"{n} 床", "kind": "bed", "inside": WARD, "order": n})
            for n in range(1, BEDS + 1)
        ),
    ]
    with made._site(MORNING) as site:
        for act, record, data in said:
            assert site.record_act(act, record, data, by="system:site", at=MORNING).good
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def lin(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    return holds_a_tablet("lin")


@pytest.fixture(scope="module")
def chen(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    return holds_a_tablet("chen")


def goes_to(guide: Guide, n: int, word: str = "") -> None:
    guide.tablet.open(f"{ON}/bed/bed-{n}{word}")
    until(lambda: guide.tablet.page.locator("main").count(), "the page")


def chooses(guide: Guide, name: str, value: str) -> None:
    guide.tap(f'label:has(input[name="{name}"][value="{value}"])')


def all_well(guide: Guide, n: int) -> None:
    guide.tap(f'form[action="{ON}/bed/bed-{n}/well"] button')
    until(lambda: (guide.view(bedside(n)) or {}).get("state") == "asked", f"bed {n}")


def keeps(guide: Guide, n: int) -> dict[str, Any]:
    guide.tap('.foot button[form="asking"]')
    until(lambda: (guide.view(bedside(n)) or {}).get("state") == "asked", f"bed {n}")
    return guide.view(bedside(n)) or {}


def test_a_bed_where_all_is_well_takes_four_taps_without_a_network(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    for guide in (lin, chen):
        guide.syncs()
        guide.goes_offline()
    assert "已询问 0/40 床" in lin.looks_at(LIST)
    lin.taps = 0
    lin.tap(f'a[href="{ON}"]')
    lin.tablet.page.wait_for_selector(f'.bedtile[href="{ON}/bed/bed-1"]')
    lin.tap(f'.bedtile[href="{ON}/bed/bed-1"]')
    lin.tablet.page.wait_for_selector(f'form[action="{ON}/bed/bed-1/well"]')
    all_well(lin, 1)
    until(lambda: "2 床" in lin.tablet.text(".who-head"), "the next bed")
    lin.tap(f'.who-head a[href="{ON}"]')
    until(lambda: lin.tablet.page.locator(".bedtile.done").count() == 1, "the ward")
    assert lin.taps <= 4
    walk = lin.view(ROUND) or {}
    assert (walk["begun_by"], walk["shift"]) == ("person:lin", "week"), "the first bed begins it"
    one = lin.view(bedside(1)) or {}
    assert (one["comfort"], one["doctor_visited"], one["satisfied"]) == (["fine"], "came", 3)


def test_what_is_heard_is_somebodys_before_the_bed_is_left(hospital: Hospital, lin: Guide) -> None:
    page = lin.tablet.page
    goes_to(lin, 2)
    chooses(lin, "comfort", "sleep")
    chooses(lin, "doctor_visited", "absent")
    chooses(lin, "doctor", "doctor:he")
    chooses(lin, "satisfied", "2")
    page.fill("[name=words]", "晚上走廊太吵")
    one = keeps(lin, 2)
    absent = lin.view(opinion(2, "doctor_visit")) or {}
    assert (absent["owner"], absent["unit"], absent["doctor"]) == (
        *("person:lin", "unit:bone"),
        "doctor:he",
    )
    for about in ("care", "service"):
        assert (lin.view(opinion(2, about)) or {})["words"] == "晚上走廊太吵", about
    assert one["made_opinion"] in (opinion(2, "care"), opinion(2, "service"))

    goes_to(lin, 3)
    chooses(lin, "heard", "to_do")
    lin.tap('.foot button[form="asking"]')
    page.wait_for_selector(".problems")
    assert lin.view(bedside(3)) is None, "nothing is kept without their words"
    page.fill("[name=words]", "床头灯坏了")
    one = keeps(lin, 3)
    task = lin.view(one["made_task"]) or {}
    assert (task["words"], task["subject"], task["owner"]) == (
        *("床头灯坏了", bedside(3)),
        "person:lin",
    )

    goes_to(lin, 4)
    chooses(lin, "heard", "thanks")
    page.fill("[name=words]", "陈护士很耐心")
    lin.tap('label:has(input[name="people"][value="person:chen"])')
    praise = lin.view(keeps(lin, 4)["made_praise"]) or {}
    assert (praise["people"], praise["how"]) == (["person:chen"], "words")

    goes_to(lin, 5)
    chooses(lin, "heard", "grievance")
    page.fill("[name=words]", "等了两天没人管")
    complaint = lin.view(keeps(lin, 5)["made_complaint"]) or {}
    assert (complaint["place"], complaint["words"]) == (WARD, "等了两天没人管")
    assert complaint["number"].startswith("T-")


def test_the_patient_answers_alone_and_a_crash_loses_nothing(
    hospital: Hospital, lin: Guide, tmp_path: Path
) -> None:
    goes_to(lin, 6, "/ask")
    page = lin.tablet.page
    assert page.locator(".tabs, .strip, #dock").count() == 0, "nothing of ours"
    for name, value in (("comfort", "meals"), ("doctor_visited", "came"), ("satisfied", "4")):
        assert page.locator("h1").count() == 1
        lin.tap(f'button[name="{name}"][value="{value}"]')
        page.wait_for_selector(f'button[name="{name}"]', state="detached")
    assert "谢谢" in page.locator("h1").inner_text()
    assert lin.view(bedside(6)) is None, "who walks the round keeps it"
    lin.tablet.kill_browser()
    lin.tablet.start()
    page = lin.tablet.page
    goes_to(lin, 6)
    assert page.locator('[name="satisfied"][value="4"]').is_checked()
    one = keeps(lin, 6)
    assert (one["comfort"], one["satisfied"]) == (["meals"], 4)
    assert (lin.view(opinion(6, "meals")) or {})["state"] == "received"
    lin.network.become("perfect")
    lin.signs_in_again()  # the browser forgot who it was when it died


def test_two_people_walk_one_ward_and_another_goes_on(
    hospital: Hospital, lin: Guide, chen: Guide
) -> None:
    goes_to(chen, 1)
    all_well(chen, 1)
    until(lambda: "2 床" in chen.tablet.text(".who-head"), "the next bed")
    goes_to(chen, 7)
    chen.tap(".others summary")
    chen.tap('button[name="not_asked"][value="asleep"]')
    until(lambda: (chen.view(bedside(7)) or {}).get("state") == "passed", "bed 7")
    chen.comes_back()
    lin.comes_back()
    walk = hospital.comes_to_have(ROUND, state="due", unsettled=[])
    assert walk["begun_by"] == "person:lin"
    one = hospital.comes_to_have(bedside(1), unsettled=[])
    assert one["asked_by"] == "person:lin", "one record of the bed, the first answer stays"
    chen.syncs()
    assert "已询问 6 床，还有 34 床" in chen.looks_at(ON)
    assert "睡着" in chen.tablet.page.locator(f'.bedtile[href="{ON}/bed/bed-7"]').inner_text()
    heard = chen.tablet.text(".heard")
    for words in ("晚上走廊太吵", "床头灯坏了", "陈护士很耐心", "等了两天没人管"):
        assert words in heard, "who goes on sees what was heard, and where it is"


def test_forty_beds_are_walked_and_the_next_round_says_first_what_became_of_it(
    hospital: Hospital, lin: Guide, chen: Guide, at_a_desk: Callable[[str], Desk]
) -> None:
    chen.goes_offline()
    goes_to(chen, 7)
    all_well(chen, 7)
    for n in range(8, BEDS + 1):
        chen.tablet.page.wait_for_selector(f'form[action="{ON}/bed/bed-{n}/well"]')
        all_well(chen, n)
    until(lambda: "已询问 40 床，还有 0 床" in chen.tablet.text(), "every bed")
    chen.tap(f'a[href="{ON}/finished"]')
    chen.tablet.page.wait_for_selector("form.sheet")
    assert chen.tablet.page.locator("form.sheet [name=reason]").count() == 0
    chen.tablet.page.fill("form.sheet [name=words]", "夜间噪音要管")
    chen.tap("form.sheet button.act")
    until(lambda: (chen.view(ROUND) or {}).get("state") == "finished", "the round")
    chen.comes_back()
    done = hospital.comes_to_have(ROUND, state="finished", beds=BEDS, left=0)
    assert done["finished_by"] == "person:chen"

    wu = at_a_desk("wu")
    listed = wu.opens("/office/rounds")
    assert "40/40" in listed and "陈静" in listed and "晚上走廊太吵" in listed
    chen.tablet.open(f"/floor/opinion/{opinion(2, 'care').partition(':')[2]}/answered")
    chen.tablet.page.wait_for_selector("[name=measures]")
    chen.tablet.page.fill("[name=measures]", "走廊夜间关门，护士放轻脚步")
    chen.tap(".foot .act")
    until(lambda: (chen.view(opinion(2, "care")) or {}).get("state") == "answered", "the answer")
    chen.syncs()
    lin.syncs()
    lin.goes_offline()
    goes_to(lin, 2)
    became = lin.tablet.text(".heard.first")
    assert "走廊夜间关门，护士放轻脚步" in became and "待告知病人" in became
    top = lin.tablet.page.locator(".heard.first").bounding_box()
    asked = lin.tablet.page.locator("#asking").bounding_box()
    assert top and asked and top["y"] < asked["y"], "what became of it stands first"
    lin.tap(f'form[action="{ON}/bed/bed-2/told"] button')
    until(lambda: (lin.view(opinion(2, "care")) or {}).get("state") == "told", "it to be told")
    lin.comes_back()
    hospital.comes_to_have(opinion(2, "care"), state="told", told_by="person:lin")


def test_a_week_later_every_bed_is_overdue_and_wishes_are_known_to_whom_they_were_told(
    hospital: Hospital, lin: Guide
) -> None:
    lin.goes_offline()
    page = lin.tablet.page
    again = key_id("round", [WARD, TODAY, "morning"])  # that of the week is finished
    for n, name in ((10, "consent"), (11, "")):
        goes_to(lin, n)
        lin.tap("details.rest summary")
        page.fill("[name=preferences]", "爱喝热水，怕冷")
        if name:
            chooses(lin, name, "yes")
        lin.tap('.foot button[form="asking"]')
        if not name:
            page.wait_for_selector(".problems")  # nobody said yes to that
        else:
            kept = bedside(n, again)
            until(lambda kept=kept: (lin.view(kept) or {}).get("consent") == "yes", "the wishes")
    assert lin.view(bedside(11, again)) is None
    lin.waits(minutes=8 * 24 * 60)
    lin.tablet.open(ON)
    until(lambda: page.locator(".bedtile.over").count() == BEDS, "forty overdue beds")
    assert "超期 40 床" in lin.tablet.text() and "8 天未询问" in lin.tablet.text()
    goes_to(lin, 10)
    assert "爱喝热水，怕冷" in lin.tablet.text(), "told once, known at the next round"
    lin.tap("details.rest summary")
    chooses(lin, "who", "new")
    lin.tap('.foot button[form="asking"]')
    walk = key_id("round", [WARD, MONDAY + 7, "week"])
    until(lambda: (lin.view(bedside(10, walk)) or {}).get("who") == "new", "somebody else")
    goes_to(lin, 10)
    assert "爱喝热水，怕冷" not in lin.tablet.text(), "what the one before said is nobody's"
    assert page.locator(".bedtile.over").count() == BEDS - 1
