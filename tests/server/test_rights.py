"""Access rights: who may do and see what, judged at the moment at which it was done."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

import sync
from server.acts.access import Actor, Rights, deciders, may_say
from server.acts.site import Site
from sync.act import make
from sync.posts import ADMINS, DECIDERS, DESK, FLOOR
from tests.cast import PEOPLE, Cast, Tablet
from tests.clock import DAY, HOUR, MINUTE, Clock
from tests.server import database_rows
from tests.server.in_process import inside

DECLARED = sync.declarations()
POSTS = {name.partition(":")[2]: set(said["posts"]) for name, said in PEOPLE.items()}


def everything_that_may_be_said() -> list[tuple[str, set[str]]]:
    """Return (act, posts that may say it) for every act there is, engine's own included."""
    found = [(name, set(act["who"])) for name, act in DECLARED["acts"].items()]
    for kind, record in DECLARED["records"].items():
        found += [
            (f"{kind}.undone", {"anybody"}),
            (f"{kind}.decided", set(deciders(record))),
            (f"{kind}.edited", set(record["editors"])),
            (f"{kind}.rung_reached", {"system"}),
            (f"{kind}.rung_annulled", {"system"}),
        ]
    return found


@pytest.mark.parametrize("name", sorted(POSTS))
def test_the_matrix_of_rights(name: str) -> None:
    rights = Rights(f"person:{name}", posts=frozenset(POSTS[name]), active=True)
    for act, who in everything_that_may_be_said():
        said = make(
            act,
            act.partition(".")[0] + ":x",
            {},
            at=0,
            by=rights.person,
            device="d",
            site="demo",
            identifier="act:x",
        )
        allowed = may_say(DECLARED, said, rights) is None
        assert allowed == ("anybody" in who or bool(who & POSTS[name])), act


def test_nobody_says_what_only_the_clock_says() -> None:
    everybody = Rights("person:x", posts=frozenset(DECLARED["posts"]), active=True)
    for act, who in everything_that_may_be_said():
        if who == {"system"}:
            said = {"act": act}
            assert may_say(DECLARED, said, everybody) == "system_only"


def test_whoever_left_may_say_nothing() -> None:
    gone = Rights("person:x", posts=frozenset(DECLARED["posts"]), active=False)
    assert may_say(DECLARED, {"act": "notice.seen"}, gone) == "not_here"
    assert gone.channels == frozenset()


def test_the_posts_of_the_cast_are_what_the_tests_think() -> None:
    assert POSTS["lin"] <= set(FLOOR) and not POSTS["lin"] & set(DECIDERS)
    assert POSTS["chen"] <= set(DECIDERS) and not POSTS["chen"] & set(ADMINS)
    assert POSTS["wu"] & set(DESK) and POSTS["wu"] & set(ADMINS)
    assert POSTS["zhao"] == set()


def changes(
    site: Site, record: str, by: str = "person:wu", at: int | None = None, **data: Any
) -> None:
    """Somebody of the office changes a record that they see as it is."""
    name = record.partition(":")[0] + ".changed"
    seen = database_rows.one(site, record)["acts"]["last"]
    assert site.record_act(name, record, data, by=by, at=at, seen=seen).good
    assert database_rows.one(site, record)["unsettled"] == []


def code(site: Site, tablet: Tablet, act: str, record: str, **said: Any) -> str | None:
    return tablet.does(act, record, **said).code


@pytest.mark.parametrize(
    ("who", "place", "answer"),
    [
        ("lin", "place:lobby-1", None),
        ("lin", "place:lobby-2", "not_your_place"),
        ("lin", "place:floor-1", "not_your_place"),
        ("lin", "place:nowhere", "not_your_place"),
        ("chen", "place:lobby-1", None),
        ("chen", "place:lobby-2", None),
        ("chen", "place:area-2", "not_your_place"),
        ("wu", "place:area-2", None),
        ("zhao", "place:lobby-1", "not_your_post"),
    ],
)
def test_records_are_made_in_ones_own_places(
    site: Site, cast: Cast, who: str, place: str, answer: str | None
) -> None:
    tablet: Tablet = getattr(cast, who)
    assert code(site, tablet, "waiting.started", tablet.new("waiting"), place=place) == answer


