"""Checksums prove that a tablet holds what its person sees; a wrong row is found with few bytes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from server.acts.site import Site
from sync import checksums
from tests.cast import Cast
from tests.clock import Clock
from tests.server.conftest import BOTH
from tests.server.feed import moved, sits_down
from tests.server.in_process import Inside, inside
from tests.server.test_feed_after_rights_change import visible
from tests.service_worker.node import Node

MANIFEST = "/sync/demo/_manifest"
REMOVED = "/sync/demo/_removed"
TWIN = "service_worker/rules/checksums.js"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A Node process that counts as a tablet does."""
    with Node() as process:
        yield process


def said(site: Inside, path: str, who: str = "lin", **query: str) -> dict[str, Any]:
    """Return what the site answers."""
    answer = site.ask(who, "GET", path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def newest(site: Inside, who: str = "lin") -> str:
    """Return the token of a tablet that has everything."""
    return str(said(site, "/sync/demo/_changes", who, since="now", limit="0")["last_seq"])


def many_sit_down(cast: Cast, count: int) -> None:
    """Fill lobby 1."""
    for start in range(0, count, 1_000):
        acts = [
            cast.chen.says("waiting.started", cast.chen.new("waiting"), place="place:lobby-1")
            for _ in range(start, min(start + 1_000, count))
        ]
        cast.chen.kept.clear()
        assert all(verdict.good for verdict in cast.chen.hands_in(*acts))


def test_both_ends_count_alike(node: Node) -> None:
    lot = Random(6)
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    rows = [
        ("waiting:" + "".join(lot.choices(letters, k=26)), f"{n}-{lot.getrandbits(128):032x}")
        for n in range(1, 2_000)
    ]
    rows += [("place:a", "1-" + "0" * 32), ("setting:waiting.water_after", "7-" + "f" * 32)]
    ours = [checksums.written(one) for one in checksums.sums(rows)]
    theirs = node.call(TWIN, "counted", [rows])
    assert theirs == {"count": len(rows), "buckets": ours}
    total = checksums.written(sum(checksums.sums(rows)) % checksums.WHOLE)
    assert node.call(TWIN, "total", [ours]) == total


def wronged(rows: dict[str, str], lot: Random, how: str) -> dict[str, str]:
    """Return the rows with one of them missing, of another revision, or one too many."""
    found = dict(rows)
    victim = lot.choice(sorted(rows))
    if how == "missing":
        del found[victim]
    elif how == "wrong":
        found[victim] = f"9-{lot.getrandbits(128):032x}"
    else:
        found[f"waiting:{lot.getrandbits(64):026d}"] = f"1-{lot.getrandbits(128):032x}"
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_wrong_row_in_ten_thousand_is_found_and_mended(
    site: Site, cast: Cast, clock: Clock, node: Node
) -> None:
    """A hundred times: a row is lost, old, or too many; S6."""
    many_sit_down(cast, 10_000)
    lot, sent = Random(3), []
    with inside(site) as application:
        since = newest(application)
        truth = visible(site, "person:lin")
        assert len(truth) > 10_000
        sums = application.ask("lin", "GET", MANIFEST, params={"since": since, "buckets": "true"})
        for number in range(100):
            held = wronged(truth, lot, ("missing", "wrong", "extra")[number % 3])
            rows = sorted(held.items())
            ours = node.call(TWIN, "counted", [rows])
            assert node.call(TWIN, "total", [ours["buckets"]]) != sums.json()["sum"]
            wrong = node.call(TWIN, "differing", [ours["buckets"], sums.json()["buckets"]])
            assert len(wrong) == 1
            query = {"since": since, "bucket": str(wrong[0])}
            bucket = application.ask("lin", "GET", MANIFEST, params=query)
            what = node.call(TWIN, "difference", [rows, bucket.json()["revs"], wrong])
            for name in what["surplus"]:
                del held[name]
            held.update({name: truth[name] for name in what["lacking"]})
            assert held == truth
            assert len(what["surplus"]) + len(what["lacking"]) == 1
            sent.append(len(sums.content) + len(bucket.content))
    assert max(sent) < 16_384, "bytes before the record itself"


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_the_sum_is_that_of_what_one_sees(site: Site, cast: Cast, clock: Clock) -> None:
    for place in ("place:lobby-1", "place:lobby-2", "place:area-2"):
        sits_down(cast.wu if place == "place:area-2" else cast.chen, place)
    with inside(site) as application:
        for who in ("lin", "chen", "wu", "zhao"):
            rows = visible(site, f"person:{who}").items()
            answer = said(application, MANIFEST, who, since=newest(application, who))
            expected = checksums.written(sum(checksums.sums(rows)) % checksums.WHOLE)
            assert answer == {"count": len(rows), "sum": expected}


def test_whoever_has_yet_to_pull_compares_nothing(site: Site, cast: Cast, clock: Clock) -> None:
    with inside(site) as application:
        before = newest(application)
        assert "sum" in said(application, MANIFEST, since=before)
        sits_down(cast.chen)
        assert said(application, MANIFEST, since=before) == {"behind": True}
        assert said(application, MANIFEST) == {"behind": True}
        since = newest(application)
        sits_down(cast.chen, "place:lobby-2")
        assert "sum" in said(application, MANIFEST, since=since), "what is elsewhere is no news"
        moved(site, "person:lin", places=["place:lobby-2"])
        assert said(application, MANIFEST, since=since) == {"behind": True}


@pytest.mark.parametrize(
    "query",
    ["bucket=256", "bucket=x", "bucket=", "bucket=" + "1," * 65, "since=abc", "sum=1", "bucket=-1"],
)
def test_what_is_not_understood_is_refused(site: Site, cast: Cast, query: str) -> None:
    with inside(site) as application:
        answer = application.ask("lin", "GET", f"{MANIFEST}?{query}")
        many = query.startswith("bucket=1,")
        assert answer.status_code == (200 if many else 400)


# What is to be dropped, for programs that did not ask with the feed


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_replicator_may_ask_what_was_taken_back(site: Site, cast: Cast, clock: Clock) -> None:
    kept = sits_down(cast.lin)
    visit, lost = cast.chen.new("arrival"), [sits_down(cast.chen) for _ in range(3)]
    cast.chen.does("arrival.registered", visit, place="place:lobby-1")
    with inside(site) as application:
        since = str(said(application, "/sync/demo/_changes")["last_seq"])
        assert said(application, REMOVED, since=since)["results"] == []
        clock.passes(minutes=1)
        cast.chen.does("arrival.stage_reached", visit, stage="triaged", place="place:lobby-2")
        first = said(application, REMOVED, since=since)
        assert [row["id"] for row in first["results"]] == [visit]
        clock.passes(minutes=1)
        moved(site, "person:lin", places=["place:area-2"])
        found, more, at = set(), True, first["last_seq"]
        while more:
            page = said(application, REMOVED, since=at, limit="2")
            found |= {row["id"] for row in page["results"]}
            more, at = page["more"], page["last_seq"]
        assert found == set(lost), "all of the lobby that is not hers, but for what she owns"
        assert kept not in found
        assert said(application, REMOVED, since=at)["results"] == []
        plain = said(application, "/sync/demo/_changes", since=since)["results"]
        assert not any(row.get("removed") for row in plain)


def test_nothing_that_a_device_says_removes_anything(site: Site, cast: Cast) -> None:
    """There is nothing to push but acts: a made-up removal is kept aside, and that is all."""
    waiting = sits_down(cast.chen)
    before = visible(site, "person:wu")
    made_up: list[dict[str, Any]] = [
        {"_id": waiting, "_deleted": True},
        {"_id": waiting, "removed": True},
        {"id": waiting, "removed": True},
        {"_id": waiting, "_rev": before[waiting], "_deleted": True},
    ]
    with inside(site) as application:
        push = {"docs": made_up, "new_edits": False}
        rows = application.ask("chen", "POST", "/sync/demo/_bulk_docs", json=push).json()
        assert [row["error"] for row in rows] == ["forbidden"] * len(made_up)
        for method in ("POST", "PUT", "DELETE"):
            for path in (REMOVED, MANIFEST, f"/sync/demo/{waiting}"):
                answer = application.ask("chen", method, path, json={"ids": [waiting]})
                assert answer.status_code >= 400, (method, path)
    assert visible(site, "person:wu").items() >= before.items()
