"""The feed of changes: paged, held, cut to what one may see, and told what was gained and lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.site import Site
from sync.act import Act
from tests.cast import Cast, Tablet
from tests.clock import Clock
from tests.server import looking
from tests.server.conftest import BOTH
from tests.server.served import Served

FEED = "/sync/demo/_changes"
HELD = 0.3  # s after which a request that is not answered counts as held
PATIENCE = 10.0


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


def sits_down(tablet: Tablet, place: str = "place:lobby-1") -> str:
    act = tablet.says("waiting.started", tablet.new("waiting"), place=place)
    assert tablet.hands_in(act)[0].good
    return str(act["record"])


def asked(client: httpx.Client, **parameters: Any) -> Any:
    answer = client.get(FEED, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def pages(client: httpx.Client, since: str = "0", **parameters: Any) -> Iterator[Any]:
    """Yield pages until one is not full, as PouchDB does."""
    limit = parameters.setdefault("limit", 3)
    while True:
        page = asked(client, since=since, **parameters)
        yield page
        if len(page["results"]) < limit:
            return
        since = page["last_seq"]


def everything(client: httpx.Client, since: str = "0", **parameters: Any) -> tuple[list[Any], str]:
    rows, last = [], since
    for page in pages(client, since, **parameters):
        rows += page["results"]
        last = page["last_seq"]
    return rows, last


def ids(rows: list[Any], kind: str = "waiting") -> list[str]:
    return [row["id"] for row in rows if row["id"].startswith(kind)]


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
        "feed=continuous",
        "feed=eventsource",
        "feed=nonsense",
        "heartbeat=-1",
        "heartbeat=x",
        "timeout=x",
        "style=nonsense",
        "include_docs=maybe",
        "filter=_selector",
        "doc_ids=[]",
        "descending=true",
        "channels=all",
    ],
)
def test_what_is_not_understood_is_refused(lin: httpx.Client, query: str) -> None:
    answer = lin.get(f"{FEED}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "query_parse_error")


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


def moved(site: Site, person: str, **data: Any) -> None:
    seen = looking.one(site, person)["acts"]["last"]
    assert site.do("person.changed", person, data, by="person:wu", seen=seen).good


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


# Waiting


class Asking(threading.Thread):
    """A request that may be held."""

    def __init__(self, client: httpx.Client, **parameters: Any) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._parameters = {"feed": "longpoll", **parameters}
        self.answer: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        self.answer = self._client.get(FEED, params=self._parameters)

    @property
    def held(self) -> bool:
        self.join(HELD)
        return self.is_alive()

    def said(self) -> Any:
        self.join(PATIENCE)
        assert self.answer is not None, "the poll was not answered"
        assert self.answer.status_code == 200, self.answer.text
        return self.answer.json()


def now(client: httpx.Client) -> str:
    return str(asked(client, since="now")["last_seq"])


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_poll_waits_for_news(lin: httpx.Client, cast: Cast) -> None:
    asking = Asking(lin, since=now(lin), include_docs="true")
    assert asking.held
    waiting = sits_down(cast.chen)
    said = asking.said()
    assert [row["doc"]["_id"] for row in said["results"]] == [waiting]
    assert asked(lin, since=said["last_seq"])["results"] == []


def test_a_poll_with_news_already_answers_at_once(lin: httpx.Client, cast: Cast) -> None:
    since = now(lin)
    waiting = sits_down(cast.lin)
    assert ids(Asking(lin, since=since).said()["results"]) == [waiting]


def test_what_others_see_does_not_wake(lin: httpx.Client, cast: Cast) -> None:
    asking = Asking(lin, since=now(lin))
    sits_down(cast.chen, "place:lobby-2")
    assert asking.held
    sits_down(cast.chen, "place:lobby-1")
    assert len(asking.said()["results"]) == 1


def test_a_poll_ends_with_nothing_when_time_is_up(lin: httpx.Client) -> None:
    since = now(lin)
    began = time.monotonic()
    said = Asking(lin, since=since, timeout=400).said()
    assert said == {"results": [], "last_seq": since, "pending": 0}
    assert 0.3 < time.monotonic() - began < 5


def test_a_heart_beats_while_a_poll_is_held(lin: httpx.Client, cast: Cast) -> None:
    parameters = {"feed": "longpoll", "since": now(lin), "heartbeat": "1000"}
    with lin.stream("GET", FEED, params=parameters) as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b"\n"
        waiting = sits_down(cast.lin)
        rest = b"".join(chunks)
    assert waiting.encode() in rest


def test_whoever_loses_a_place_while_waiting_is_not_told_what_happens_there(
    lin: httpx.Client, cast: Cast, site: Site, clock: Clock
) -> None:
    asking = Asking(lin, since=now(lin), removed="true")
    assert asking.held
    clock.passes(minutes=1)
    moved(site, "person:lin", places=["place:lobby-2"])
    said = asking.said()  # her own record changed
    assert [row["id"] for row in said["results"]] == ["person:lin"]
    asking = Asking(lin, since=said["last_seq"], removed="true")
    sits_down(cast.chen, "place:lobby-1")
    assert asking.held
    new = sits_down(cast.chen, "place:lobby-2")
    assert ids(asking.said()["results"]) == [new]


def test_whoever_is_signed_out_while_waiting_hears_nothing_more(
    served: Served, site: Site, cast: Cast
) -> None:
    from server import accounts

    client = served.client()
    token = served.token("person:lin")
    client.cookies.set(accounts.cookie_name(site), token)
    asking = Asking(client, since=now(client))
    assert asking.held
    accounts.end_session(site, token)
    sits_down(cast.lin)
    asking.join(PATIENCE)
    assert asking.answer is not None
    assert asking.answer.status_code == 401


def test_another_process_wakes_those_who_wait(lin: httpx.Client, site: Site, cast: Cast) -> None:
    other = Site(site.config, site.now)
    asking = Asking(lin, since=now(lin))
    assert asking.held
    cast.chen.site = other
    waiting = sits_down(cast.chen)
    assert ids(asking.said()["results"]) == [waiting]
    other.close()


def test_polls_end_when_the_server_stops(served: Served) -> None:
    held = [Asking(client, since=now(client)) for client in map(served.client, ["lin"] * 5)]
    assert all(asking.held for asking in held)
    began = time.monotonic()
    served.site.hub.close()
    served.server.should_exit = True
    assert all(asking.said()["results"] == [] for asking in held)
    assert time.monotonic() - began < 5


def test_many_who_wait_get_the_same_news(served: Served, cast: Cast) -> None:
    clients = [served.client(name) for name in ["lin", "chen"] * 10]
    since = [now(client) for client in clients]
    held = [
        Asking(client, since=seq, include_docs="true")
        for client, seq in zip(clients, since, strict=True)
    ]
    time.sleep(HELD)
    act: Act = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    cast.lin.hands_in(act)
    assert {tuple(ids(asking.said()["results"])) for asking in held} == {(act["record"],)}


def test_a_client_that_hangs_up_is_forgotten(served: Served, lin: httpx.Client) -> None:
    waiters = served.server.config.app.state.waiters  # type: ignore[union-attr]
    since = now(lin)
    for _ in range(3):
        with pytest.raises(httpx.ReadTimeout):
            lin.get(FEED, params={"feed": "longpoll", "since": since}, timeout=0.1)
    ends = time.monotonic() + PATIENCE
    while waiters._waiting and time.monotonic() < ends:
        time.sleep(0.02)
    assert waiters._waiting == {}