def test_what_one_may_not_see_does_not_exist(site: Site, cast: Cast) -> None:
    elsewhere = cast.chen.new("waiting")
    assert cast.chen.does("waiting.started", elsewhere, place="place:lobby-2").good
    before = database_rows.one(site, elsewhere)
    assert code(site, cast.lin, "waiting.water_given", elsewhere) == "not_found"
    assert code(site, cast.lin, "waiting.started", elsewhere, place="place:lobby-1") == "not_found"
    assert database_rows.one(site, elsewhere) == before


def test_a_record_that_exists_is_not_made_again(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = cast.chen.new("waiting")
    cast.chen.does("waiting.started", waiting, place="place:lobby-1", name="张晓丽")
    clock.passes(minutes=1)
    again = cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="李四")
    record = database_rows.one(site, waiting)
    assert again.good
    assert (record["name"], record["owner"]) == ("张晓丽", "person:chen")
    assert [question["reason"] for question in record["unsettled"]] == ["already_exists"]


def test_a_record_that_moved_on_while_lin_was_offline_is_still_hers_to_speak_of(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = cast.chen.new("waiting")
    cast.chen.does("waiting.started", waiting, place="place:lobby-1")
    clock.passes(minutes=2)
    watered = cast.lin.says("waiting.water_given", waiting)
    clock.passes(minutes=1)
    change = {"doctor": "doctor:he", "reason": "出诊", "place": "place:area-2"}
    assert cast.chen.does("waiting.doctor_changed", waiting, **change).good
    clock.passes(minutes=5)
    assert cast.lin.hands_in(watered)[0].good
    assert database_rows.one(site, waiting)["water_at"] == watered["at"]


def test_only_the_author_takes_back(site: Site, cast: Cast, clock: Clock) -> None:
    waiting = cast.lin.new("waiting")
    started = cast.lin.says("waiting.started", waiting, place="place:lobby-1")
    cast.lin.hands_in(started)
    clock.passes(seconds=5)
    assert code(site, cast.chen, "waiting.undone", waiting, undoes=started["_id"]) == "not_yours"
    assert code(site, cast.lin, "waiting.undone", waiting, undoes=started["_id"]) is None


def test_nobody_speaks_in_anothers_name(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    actor = Actor(site.person("person:chen"), cast.chen.device)
    verdict = site.accept([act], actor)[0]
    assert (verdict.code, site.record(act["record"])) == ("another_person", None)
    refusal = database_rows.one(site, "refusal:" + act["_id"][4:])
    assert refusal["who"] == "person:chen", "who handed it in, not whose name it bears"


def test_nobody_learns_whether_anothers_act_is_there(site: Site, cast: Cast) -> None:
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    cast.lin.hands_in(act)
    actor = Actor(site.person("person:chen"), cast.chen.device)
    assert site.accept([act], actor)[0].code == "another_person"


class TestRightsAreThoseOfTheMoment:
    """Lin moves to lobby 2 at ten; her tablet is offline from nine to eleven."""

    @pytest.fixture
    def moved_at(self, site: Site, clock: Clock) -> int:
        at = clock.passes(hours=1)
        changes(site, "person:lin", places=["place:lobby-2"])
        clock.passes(hours=1)
        return at

    @pytest.mark.parametrize(
        ("minutes", "place", "answer"),
        [
            (-5, "place:lobby-1", None),
            (-5, "place:lobby-2", "not_your_place"),
            (5, "place:lobby-1", "not_your_place"),
            (5, "place:lobby-2", None),
        ],
    )
    def test_places(
        self, site: Site, cast: Cast, moved_at: int, minutes: int, place: str, answer: str | None
    ) -> None:
        at = moved_at + minutes * MINUTE
        waiting = cast.lin.new("waiting")
        assert code(site, cast.lin, "waiting.started", waiting, at=at, place=place) == answer

    def test_what_is_seen_is_seen_now(self, site: Site, cast: Cast, moved_at: int) -> None:
        assert "place:lobby-2" in site.rights("person:lin").channels
        assert "place:lobby-1" not in site.rights("person:lin").channels
        assert "place:lobby-1" in site.rights("person:lin", moved_at - 1).channels


def test_a_change_that_is_told_late_changes_rights_from_its_moment_on(
    site: Site, cast: Cast, clock: Clock
) -> None:
    later = clock.passes(hours=3)
    for at, places in ((later, ["place:lobby-2"]), (later - HOUR, ["place:area-2"])):
        changes(site, "person:lin", at=at, places=places)
    held = [
        sorted(site.rights("person:lin", at).places)
        for at in (later - 2 * HOUR, later - MINUTE, later)
    ]
    assert held == [["place:lobby-1"], ["place:area-2"], ["place:lobby-2"]]
    assert (
        len([row for row in database_rows.rows(site, "grants") if row["person"] == "person:lin"])
        == 3
    )


def test_whoever_was_let_go_hands_in_what_was_done_before(
    site: Site, cast: Cast, clock: Clock
) -> None:
    before = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    clock.passes(minutes=10)
    changes(site, "person:lin", active=False)
    clock.passes(minutes=10)
    after = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    assert [v.code for v in cast.lin.hands_in(before, after)] == [None, "not_here"]


def test_what_was_done_under_rights_that_ended_is_marked_and_shown(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """Lin's right ended while she had no network: it counts, and the office sees that it was so."""
    before = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    plain = cast.lin.new("waiting")
    cast.lin.does("waiting.started", plain, place="place:lobby-1")
    clock.passes(minutes=10)
    changes(site, "person:lin", places=["place:lobby-2"])
    clock.passes(minutes=10)
    assert [verdict.state for verdict in cast.lin.hands_in(before)] == ["ok"]
    assert [verdict.state for verdict in cast.lin.hands_in(before)] == ["known"], "as she said it"
    stored = {row["id"]: orjson.loads(row["body"]) for row in database_rows.rows(site, "acts")}
    marked = [name for name, act in stored.items() if act.get("late_authority")]
    assert marked == [before["_id"]]
    forged = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    assert cast.lin.hands_in({**forged, "late_authority": True})[0].code == "newer_app"
    with inside(site) as application:
        for record, shown in ((before["record"], True), (plain, False)):
            page = application.ask("wu", "GET", f"/office/waiting/{record.partition(':')[2]}")
            assert page.status_code == 200
            assert ("当时有权限" in page.text) == shown
    assert site.refold()[1] == 0


def test_a_place_that_is_put_elsewhere_takes_its_records_along(
    site: Site, cast: Cast, clock: Clock
) -> None:
    waiting = cast.lin.new("waiting")
    cast.lin.does("waiting.started", waiting, place="place:lobby-1")
    rev = database_rows.one(site, waiting)["_rev"]
    assert ("place:floor-1", waiting) in database_rows.offered(site, "waiting")
    changes(site, "place:lobby-1", inside="place:floor-2")
    offered = database_rows.offered(site, "waiting")
    assert ("place:floor-2", waiting) in offered
    assert ("place:floor-1", waiting) not in offered
    assert database_rows.one(site, waiting)["_rev"] == rev, "the record itself is the same"
    assert site.refold()[1] == 0


def test_a_changed_setting_moves_open_clocks(site: Site, cast: Cast, clock: Clock) -> None:
    waiting, over = cast.lin.new("waiting"), cast.lin.new("waiting")
    for name in (waiting, over):
        cast.lin.does("waiting.started", name, place="place:lobby-1")
    clock.passes(minutes=1)
    cast.lin.does("waiting.ended", over, outcome="seen")
    done = database_rows.one(site, over)
    data = {"value": 9, "reason": "夏天"}
    assert site.record_act(
        "setting.changed", "setting:waiting.water_after", data, by="person:wu"
    ).good
    record = database_rows.one(site, waiting)
    assert record["due_at"] == record["started_at"] + 9 * MINUTE
    assert min(row[3] for row in database_rows.timers(site)) == record["due_at"]
    assert database_rows.one(site, over) == done
    assert site.settings()["waiting.water_after"]["value"] == 9


def test_the_first_day_of_a_person_whose_clock_is_a_little_behind(
    site: Site, cast: Cast, clock: Clock
) -> None:
    data = {"name": "新人", "posts": ["guide"], "places": ["place:lobby-1"]}
    site.record_act("person.added", "person:new", data, by="person:wu")
    new = Tablet("person:new", site, clock, "device:" + "0" * 25 + "N")
    a_little, too_much = clock() - 30_000, clock() - DAY
    for at, answer in ((a_little, None), (too_much, "not_here")):
        waiting = new.new("waiting")
        assert code(site, new, "waiting.started", waiting, at=at, place="place:lobby-1") == answer
