"""The demo's hospital: complete, busy, and going on while one looks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.base.config import Config
from server.clocks import reactions
from server.clocks.periodic_tasks import Schedule
from server.database.tables import devices, records
from server.demo import commands
from tests import databases
from tests.clock import MINUTE, Clock
from tests.reliability.replay_with_kills import Server
from tests.server.clockwork import Clockwork

Record = dict[str, Any]


def demo_in(folder: Path, clock: Clock) -> Site:
    return Site(Config(folder, databases.url_in(folder), name=commands.SITE, demo=True), clock)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was started once, on the morning that every clock begins at."""
    folder = tmp_path_factory.mktemp("demo")
    site = demo_in(folder, Clock())
    opened(site)
    site.close()
    return folder


@pytest.fixture
def hospital(seeded: Path, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A demo of one's own, not a moment later."""
    databases.copy(seeded, tmp_path)
    site = demo_in(tmp_path, clock)
    yield site
    site.close()


def opened(site: Site) -> Schedule:
    schedule = Schedule(site)
    commands.prepare(site, schedule)
    return schedule


def kept(site: Site, kind: str, state: str | None = None) -> list[Record]:
    wanted = sa.select(records.c.body).where(records.c.type == kind)
    if state is not None:
        wanted = wanted.where(records.c.state == state)
    with site.reading() as connection:
        return [orjson.loads(body) for body in connection.execute(wanted).scalars()]


def test_the_house_and_its_people_are_all_there(hospital: Site) -> None:
    opened(hospital)
    places = kept(hospital, "place")
    kinds = [place["kind"] for place in places]
    assert kinds.count("lobby") == 3
    assert [place["beds"] for place in places if place["kind"] == "ward"] == [40] * 6
    assert len({place["department"] for place in places if place.get("department")}) == 12
    assert len(kept(hospital, "doctor")) == 30
    assert len(kept(hospital, "person")) == 40
    assert hospital.rights("person:lin").hold("guide")
    assert not hospital.rights("person:zhao").posts


def test_a_morning_is_under_way(hospital: Site, clock: Clock) -> None:
    opened(hospital)
    waiting = kept(hospital, "waiting", "waiting")
    assert 15 <= len(waiting) <= 50
    since = [clock() - record["started_at"] for record in waiting if "water_at" not in record]
    assert any(0 <= 5 * MINUTE - length <= MINUTE for length in since), "one is due in a moment"
    assert any(length > 5 * MINUTE for length in since), "one is due already"
    assert any(record["rungs"] for record in waiting)
    complaints = kept(hospital, "complaint")
    reached = {
        max((step["rung"] for steps in one["rungs"].values() for step in steps), default=0)
        for one in complaints
    }
    assert reached == {0, 1, 2, 3} or reached == {0, 1, 3}
    unsettled = [r for kind in ("waiting", "complaint") for r in kept(hospital, kind)]
    assert sum(len(record["unsettled"]) for record in unsettled) == 2
    codes = {refusal["code"] for refusal in kept(hospital, "refusal", "open")}
    assert codes == {"not_your_post", "not_your_place"}
    with hospital.reading() as connection:
        assert len(connection.execute(sa.select(devices)).all()) == 20


def test_a_second_start_goes_on(hospital: Site, clock: Clock) -> None:
    opened(hospital)
    before = {record["_id"] for record in kept(hospital, "waiting")}
    clock.passes(minutes=2)
    opened(hospital)
    assert before <= {record["_id"] for record in kept(hospital, "waiting")}
    assert len(kept(hospital, "person")) == 40


def test_people_go_on_coming_in_and_yours_are_left_to_you(tmp_path: Path, clock: Clock) -> None:
    hospital = demo_in(tmp_path, clock)
    schedule = opened(hospital)
    assert hospital.listens == reactions.LISTENS, "what the first morning brings is told too"
    flow = schedule._beats.get_job("flow").func
    clockwork = Clockwork(hospital, clock)
    before = {record["_id"] for record in kept(hospital, "waiting")}
    begun = clock()
    for _ in range(60):
        clock.passes(seconds=30)
        flow()
        clockwork.beats()
    now = kept(hospital, "waiting")
    assert len({record["_id"] for record in now} - before) > 5
    assert len([record for record in now if record["state"] == "waiting"]) > 8
    by_lin = [
        entry
        for record in now
        for entry in record["acts"]["recent"]
        if entry["at"] > begun and entry["by"] == "person:lin" and entry["act"] != "waiting.started"
    ]
    assert by_lin == []
    assert sum(len(record["unsettled"]) for record in now) == 1, "only the pair that was made so"
    assert hospital.refold()[1] == 0
    hospital.close()


def test_the_colleagues_tablets_stay_in_touch_and_up_to_date(hospital: Site, clock: Clock) -> None:
    flow = opened(hospital)._beats.get_job("flow").func
    clock.passes(minutes=30)
    flow()
    with hospital.reading() as connection:
        tablets = connection.execute(sa.select(devices)).all()
    silent = [one for one in tablets if one.last_seen_at < clock() - MINUTE]
    assert [one.waiting for one in silent] == [3], "the one that has no network"
    assert len({one.version for one in tablets} - {silent[0].version}) == 1
    assert version("floorwalk") not in {one.version for one in tablets}


def test_the_demo_says_where_it_is_and_who_may_sign_in(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", 1)
    server.start()
    server.kill()
    said = (tmp_path / "server.base.json_log").read_text("utf-8")
    assert server.url in said
    assert all(f"  {login} " in said for login in ("lin", "chen", "wu", "zhao"))
