"""Signing in to a cluster: once, never again with a password that was refused, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from server.cluster import account
from server.cluster.link_loop import Link
from sync import cluster_client as client
from tests.cast import made_site
from tests.clock import Clock
from tests.peers.couch import Couch
from tests.server.link.conftest import Founds
from tests.server.link.proxy import Proxy, between

NO = (401, {"error": "unauthorized", "reason": "Name or password is incorrect."})
LOCKED = (403, {"error": "forbidden", "reason": "Account is temporarily locked"})
BUSY = (503, {"error": "service_unavailable", "reason": "all nodes are down"})
EMPTY = {"Set-Cookie": "AuthSession=; Version=1; Path=/; HttpOnly"}  # CouchDB adds it to a 401


def test_wrong_credentials_are_tried_once_and_never_again(
    founds: Founds, clock: Clock, proxy: Proxy
) -> None:
    east = founds("east", proxy.url)
    wrong = account.Linked(proxy.url, "east", "wrong")
    account.write(east.site.config.data, wrong)
    east.linked = wrong
    assert east.looks().state == "locked_out"
    tries = proxy.count("/_session")
    assert tries == 1
    for _ in range(5):  # nor by a server that was started again
        link = Link(east.site)
        link.poke()
        link.stop()
    assert proxy.count("/_session") == tries and proxy.count("site-") == 0
    assert east.status()["stopped"] is True
    account.write(east.site.config.data, account.Linked(proxy.url, "", ""))
    assert Link(east.site).may_try(account.read(east.site.config.data))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "state"), [(NO, "locked_out"), (LOCKED, "locked_for_now"), (BUSY, "away")]
)
@pytest.mark.parametrize("cookie", [{}, EMPTY], ids=["no-cookie", "empty-cookie"])
@pytest.mark.parametrize("carries", [False, True])
def test_nothing_is_asked_for_after_a_refused_sign_in(
    founds: Founds,
    proxy: Proxy,
    answer: tuple[int, dict[str, str]],
    state: str,
    cookie: dict[str, str],
    carries: bool,
) -> None:
    """found.md §5: with the empty cookie of a real CouchDB the link asked for `_local` once."""
    east = founds("east", proxy.url, carries=carries)
    east.linked = replace(east.linked, name="east", password="wrong")
    proxy.signing_in = (answer[0], cookie, answer[1])
    assert east.looks().state == state
    assert proxy.seen == [("POST", "/_session")]


def test_whoever_is_refused_on_another_database_is_told_why(proxy: Proxy) -> None:
    """The databases of other hospitals share a session, and what was said when it ran out."""
    cluster = client.Cluster(client.Account(proxy.url, "east", "wrong"), "site-east")
    proxy.signing_in = (NO[0], EMPTY, NO[1])
    with pytest.raises(client.ClusterTrouble, match="Name or password") as trouble:
        cluster.of("site-west").local("letters")
    assert trouble.value.kind == "locked_out" and proxy.count("site-") == 0
    cluster.close()


def test_a_hospital_signs_in_once_to_what_is_its_own(clock: Clock, tmp_path: Path) -> None:
    with Couch() as couch, between(couch.url) as proxy:
        httpx.put(f"{couch.url}/_config/admins/root", json="secret").raise_for_status()
        asks = httpx.Client(base_url=couch.url, auth=("root", "secret"))
        user = {"_id": "org.couchdb.user:east", "name": "east", "password": "right", "type": "user"}
        asks.put(f"/_users/{user['_id']}", json={**user, "roles": []}).raise_for_status()
        for path, body in (("", None), ("/_security", {"members": {"names": ["east"]}})):
            asks.put(f"/site-east{path}", json=body).raise_for_status()
        site = made_site(tmp_path, clock, name="east")
        right = account.Linked(proxy.url, "east", "right")
        link = Link(site)
        for _ in range(3):
            assert link.turn(right).state == "up_to_date"
        assert proxy.count("/_session") == 1
        proxy.answers = [(401, {}, {"error": "unauthorized", "reason": "ran out"})]
        assert link.turn(right).state == "up_to_date"
        assert proxy.count("/_session") == 2, "a session that ran out is begun again"
        not_an_admin = (401, {}, {"error": "unauthorized", "reason": "not a server admin"})
        proxy.answers = [not_an_admin, not_an_admin]
        assert link.turn(right).state == "not_allowed", "the password was right: it is tried again"
        assert link.may_try(right) is False and link.state.next_at
        assert link.turn(account.Linked(proxy.url, "east", "wrong")).state == "locked_out"
        link.stop()
        asks.close()
        site.close()


def test_an_account_that_others_locked_is_left_alone_for_ten_minutes(
    founds: Founds, proxy: Proxy
) -> None:
    east = founds("east", proxy.url)
    reason = "Account is temporarily locked due to multiple authentication failures"
    proxy.answers = [(403, {}, {"error": "forbidden", "reason": reason})]
    state = east.looks()
    assert state.state == "locked_for_now"
    assert (state.next_at or 0) - (state.error_at or 0) >= 600_000
