"""The changes feed: paged, filtered by rights, with removals when rights are lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.databases import BOTH
from tests.server.feed import FEED, asked, everything, ids, moved, sits_down
from tests.server.served import Served

MOST_PLACES = 200  # that a person's record takes


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


# Pages


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_pages_bring_each_record_once_in_the_order_of_change(
    lin: httpx.Client, cast: Cast, clock: Clock
) -> None:
    made = [sits_down(cast.lin) for _ in range(5)]
    clock.passes(minutes=1)
    cast.lin.does("waiting.water_given", made[1])
    rows, last = everything(lin, include_docs="true")
    assert ids(rows) == [made[0], *made[2:], made[1]]
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["doc"]["_rev"] == row["changes"][0]["rev"] for row in rows)
    assert asked(lin, since=last) == {"results": [], "last_seq": last, "pending": 0}


def test_pending_says_how_much_is_left(lin: httpx.Client, cast: Cast) -> None:
    for _ in range(5):
        sits_down(cast.lin)
    first = asked(lin, limit=2)
    everything_else = asked(lin, since=first["last_seq"])["results"]
    assert first["pending"] == len(everything_else)
    assert asked(lin, limit=0) == {
        "results": [],
        "last_seq": asked(lin, limit=0)["last_seq"],
        "pending": len(everything_else) + 2,
    }
    now = asked(lin, since="now")["last_seq"]
    assert asked(lin, since=now, limit=0)["pending"] == 0


def test_now_is_after_everything(lin: httpx.Client, cast: Cast) -> None:
    sits_down(cast.lin)
    now = asked(lin, since="now")
    assert now["results"] == []
    after = sits_down(cast.lin)
    assert ids(asked(lin, since=now["last_seq"])["results"]) == [after]


@pytest.mark.parametrize(
    "query",
    [
        "since=abc",
        "since=9999999",
        "since=99999999999999999999",
        "since=-1",
        "limit=-2",
        "limit=1e9",
        "limit=x",
        "feed=eventsource",
        "feed=nonsense",
        "heartbeat=-1",
        "heartbeat=x",
        "timeout=x",
        "style=nonsense",
        "include_docs=maybe",
        "filter=_selector",
        "filter=_view",
        "filter=design/mine",
        "doc_ids=x",
        "attachments=true&include_docs=true",
        "descending=true",
        "channels=all",
    ],
)
def test_what_is_not_understood_is_refused(lin: httpx.Client, query: str) -> None:
    answer = lin.get(f"{FEED}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"] in ("query_parse_error", "bad_request"), "as CouchDB has it"


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=1000000000", "style=all_docs", "conflicts=true", 'since="0"', "since=0"],
)
def test_what_clients_send_is_understood(lin: httpx.Client, query: str) -> None:
    assert lin.get(f"{FEED}?{query}").status_code == 200
    assert lin.post(f"{FEED}?{query}", json={}).status_code == 200


def test_only_some_seqs_are_asked_for(lin: httpx.Client, cast: Cast) -> None:
    for _ in range(8):
        sits_down(cast.lin)
    now = asked(lin, since="0", limit=8, seq_interval=4)["results"]
    assert [row["seq"] is None for row in now] == [True, True, True, False] * 2


def test_the_feed_may_be_packed(lin: httpx.Client, cast: Cast) -> None:
    for _ in range(20):
        sits_down(cast.lin)
    plain = lin.get(FEED, headers={"accept-encoding": "identity"})
    packed = lin.get(FEED, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.json() == plain.json()


# Rights


def test_each_is_offered_their_own(served: Served, cast: Cast) -> None:
    here, elsewhere, above = (
        sits_down(cast.chen, "place:lobby-1"),
        sits_down(cast.chen, "place:lobby-2"),
        sits_down(cast.wu, "place:area-2"),
    )
    offered = {name: set(ids(everything(served.client(name))[0])) for name in ("lin", "chen", "wu")}
    # A guide supervisor is offered what guides do anywhere: that is what the records declare.
    assert offered == {
        "lin": {here},
        "chen": {here, elsewhere, above},
        "wu": {here, elsewhere, above},
    }
    assert everything(served.client("zhao"))[0] == []


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_another_lobby_is_gained_and_the_old_one_lost(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock, limit: int
) -> None:
    mine = sits_down(cast.lin)  # she stays its owner wherever she works
    old = [sits_down(cast.chen, "place:lobby-1") for _ in range(3)]
    new = [sits_down(cast.chen, "place:lobby-2") for _ in range(3)]
    _, since = everything(lin, removed="true", limit=limit)
    clock.passes(minutes=1)
    moved(site, "person:lin", places=["place:lobby-2"])
    clock.passes(seconds=1)
    later = sits_down(cast.chen, "place:lobby-2")
    unseen = sits_down(cast.chen, "place:lobby-1")
    rows, last = everything(lin, since, removed="true", limit=limit)
    gone = [row["id"] for row in rows if row.get("removed")]
    come = [row["id"] for row in rows if not row.get("removed") and row["id"].startswith("wait")]
    assert sorted(gone) == sorted(old)
    assert come == [*new, later]
    assert not {mine, unseen} & {row["id"] for row in rows}
    assert asked(lin, since=last, removed="true")["results"] == []


def test_a_replicator_is_told_only_what_was_gained(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock
) -> None:
    sits_down(cast.chen, "place:lobby-1")
    new = sits_down(cast.chen, "place:lobby-2")
    _, since = everything(lin)
    clock.passes(minutes=1)
    moved(site, "person:lin", places=["place:lobby-2"])
    rows, _ = everything(lin, since)
    assert ids(rows) == [new]
    assert not any(row.get("removed") for row in rows)


def test_a_record_that_moves_away_is_removed_and_comes_back(
    lin: httpx.Client, cast: Cast, clock: Clock
) -> None:
    visit = cast.chen.new("arrival")
    cast.chen.does("arrival.registered", visit, place="place:lobby-1")
    _, since = everything(lin, removed="true")
    shown = []
    for place in ("place:lobby-2", "place:lobby-1", "place:lobby-2"):
        clock.passes(minutes=1)
        cast.chen.does("arrival.stage_reached", visit, stage="triaged", place=place)
        rows, since = everything(lin, since, removed="true")
        shown.append([(row["id"], bool(row.get("removed"))) for row in rows])
    assert shown == [[(visit, True)], [(visit, False)], [(visit, True)]]
    assert ids(everything(lin, removed="true")[0], "arrival") == [visit], "as removed"
    assert ids(everything(lin)[0], "arrival") == []


def test_rights_that_nobody_remembers_begin_again(lin: httpx.Client, cast: Cast) -> None:
    waiting = sits_down(cast.lin)
    last = asked(lin, since="now")["last_seq"]
    seq, rights, epoch = last.split("-")
    for token in (f"{seq}-00000000-{epoch}", f"{seq}-{rights}-000000"):
        assert waiting in ids(asked(lin, since=token)["results"])


def test_a_person_of_very_many_places_is_offered_all_of_them(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock
) -> None:
    here = sits_down(cast.chen, "place:lobby-1")
    _, since = everything(lin, removed="true")
    for letter, place in (("a", "place:lobby-2"), ("b", "place:lobby-1")):
        clock.passes(minutes=1)
        beds = [f"place:bed-{letter}-{number}" for number in range(MOST_PLACES - 1)]
        moved(site, "person:lin", places=[*beds, place])
        there = sits_down(cast.chen, place)
        rows, since = everything(lin, since, removed="true")
        told = {row["id"]: bool(row.get("removed")) for row in rows if row["id"][0] == "w"}
        assert (told[here], told[there]) == (place == "place:lobby-2", False)


# A first sync


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_a_first_sync_brings_what_matters_now_first(
    lin: httpx.Client, cast: Cast, clock: Clock, limit: int
) -> None:
    done = [sits_down(cast.lin) for _ in range(3)]
    clock.passes(minutes=1)
    for record in done:
        cast.lin.does("waiting.ended", record, outcome="seen")
    still = [sits_down(cast.lin) for _ in range(3)]
    sits_down(cast.chen, "place:lobby-2")
    rows: list[Any] = []
    page = asked(lin, slice="now", since="0", limit=limit, removed="true")
    pendings = [page["pending"]]
    reopened = False
    while True:
        rows += page["results"]
        if not page["pending"]:
            break
        if len(rows) > 12 and not reopened:  # work goes on meanwhile
            reopened = True
            clock.passes(minutes=1)
            cast.lin.does("waiting.water_given", still[0])
        page = asked(lin, since=page["last_seq"], limit=limit, removed="true")
        pendings.append(page["pending"])
    kinds = [row["id"].partition(":")[0] for row in rows]
    first_waiting = kinds.index("waiting")
    assert set(kinds[:first_waiting]) == {"place", "person"}
    assert ids(rows)[:3] == still, "what is open comes before what is done"
    assert set(ids(rows)) == {*done, *still}
    assert len(ids(rows)) == 6 + reopened
    assert pendings[-1] == 0 and all(pendings[:-1])
    after = sits_down(cast.lin)
    assert ids(asked(lin, since=page["last_seq"])["results"]) == [after]
