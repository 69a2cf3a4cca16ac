"""What is open is the same in the menu, in the tables and in what a new tablet gets first."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from server.acts.site import Site
from server.rules import settle
from sync.act import key_id
from tests.cast import Cast
from tests.clock import Clock
from tests.databases import USUAL
from tests.server.clockwork import Clockwork
from tests.server.in_process import Inside, inside
from tests.server.quality import UNIT, beats, of_kind, opened, record_of, the, walked
from tests.sync.telling import moment

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)
TODAY = 20_782


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    """The site on a Wednesday at six, with a week of checks planned ahead."""
    return opened(site, clock)


def in_menu(inner: Inside, kind: str) -> int:
    """Return the number that stands beside a kind in the menu of the office."""
    page = inner.ask("wu", "GET", "/office/menu").text
    found = re.search(rf'href="/office/records/{kind}".*?</span>(?:<b>(\d+)</b>)?</a>', page)
    assert found, page
    return int(found[1] or 0)


def in_table(inner: Inside, kind: str) -> str:
    return inner.ask("wu", "GET", f"/office/records/{kind}?size=200").text


def first_of(inner: Inside, kind: str) -> list[str]:
    """Return what a new tablet gets of a kind before anything that is done."""
    ids, since, phase = [], "0", ""
    while True:
        path = f"/sync/demo/_changes?include_docs=true&slice=now&since={since}&limit=200"
        page = orjson.loads(inner.ask("wu", "GET", path).text)
        for row in page["results"]:
            if row["id"].startswith(f"{kind}:"):
                ids.append(row["id"])
        since, phase = page["last_seq"], page["pending"]
        if not phase:
            return ids


def completes(site: Site, cast: Cast, template: str) -> str:
    check = the(site, template)
    assert cast.lin.does("check.completed", check, **walked(template)).good
    return check


def test_a_check_is_open_while_it_is_to_be_walked_or_looked_at_and_today_counts(
    site: Site, cast: Cast
) -> None:
    """O-09, CL-01: what is complete is done, unless its list is looked at afterwards."""
    today = [one for one in of_kind(site, "check", state="due") if one["day"] == TODAY]
    whole = of_kind(site, "check", state="due")
    assert len(whole) > 3 * len(today), "a week is planned"
    with inside(site) as inner:
        assert in_menu(inner, "check") == len(today)
        done, cleaned = completes(site, cast, "opening"), completes(site, cast, "cleaning")
        states = [record_of(site, one)["state"] for one in (done, cleaned)]
        assert states == ["complete", "to_review"]
        assert in_menu(inner, "check") == len(today) - 1
        page = in_table(inner, "check")
        assert cleaned.partition(":")[2] in page and done.partition(":")[2] not in page
        order = first_of(inner, "check")
        assert order.index(cleaned) < order.index(done) == len(order) - 1, "what is done comes last"


def test_a_list_that_is_looked_at_is_judged_by_what_the_act_itself_took(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Two tablets without a network complete one sheet: who comes second says what holds."""
    check = completes(site, cast, "cleaning")
    clock.passes(minutes=1)
    assert cast.chen.does("check.completed", check, **walked("cleaning")).good
    found = record_of(site, check)
    assert (found["state"], found["unsettled"]) == ("to_review", [])
    assert found["completed_by"] == "person:lin"


def test_hours_are_open_until_their_day_is_over_and_who_was_not_told_still_is_to_be(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """AP-01, AP-02: a doctor was away; the day ends, and the client does not know yet."""
    doctor = "doctor:he"
    said: dict[str, Any] = {"name": "贺连舟", "place": "place:lobby-1", "mornings": ["wed"]}
    assert site.record_act("doctor.added", doctor, said, by="system:site").good
    settle.work(site)
    hours = key_id("clinic", [doctor, TODAY, "morning"])
    booking = cast.lin.new("appointment")
    client = {"name": "白露", "phone": "13955550416", "doctor": doctor, "place": "place:lobby-1"}
    slot = {"day": TODAY, "session": "morning"}
    assert cast.lin.does("appointment.booked", booking, **client, **slot).good
    clock.passes(minutes=1)
    assert cast.lin.does("clinic.absent", hours, reason="急诊手术").good
    settle.work(site)
    assert record_of(site, booking)["touched"] == "yes"
    with inside(site) as inner:
        assert hours in first_of(inner, "clinic")
        beats(site, clock, "2026-11-25 18:01")
        found = record_of(site, hours)
        assert (found["state"], found["change"]) == ("over", "absent")
        assert record_of(site, booking)["touched"] == "yes", "nobody told the client"
        assert record_of(site, booking)["state"] == "booked", "who was not told did not miss it"
        assert Clockwork(site, clock).steps(booking, "appointment_affected")


def test_a_notice_that_was_seen_is_open_no_more(site: Site, cast: Cast, clock: Clock) -> None:
    beats(site, clock, "2026-11-25 08:45")
    notice = of_kind(site, "notice", to="person:chen", state="told")[0]["_id"]
    assert cast.chen.does("notice.seen", notice).good
    assert record_of(site, notice)["state"] == "seen"
    annulled = of_kind(site, "notice", to="person:chen", state="told")[0]["_id"]
    assert site.record_act("notice.annulled", annulled, {}, by="system:clock").good
    assert cast.chen.does("notice.seen", annulled).good
    assert record_of(site, annulled)["state"] == "annulled", "it is seen, and still does not hold"


def test_a_proposal_about_somebody_is_hidden_from_them_whatever_post_they_hold(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """P-17, PR-03: Wu is the manager, who sees all conduct but what is proposed about Wu."""
    conduct = cast.chen.new("conduct")
    said = {"person": "person:wu", "kind": "appearance", "day": TODAY, "words": "没戴工牌"}
    assert cast.chen.does("conduct.proposed", conduct, **said, unit=UNIT).good
    other = cast.chen.new("conduct")
    assert cast.chen.does("conduct.proposed", other, **{**said, "person": "person:lin"}).good
    with inside(site) as inner:
        assert first_of(inner, "conduct") == [other]
        rest = conduct.partition(":")[2]
        assert inner.ask("wu", "GET", f"/sync/demo/{conduct}").status_code == 404
        assert inner.ask("wu", "GET", f"/office/records/conduct/{rest}").status_code == 404
        assert rest not in in_table(inner, "conduct") and in_menu(inner, "conduct") == 1
        for at in ("2026-11-30 18:00", "2026-12-01 18:00", "2026-12-02 18:00"):
            beats(site, clock, at)
        told = {one["to"] for one in of_kind(site, "notice", about=conduct)}
        assert told and "person:wu" not in told
        clock.at = moment("2026-12-02 18:05")
        ground = {"person": "person:wu"}
        decided = site.record_act("conduct.stands", conduct, ground, by="person:deputy-director")
        assert decided.good and record_of(site, conduct)["state"] == "stands"
        inner.sign_in("wu")
        assert conduct in first_of(inner, "conduct"), "once it is decided they hear of it"
        assert cast.wu.does("conduct.heard", conduct, answer="工牌掉了").good
