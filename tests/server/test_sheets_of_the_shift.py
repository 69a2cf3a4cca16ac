"""What a shift hands over and whose turn it is: counts that differ, the cleaning roster, papers.

Lin guides in lobby 1, Chen supervises, Wu is the manager.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.acts.site import Site
from server.rules import settle, waking
from sync.shipped.checklists import keyed
from tests.cast import Cast
from tests.clock import Clock
from tests.databases import USUAL
from tests.server.clockwork import Clockwork
from tests.server.in_process import inside
from tests.server.quality import (
    beats,
    knowing,
    of_kind,
    opened,
    record_of,
    the,
    told,
    walked,
)
from tests.sync.telling import moment

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)
TODAY = 20_782
PLACE = "place:lobby-1"


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site on a Wednesday at six."""
    return opened(site, clock)


# ------------------------------------------------------------------------- E-03: 班班交接


def counted(site: Site, cast: Cast, clock: Clock, **others: int) -> dict[str, Any]:
    """Let Wu say how many there should be, and Lin count at noon; return the check."""
    should = keyed("goods", {"wheelchairs": 2, "umbrellas": 2}, "goods")
    assert knowing(site, cast.wu, "checklist.changed", "checklist:goods", should=should).good
    clock.at = moment("2026-11-25 12:10")
    check = the(site, "goods")
    said = walked("goods")
    said["counts"] |= keyed("goods", others, "goods")
    more = {"should": should, "difference": "一把伞借出未还"} if others else {"should": should}
    assert cast.lin.does("check.completed", check, **said, **more).good
    settle.work(site)
    return record_of(site, check)


def test_e_03_a_shift_hands_over_when_every_good_is_counted(
    site: Site, cast: Cast, clock: Clock
) -> None:
    clock.at = moment("2026-11-25 12:10")
    check, said = the(site, "goods"), walked("goods")
    said["counts"].popitem()
    assert cast.lin.does("check.completed", check, **said).good
    assert [one["reason"] for one in record_of(site, check)["unsettled"]] == ["incomplete"]
    clock.passes(minutes=1)
    assert cast.chen.does("check.completed", check, **walked("goods")).good
    assert record_of(site, check)["state"] == "complete"
    assert "tally" not in record_of(site, check), "nobody said how many there should be"


def test_e_03_a_list_without_goods_asks_for_no_counts(site: Site, cast: Cast) -> None:
    check = the(site, "cleaning")
    assert cast.lin.does("check.completed", check, **walked("cleaning")).good
    assert record_of(site, check)["unsettled"] == []


def test_e_03_what_agrees_is_said_so_and_leaves_nothing_to_do(
    site: Site, cast: Cast, clock: Clock
) -> None:
    assert counted(site, cast, clock)["tally"] == "same"
    assert of_kind(site, "rectification") == []


def test_e_03_a_difference_is_noted_and_somebody_settles_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    check = counted(site, cast, clock, umbrellas=1)
    assert (check["tally"], check["difference"]) == ("differs", "一把伞借出未还")
    (notice,) = of_kind(site, "rectification", state="draft")
    assert (notice["words"], notice["place"]) == ("一把伞借出未还", PLACE)
    assert notice["check"] == check["_id"]
    beats(site, clock, "2026-11-25 13:10")
    assert ("2026-11-25 13:10", "person:chen") in told(site, notice["_id"], "rectification_draft")
    assert knowing(
        site, cast.chen, "rectification.dropped", notice["_id"], reason="已还，重新清点无误"
    ).good


# ------------------------------------------------------------------ CL-01: the cleaning roster


def cleaners(site: Site, day: int) -> list[str]:
    found = of_kind(site, "check", template="checklist:cleaning", place=PLACE, day=day)
    return list(found[0].get("people") or [])


def rostered(site: Site, cast: Cast, *people: str) -> None:
    said = {"cleaners": [f"person:{one}" for one in people]}
    assert knowing(site, cast.chen, "place.rostered", PLACE, **said).good
    settle.work(site)


def test_cl_01_whoever_is_on_the_cleaning_roster_has_the_area_in_turn(
    site: Site, cast: Cast, clock: Clock
) -> None:
    assert cleaners(site, TODAY) == [], "nobody is listed"
    clock.passes(minutes=1)
    rostered(site, cast, "lin", "cs-agent")
    days = [cleaners(site, TODAY + n) for n in range(3)]
    assert sorted(map(str, days[:2])) == ["['person:cs-agent']", "['person:lin']"]
    assert days[0] == days[2] != days[1]
    clock.at = moment("2026-11-25 08:50")
    beats(site, clock, "2026-11-25 08:50")
    check = the(site, "cleaning")
    people = [person for _, person in told(site, check, "check_due")]
    assert days[0][0] in people, "whose turn it is hears of what is not done"


def test_cl_01_who_left_has_no_turn_and_the_supervisor_may_say_otherwise(
    site: Site, cast: Cast, clock: Clock
) -> None:
    clock.passes(minutes=1)
    rostered(site, cast, "lin", "cs-agent")
    clock.passes(minutes=1)
    assert site.record_act(
        "person.changed", "person:cs-agent", {"active": False}, by="system:site"
    ).good
    clock.at = moment("2026-11-26 00:10")
    waking.midnight(site)
    Clockwork(site, clock).beats()
    settle.work(site)
    assert {*map(str, (cleaners(site, TODAY + n) for n in (1, 2)))} == {"['person:lin']"}
    (check,) = of_kind(site, "check", template="checklist:cleaning", place=PLACE, day=TODAY + 1)
    said = {"people": ["person:chen"]}
    assert knowing(site, cast.chen, "check.assigned", check["_id"], **said).good
    clock.passes(minutes=1)
    rostered(site, cast, "wu")
    assert cleaners(site, TODAY + 1) == ["person:chen"], "what somebody said stands"
    assert cleaners(site, TODAY + 2) == ["person:wu"]
    verdict = cast.lin.does("place.rostered", PLACE, cleaners=["person:lin"])
    assert verdict.code == "not_your_post"


# -------------------------------------------------------------------------------- the papers


def test_f_27_and_f_28_the_paper_says_who_was_urged_and_warned(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """I-03: place, day, findings; that the responsible was urged and the supervisor warned."""
    check = counted(site, cast, clock, umbrellas=1)
    (notice,) = of_kind(site, "rectification", state="draft")
    said = {"responsible": "person:lin", "finding": "伞不够", "limit_on": TODAY + 1}
    assert knowing(site, cast.chen, "rectification.issued", notice["_id"], **said).good
    for at in ("2026-11-26 14:00", "2026-11-26 18:00"):
        beats(site, clock, at)
    with inside(site) as inner:
        for one, words in (
            (notice["_id"], ("一号大厅", "伞不够", "林", "按期整改", "已到期限：警告")),
            (check["_id"], ("一号大厅", "2026", "一把伞借出未还")),
        ):
            kind, _, rest = one.partition(":")
            page = inner.ask("wu", "GET", f"/office/records/{kind}/{rest}/form")
            assert page.status_code == 200
            assert [word for word in words if word not in page.text] == [], page.text
