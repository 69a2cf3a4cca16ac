"""Long polls on the changes feed: held until there is news for this person, and no longer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.database.tables import sessions
from server.http import accounts
from server.replication import changes_feed
from server.replication.feed_wakeups import MOST_HELD
from sync.act import Act
from tests.cast import Cast
from tests.clock import Clock
from tests.server.conftest import BOTH
from tests.server.feed import FEED, asked, ids, moved, sits_down
from tests.server.served import Served
from tests.tablet import until

HELD = 0.3  # s after which a request that is not answered counts as held
PATIENCE = 10.0


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's tablet."""
    return served.client("lin")


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
    assert time.monotonic() - began > 0.3


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


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_wire_that_was_cut_is_mended_and_missed_by_nobody(
    lin: httpx.Client, site: Site, cast: Cast
) -> None:
    def listening() -> list[int]:
        wanted = "select pid from pg_stat_activity where query = 'listen floorwalk'"
        with site.reading() as connection:
            here = f"{wanted} and datname = current_database()"
            return list(connection.exec_driver_sql(here).scalars())

    (first,) = until(listening, "somebody to listen")
    other = Site(site.config, site.now)
    cast.chen.site = other
    asking = Asking(lin, since=now(lin))
    assert asking.held
    with site.writing() as connection:
        connection.exec_driver_sql(f"select pg_terminate_backend({first})")
    waiting = sits_down(cast.chen)
    assert ids(asking.said()["results"]) == [waiting]
    until(lambda: listening() not in ([], [first]), "somebody to listen again")
    asking = Asking(lin, since=now(lin))
    assert asking.held
    waiting = sits_down(cast.chen)
    assert ids(asking.said()["results"]) == [waiting]
    other.close()


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_whoever_is_signed_out_by_another_process_waits_no_longer(
    served: Served, site: Site
) -> None:
    other = Site(site.config, site.now)
    client, token = served.client(), served.token("person:lin")
    client.cookies.set(accounts.cookie_name(site), token)
    asking = Asking(client, since=now(client))
    assert asking.held
    accounts.end_session(other, token)
    asking.join(PATIENCE)
    assert asking.answer is not None and asking.answer.status_code == 401
    assert client.get(FEED).status_code == 401
    other.close()


def test_a_session_that_is_gone_from_the_database_is_missed_within_a_second(
    served: Served, site: Site
) -> None:
    clients = [served.client("lin") for _ in range(3)]
    polls = [Asking(client, since=now(client), heartbeat="true") for client in clients]
    assert all(poll.held for poll in polls)
    with site.writing() as connection:
        connection.execute(sa.delete(sessions))
    for poll in polls:
        poll.join(PATIENCE)
        assert poll.answer is not None and poll.answer.status_code == 401


def test_one_poll_too_many_ends_the_oldest(lin: httpx.Client, served: Served) -> None:
    since = now(lin)
    polls = [Asking(served.client("lin"), since=since) for _ in range(MOST_HELD)]
    assert all(poll.is_alive() for poll in polls) and polls[-1].held
    one_more = Asking(lin, since=since)
    ends = time.monotonic() + PATIENCE
    while all(poll.is_alive() for poll in polls) and time.monotonic() < ends:
        time.sleep(0.02)
    ended = [poll for poll in polls if not poll.is_alive()]
    assert len(ended) == 1 and ended[0].said()["results"] == [] and one_more.is_alive()
    served.site.hub.close()
    assert all(poll.said()["results"] == [] for poll in [*polls, one_more])


def test_a_heart_that_beats_keeps_a_poll_alive_beyond_its_timeout(
    lin: httpx.Client, cast: Cast
) -> None:
    asking = Asking(lin, since=now(lin), heartbeat="1000", timeout="300")
    assert asking.held and asking.held
    waiting = sits_down(cast.lin)
    assert ids(asking.said()["results"]) == [waiting]


def test_nobody_is_asked_about_those_who_wait_while_their_rights_are_as_they_were(
    served: Served, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.acts.session_cache.SURE_FOR", 600.0)  # however busy the machine is
    monkeypatch.setattr("server.acts.site_reference.SURE_FOR", 600.0)
    clients = [served.client(name) for name in ["lin", "chen", "wu"]]
    polls = [Asking(client, since=now(client)) for client in clients]
    assert all(poll.held for poll in polls)
    calls = Counter[str]()
    monkeypatch.setattr(changes_feed, "read_request", counted(changes_feed.read_request, calls))
    monkeypatch.setattr(changes_feed, "read", counted(changes_feed.read, calls))
    waiting = sits_down(cast.lin)
    answers = [poll.said() for poll in polls]
    assert [ids(answer["results"]) for answer in answers] == [[waiting]] * 3
    again = [Asking(c, since=a["last_seq"]) for c, a in zip(clients, answers, strict=True)]
    assert all(poll.held for poll in again)
    assert calls == {}
    served.site.hub.close()
    assert all(poll.said()["results"] == [] for poll in again)


def test_what_happened_for_others_while_the_server_was_away_is_looked_at_once(
    lin: httpx.Client, cast: Cast, served: Served, site: Site
) -> None:
    since = now(lin)
    other = Site(site.config, site.now)
    cast.chen.site = other
    for _ in range(3):
        sits_down(cast.chen, "place:lobby-2")
    until(lambda: site.hub.seq == other.hub.seq, "the news to arrive")
    other.close()
    site.hub._forget(site.hub.seq)  # as after a start
    reads = Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes_feed, "read", counted(changes_feed.read, reads))
        for _ in range(3):
            assert asked(lin, since=since)["results"] == []
    assert reads["read"] == 1


def counted(function: Any, calls: Counter[str]) -> Any:
    def count(*given: Any) -> Any:
        calls[function.__name__] += 1
        return function(*given)

    return count


@pytest.mark.parametrize("database", BOTH, indirect=True)
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
    served.site.hub.close()
    served.server.should_exit = True
    assert all(asking.said()["results"] == [] for asking in held)


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
    wakeups = served.server.config.app.state.wakeups  # type: ignore[union-attr]
    since = now(lin)
    for _ in range(3):
        with pytest.raises(httpx.ReadTimeout):
            lin.get(FEED, params={"feed": "longpoll", "since": since}, timeout=0.1)
    ends = time.monotonic() + PATIENCE
    while wakeups._waiting and time.monotonic() < ends:
        time.sleep(0.02)
    assert wakeups._waiting == {}
