"""A1: nobody can say an act first under an id that the server will need for one of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.acts import own_ids, reached_rungs
from server.acts.delivery import in_app
from server.acts.site import Site
from server.clocks import calendars, escalation
from server.clocks.born_late import HeldRungs
from server.cluster import letters
from server.database.tables import meta
from server.operations.diagnosis import commands
from sync.act import derived_id, make
from tests.cast import WORDS, Cast, made_site
from tests.cast import cast as make_cast
from tests.clock import MINUTE, Clock
from tests.server import database_rows
from tests.server.clockwork import Clockwork
from tests.server.conftest import BOTH
from tests.sources import ROOT

WATER = "waiting_water"


def sits_down(cast: Cast) -> str:
    waiting = cast.lin.new("waiting")
    assert cast.lin.does("waiting.started", waiting, place="place:lobby-1").good
    return waiting


def takes(cast: Cast, site: Site, identifier: str, record: str) -> None:
    """Lin says something harmless of a record under an id that she worked out."""
    act = make(
        "waiting.revealed",
        record,
        {"field": "name"}
        if "field" in site.declarations["acts"]["waiting.revealed"]["asks"]
        else {},
        at=site.now(),
        by="person:lin",
        device="device:" + "0" * 25 + "L",
        site=site.config.name,
        identifier=identifier,
    )
    assert cast.lin.hands_in(act)[0].good


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_guide_cannot_take_the_ids_of_a_rung_or_of_its_notice(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A1: she works out every id as versions before did; people are told all the same."""
    waiting = sits_down(cast)
    record, due_at = database_rows.one(site, waiting), clock() + 5 * MINUTE
    rung = reached_rungs.reaching_id("", record, WATER, 1, due_at)
    notice = in_app.notice_id("", due_at, waiting, WATER, 1, "person:lin", rung)
    for identifier in (rung, derived_id("", due_at, "notice.told", notice)):
        takes(cast, site, identifier, waiting)
    clock.passes(minutes=5)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"])]
    assert len(clockwork.notices("lin")) == 1
    with site.reading() as connection:
        assert own_ids.lost(connection) == {}


def lives(site: Site, clock: Clock) -> None:
    """Live through everything that the server says by itself."""
    cast, clockwork = make_cast(site, clock), Clockwork(site, clock)
    calendars.seed(site, clock())
    waiting, complaint = sits_down(cast), cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS, unsigned="-")
    given = cast.lin.says("waiting.water_given", waiting, at=clock() + 4 * MINUTE)
    cast.lin.does("waiting.started", "waiting:mine", place="place:lobby-2")
    cast.lin.hands_in({"_id": "no act at all"})
    clock.passes(minutes=9)
    clockwork.beats()
    cast.lin.hands_in(given)  # too late to be known: the rung is annulled
    cast.wu.does("setting.changed", "setting:complaint.first_response", value=1, reason="-")
    cast.wu.does("complaint.referred", complaint, to_site="west", reason="-")
    letters.write(site, "*", "notice", [], clock(), words="-")
    clockwork.beats()


def own(site: Site) -> dict[str, str]:
    """Return {id: name of the act} of what the server said by itself, and records it named."""
    rows = [row for row in database_rows.rows(site, "acts") if row["by_"].startswith("system:")]
    ids = {row["id"]: row["act"] for row in rows}
    others = {row["record"] for row in database_rows.rows(site, "acts")} - {
        row["record"]
        for row in database_rows.rows(site, "acts")
        if row["by_"].startswith("person:")
    }
    made = {row["record"].partition(":")[2]: row["act"] for row in rows if row["record"] in others}
    return ids | {name: act for name, act in made.items() if len(name) == 26}


