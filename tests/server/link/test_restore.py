"""A lost server: a new one is filled from the cluster and is the same; an old one catches up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from server.acts import attachment_stubs
from server.acts.site import Site
from server.base.config import Config
from server.clocks.periodic_tasks import Schedule
from server.cluster.restoring import NotEmpty, restore
from server.database.store import Blob
from sync.cluster_client import Cluster, ClusterTrouble
from tests import databases
from tests.cast import WORDS, made_site
from tests.cast import cast as make_cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.link.conftest import Founds, Hospital
from tests.server.link.proxy import Proxy
from tests.server.link.test_link import a_morning, same_up_there
from tests.server.test_blobs import photo


def told_nobody(*_: object) -> None:
    pass


def to(hospital: Hospital) -> Cluster:
    return Cluster(hospital.linked.account, hospital.database.name)


def empty(folder: Path, clock: Clock, like: Hospital, database: str | None = None) -> Site:
    """A server without anything, for the same hospital."""
    url = database or f"sqlite:///{folder / 'floorwalk.db'}"
    return Site(Config(folder, url, name=like.site.config.name), clock)


def a_photo_comes(hospital: Hospital) -> str:
    """Keep a photo as if a tablet had sent it; return its hash."""
    body = photo()
    shown = hashlib.sha256(body).hexdigest()
    path = attachment_stubs.path_of(hospital.site.config.blobs, shown)
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    digest = attachment_stubs.digest_of(hashlib.md5(body))
    hospital.site.arrived(Blob(shown, len(body), "image/jpeg", digest), "person:chen")
    return shown


def a_day(hospital: Hospital, clock: Clock) -> None:
    """A morning, a photo, a rung that was reached, a late act, a question that is open."""
    (complaint,) = a_morning(hospital, clock, people=12)
    cast = hospital.cast
    late = cast.lin.says("complaint.noted", complaint, text="said before")
    clock.passes(minutes=45)
    schedule = Schedule(hospital.site)
    schedule.tick()
    second = cast.chen.new("complaint")
    told = {"place": "place:lobby-2", "words": WORDS}
    assert cast.chen.does("complaint.taken", second, **told, photos=[a_photo_comes(hospital)]).good
    cast.chen.does("complaint.noted", second, text="and more")
    cast.lin.hands_in(late)
    for person, answer in ((cast.lin, "We are sorry"), (cast.chen, "It was the lift")):
        assert person.does("complaint.responded", complaint, response=answer).good
    assert database_rows.one(hospital.site, complaint)["unsettled"], "two answers, to be decided"
    cast.wu.does("setting.changed", "setting:waiting.water_after", value=7, reason="x")
    cast.zhao.does("complaint.settled", complaint, resolution="not her post", attended_by="吴")


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_new_box_is_byte_for_byte_what_the_old_one_was(
    founds: Founds, clock: Clock, tmp_path: Path, database: str
) -> None:
    east = founds("east")
    a_day(east, clock)
    east.looks()
    east.database.call("PUT", "_design/x", {"_id": "_design/x"})
    new = empty(tmp_path / "new", clock, east, database)
    shown: list[tuple[str, int, int]] = []
    done = restore(new, to(east), lambda *step: shown.append(step))
    theirs = Hospital(new, make_cast(new, clock), east.linked, east.database)
    assert (done.identical, done.different, done.missing, done.kept_apart) == (
        len(east.records()),
        [],
        [],
        0,
    )
    assert theirs.records() == east.records()
    assert theirs.acts() == east.acts()
    for table, but in (("timers", "told_at"), ("grants", ""), ("uses", "")):
        both = [
            sorted(
                str({k: v for k, v in row.items() if k != but})
                for row in database_rows.rows(one, table)
            )
            for one in (new, east.site)
        ]
        assert both[0] == both[1]
    assert {what for what, *_ in shown} == {"acts", "records", "compared"}
    assert new.secret == east.site.secret, "it gives its own acts the ids that the old one gave"

    before = theirs.records()
    Schedule(new).tick()  # what was told is not told again
    theirs.works()
    assert theirs.records() == before and new.refold()[1] == 0
    state = theirs.looks()
    assert (state.state, state.acts_up, state.records_up) == ("up_to_date", 0, 0)
    clock.passes(minutes=1)
    a_morning(theirs, clock, people=1)
    assert theirs.looks().state == "up_to_date"
    docs = theirs.database.docs()
    assert all(docs[name]["_rev"] == row[0] for name, row in theirs.records().items())
    assert east.looks().state == "taken_over"
    new.close()


def test_a_box_that_was_put_back_from_last_nights_backup_gets_its_morning_back(
    founds: Founds, clock: Clock, tmp_path: Path
) -> None:
    east = founds("east")
    complaint = a_morning(east, clock)[0]
    east.looks()
    east.site.engine.dispose()
    databases.copy(east.site.config.data, tmp_path / "backup")
    clock.passes(minutes=60)
    a_morning(east, clock)
    east.cast.wu.does("complaint.responded", complaint, response="sorry")
    east.looks()
    whole = east.acts()
    old = made_site(tmp_path / "backup", clock, name=east.site.config.name)
    back = Hospital(old, make_cast(old, clock), east.linked, east.database)
    lost = whole - back.acts()
    clock.passes(minutes=5)
    back.cast.chen.does("complaint.noted", complaint, text="while the link was away")
    state = back.looks()
    assert (state.state, state.acts_down) == ("up_to_date", len(lost))
    assert len(lost) == 8 and whole < back.acts()
    same_up_there(back)
    assert database_rows.one(old, complaint)["state"] == "responded"
    for name in back.records():
        assert "_conflicts" not in back.database.call("GET", name, conflicts="true")
    old.close()


def test_a_restore_that_was_cut_off_goes_on_and_a_full_box_is_not_touched(
    founds: Founds, clock: Clock, proxy: Proxy, tmp_path: Path
) -> None:
    east = founds("east", proxy.url)
    a_morning(east, clock)
    east.looks()
    with pytest.raises(NotEmpty):
        restore(east.site, to(east), told_nobody)
    new = empty(tmp_path / "new", clock, east)

    def cut(what: str, *_: int) -> None:
        proxy.away = what == "records"

    with pytest.raises(ClusterTrouble):
        restore(new, to(east), cut)
    proxy.away = False
    done = restore(new, to(east), told_nobody)
    assert done.identical == len(east.records()) and not done.different
    new.close()


def test_a_record_that_folds_otherwise_today_is_named_and_goes_on_above_the_old_one(
    founds: Founds, clock: Clock, tmp_path: Path
) -> None:
    east = founds("east")
    complaint = a_morning(east, clock, people=1)[0]
    east.looks()
    doc = east.database.call("GET", complaint)
    east.database.call("PUT", complaint, {**doc, "words": "somebody changed the record itself"})
    new = empty(tmp_path / "new", clock, east)
    done = restore(new, to(east), told_nobody)
    assert done.different == [complaint] and done.identical == len(east.records()) - 1
    back = Hospital(new, make_cast(new, clock), east.linked, east.database)
    back.looks()
    after = east.database.call("GET", complaint, conflicts="true")
    assert after["words"] == WORDS and "_conflicts" not in after
    assert after["_rev"].startswith("3-")
    new.close()
