"""CouchDB's replicator copies a site, resumes from its checkpoint, and pushes acts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from sync import protocol
from tests.cast import WORDS, Cast, made_site
from tests.clock import Clock
from tests.databases import USUAL
from tests.server import database_rows
from tests.server.feed import sits_down
from tests.server.peers.conftest import photo
from tests.server.peers.replicator import Replicator, Target, Unauthorized
from tests.server.served import Served, serving

# Nothing there asks how the database is written.
ON_ONE = pytest.mark.parametrize("database", [USUAL], indirect=True)
Signed = Callable[[str], Replicator]


def sent(client: httpx.Client, body: bytes) -> str:
    name = hashlib.sha256(body).hexdigest()
    kind = {"content-type": "image/jpeg"}
    answer = client.put(f"/sync/demo/_blob/{name}", content=body, headers=kind)
    assert answer.status_code == 201, answer.text
    return name


def complaint(cast: Cast, *photos: str) -> str:
    record = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "photos": list(photos)}
    assert cast.chen.does("complaint.taken", record, **said).good
    return record


def everything(site: Site) -> dict[str, str]:
    return {row["id"]: row["rev"] for row in database_rows.rows(site, "records")}


def test_a_whole_site_is_copied_and_goes_on(
    replicator: Signed,
    served: Served,
    site: Site,
    cast: Cast,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "MOST_ROWS", 7)  # it asks for all at once, without a limit
    chen, first, second = served.client("chen"), photo(), photo()
    waiting = [sits_down(cast.lin) for _ in range(20)]
    record = complaint(cast, sent(chen, first), hashlib.sha256(second).hexdigest())
    job, copy = replicator("wu"), Target()
    counts = job.pull(copy)
    assert {name: doc["_rev"] for name, doc in copy.docs.items()} == everything(site)
    assert counts["docs_written"] == len(copy.docs) and job.fetched_singly == [record]
    assert list(copy.files.values()) == [first]
    assert (job.signed_in_by, job.max_age) == ("cookie", 12 * 3_600)

    assert job.pull(copy)["docs_read"] == 0, "its checkpoint is on both sides"
    clock.passes(minutes=1)
    cast.chen.does("waiting.water_given", waiting[3])
    sent(chen, second)  # the photo comes after the words
    counts = job.pull(copy)
    assert counts["docs_read"] == 2
    assert sorted(copy.files.values()) == sorted([first, second])
    stubs = copy.docs[record]["_attachments"].values()
    assert sorted(bool(stub.get("follows")) for stub in stubs) == [False, True], "only the new one"
    assert {name: doc["_rev"] for name, doc in copy.docs.items()} == everything(site)


def test_only_what_somebody_sees_is_copied(replicator: Signed, cast: Cast) -> None:
    here, elsewhere = sits_down(cast.chen), sits_down(cast.chen, "place:lobby-2")
    copy = Target()
    replicator("lin").pull(copy)
    assert here in copy.docs and elsewhere not in copy.docs
    chosen, selected = Target(), Target()
    replicator("lin").pull(chosen, "a", {"doc_ids": [here, elsewhere, "nobody"]})
    assert set(chosen.docs) == {here}, "rights come before the filter"
    selector = {"type": "waiting", "$or": [{"place": "place:lobby-2"}, {"owner": {"$gt": ""}}]}
    replicator("lin").pull(selected, "b", {"selector": selector})
    assert set(selected.docs) == {here}


def test_a_quiet_feed_ends_in_good_order(replicator: Signed, cast: Cast, clock: Clock) -> None:
    made = [sits_down(cast.lin) for _ in range(3)]
    job = replicator("lin")
    job.sign_in()
    rows, end = job.follow(0)
    assert [row["id"] for row in rows if row["id"].startswith("waiting")] == made
    assert end["pending"] == 0 and job.pending(rows[0]["seq"]) == len(rows) - 1
    assert job.follow(end["last_seq"]) == ([], end)


@ON_ONE
def test_names_and_passwords(replicator: Signed, address: Callable[[str], str]) -> None:
    wrong = Replicator(address("lin").replace(":floorwalk@", ":guess@"))
    with pytest.raises(Unauthorized):
        wrong.sign_in()
    wrong.close()
    job = replicator("lin")
    with pytest.raises(Unauthorized):
        job.open()
    job._basic()
    assert job.open()["db_name"] == "demo", "a server without sessions would be asked like this"
    job.sign_in()
    for path in ("", "_changes", "_all_docs", "_session", "_local/x", "nobody"):
        assert job.ask("GET", path).status_code in (200, 404), path
    away = httpx.get(f"{job.root}/office/", headers=job.headers, trust_env=False)
    assert "/sign-in" in away.headers["location"], "the program's cookie opens no page"
    session = {"headers": job.headers, "trust_env": False}
    assert httpx.delete(f"{job.root}/_session", **session).json() == {"ok": True}
    assert job.ask("GET", "").status_code == 401


def test_a_restart_changes_nothing_and_a_restored_database_says_so(
    tmp_path: Path, clock: Clock
) -> None:
    from server.database import engines

    url = f"sqlite:///{tmp_path / 'floorwalk.db'}"
    lives = []
    for restored in (False, False, True):
        if restored:
            engine = engines.connect(url)
            with engines.writing(engine) as connection:
                connection.exec_driver_sql("update meta set value = 'ffff00' where key = 'epoch'")
            engine.dispose()
        site = made_site(tmp_path, clock, database=url)
        with serving(site) as served:
            lives.append(served.client("wu").get("/sync/demo").json()["instance_start_time"])
        site.close()
    assert lives[0] == lives[1] != lives[2]


def test_acts_are_pushed_and_nothing_stops_the_job(
    replicator: Signed, cast: Cast, site: Site
) -> None:
    good = [pushed(cast, place="place:lobby-1") for _ in range(5)]
    bad = pushed(cast, place="place:lobby-2")
    with_photo = pushed(cast, place="place:lobby-1")
    with_photo["_attachments"] = {"x.jpg": {"follows": True, "content_type": "image/jpeg"}}
    foreign = {**with_photo, "_id": "another/one+1"}
    job = replicator("lin")
    told = job.push([*good, bad, with_photo, foreign])
    assert told["written"] == 5
    reasons = {row["id"]: (row["error"], row["reason"]) for row in told["failed"]}
    assert reasons == {
        bad["_id"]: ("forbidden", "not_your_place"),
        with_photo["_id"]: ("forbidden", "attachments"),
        foreign["_id"]: ("forbidden", "attachments"),
    }
    assert len(database_rows.records(site, "waiting")) == 5
    assert len(database_rows.rows(site, "quarantine")) == 3, "what was refused is kept"
    assert job.push(good) == {"written": 0, "failed": []}, "they are known"


def pushed(cast: Cast, **data: Any) -> dict[str, Any]:
    """Return an act as a database would push it, with a revision of its own."""
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), **data)
    digest = hashlib.md5(act["_id"].encode(), usedforsecurity=False).hexdigest()
    return {**act, "_rev": f"1-{digest}", "_revisions": {"start": 1, "ids": [digest]}}


@ON_ONE
def test_a_push_that_is_too_much_is_halved(
    replicator: Signed, cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.http import middleware

    monkeypatch.setattr(middleware, "MOST_BYTES", 4_000)
    acts = [pushed(cast, place="place:lobby-1") for _ in range(20)]
    big = pushed(cast, place="place:lobby-1", name="x" * 5_000)
    told = replicator("lin").push([*acts[:10], big, *acts[10:]])
    assert told["written"] == 20
    assert told["failed"] == [{"id": big["_id"], "error": "too_large"}]


@ON_ONE
def test_a_job_that_runs_for_weeks_keeps_its_checkpoint(
    replicator: Signed, cast: Cast, clock: Clock
) -> None:
    job, copy = replicator("wu"), Target()
    job.pull(copy)
    for _ in range(60):
        job.keep(copy, "job+continuous", "9" * 60, {"docs_read": 10**6, "docs_written": 10**6})
    said = job.ask("GET", "_local/job%2Bcontinuous").json()
    assert len(said["history"]) == 50 and said["_rev"].startswith("0-")