def test_no_id_of_the_server_can_be_worked_out_without_its_secret(tmp_path: Path) -> None:
    """A1, over every id that is derived: two sites that live alike share none of them."""
    found = []
    for name in ("one", "two"):
        clock = Clock()
        site = made_site(tmp_path / name, clock)
        start = set(own(site))
        lives(site, clock)
        found.append({key: act for key, act in own(site).items() if key not in start})
        refused = {r["act_id"][4:] for r in database_rows.rows(site, "quarantine") if r["act_id"]}
        site.close()
        for key in refused:  # the device finds its refusal by the letters of its own act
            found[-1].pop(key, None)
    said = set(found[0].values())
    assert said >= {
        "waiting.rung_reached",
        "waiting.rung_annulled",
        "notice.told",
        "notice.annulled",
        "calendar.published",
        "refusal.noted",
        "letter.sent",
    }, said
    assert found[0].keys() & found[1].keys() == set()


def test_every_caller_derives_with_the_secret() -> None:
    """A1: a new caller cannot forget it."""
    forgotten = []
    for path in sorted((ROOT / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("derived_id")
                and not ast.unparse(node.args[0]).endswith("secret")
            ):
                forgotten.append(f"{path}:{node.lineno}")
    assert forgotten == []


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_what_was_told_under_the_old_ids_stays_told_and_can_be_annulled(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork
) -> None:
    """A1: a database of the version before goes on."""
    now, site.meta["secret"] = site.secret, ""
    waiting = sits_down(cast)
    given = cast.lin.says("waiting.water_given", waiting, at=clock() + 4 * MINUTE)
    clock.passes(minutes=6)
    clockwork.beats()
    site.meta["secret"] = now
    clockwork.runs(1)
    assert clockwork.rungs(waiting, WATER) == [(1, ["lin"])]
    assert len(clockwork.notices("lin")) == 1
    cast.lin.hands_in(given)
    clockwork.beats()
    assert clockwork.rungs(waiting, WATER) == []
    assert [notice["state"] for notice in clockwork.notices("lin")] == ["annulled"]


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_claim_that_is_lost_is_loud(
    site: Site, cast: Cast, clock: Clock, clockwork: Clockwork, caplog: pytest.LogCaptureFixture
) -> None:
    """A1: somebody who has the secret takes the id; it is logged, counted, and doctor says it."""
    waiting = sits_down(cast)
    record, due_at = database_rows.one(site, waiting), clock() + 5 * MINUTE
    takes(cast, site, reached_rungs.reaching_id(site.secret, record, WATER, 1, due_at), waiting)
    clock.passes(minutes=6)
    clockwork.beats()
    assert "an id of the server was taken" in caplog.text
    findings = {each.check: each for each in commands.examine(site.config, [], repair=False)}
    assert findings["ids"].level == "BAD" and "person:lin" in findings["ids"].say
    list(commands.examine(site.config, [], repair=True))
    findings = {each.check: each for each in commands.examine(site.config, [], repair=False)}
    assert findings["ids"].level == "ok"


def test_two_servers_of_a_site_give_the_same_ids(tmp_path: Path, clock: Clock) -> None:
    """A1: the secret lies in the database, so processes and backups share it."""
    one = made_site(tmp_path, clock)
    waiting = sits_down(make_cast(one, clock))
    clock.passes(minutes=5)
    other = Site(one.config, clock)
    page = escalation._due(one, clock(), None)
    wanted = {(row.record, row.ladder) for row in page}
    ids = [
        [act["_id"] for step in steps for act in step.acts]
        for each in (one, other)
        for steps in [escalation._steps(each, wanted, clock(), HeldRungs())]
    ]
    assert ids[0] == ids[1] and waiting in {row.record for row in page}
    for each in (one, other):
        each.close()


def test_an_old_database_gets_a_secret_once(tmp_path: Path, clock: Clock) -> None:
    """A1: a database of the version before has none until a server opens it."""
    site = made_site(tmp_path, clock)
    with site.writing() as connection:
        connection.execute(sa.delete(meta).where(meta.c.key == "secret"))
    site.close()
    secrets = []
    for _ in range(2):
        site = Site(site.config, clock)
        secrets.append(site.secret)
        site.close()
    assert secrets[0] == secrets[1] and len(secrets[0]) == 64
