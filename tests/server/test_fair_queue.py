"""The fair queue: every client gets a turn, and a queue that is too long refuses at once."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from server.http import accounts, fair_queue
from server.http.fair_queue import STRANGERS, Admission, FairQueue, RateLimit
from server.http.problems import Trouble
from tests import loop
from tests.cast import Cast
from tests.server.in_process import ADDRESS, inside


async def settled() -> None:
    """Let everybody come as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def worked(ring: FairQueue, order: list[str], who: str, gate: asyncio.Event) -> None:
    """Have a turn, and work until the gate opens."""
    async with ring.turn(who):
        order.append(who)
        await gate.wait()
        await asyncio.sleep(0)


def test_a_thousand_requests_of_one_hold_up_nobody_else() -> None:
    """Lin's tablet sends a thousand, then nineteen others one each: the others are done first."""

    async def played() -> list[str]:
        ring, order, gate = FairQueue(4, 2, 2_000, 60), list[str](), asyncio.Event()
        jobs = [asyncio.create_task(worked(ring, order, "lin", gate)) for _ in range(1_000)]
        await settled()
        for number in range(19):
            jobs.append(asyncio.create_task(worked(ring, order, f"tablet-{number}", gate)))
        await settled()
        assert Counter(order) == {"lin": 2, "tablet-0": 1, "tablet-1": 1}
        gate.set()
        await asyncio.gather(*jobs)
        assert (ring.running, ring.waiting) == (0, 0)
        return order

    order = loop.run(played())
    assert len(order) == 1_019
    others = [place for place, who in enumerate(order) if who != "lin"]
    assert max(others) < 60, "two of Lin's for each of the others at the most"


def test_never_more_at_once_than_may_be() -> None:
    async def played() -> int:
        ring, most = FairQueue(3, 2, 500, 60), 0

        async def job(who: str) -> None:
            nonlocal most
            async with ring.turn(who):
                most = max(most, ring.running)
                await asyncio.sleep(0)

        await asyncio.gather(*(job(f"tablet-{number % 7}") for number in range(300)))
        assert (ring.running, ring.waiting) == (0, 0)
        return most

    assert loop.run(played()) == 3


def test_a_queue_that_is_full_says_when_to_come_back() -> None:
    async def played() -> Trouble:
        ring, gate = FairQueue(1, 1, 2, 60), asyncio.Event()
        jobs = [asyncio.create_task(worked(ring, [], f"{n}", gate)) for n in range(3)]
        await settled()
        with pytest.raises(Trouble) as caught:
            async with ring.turn("late"):
                raise AssertionError("there is no room")
        gate.set()
        await asyncio.gather(*jobs)
        return caught.value

    trouble = loop.run(played())
    assert trouble.problem.status == 503
    assert fair_queue.SOON <= int(trouble.headers["Retry-After"]) <= fair_queue.LATER


def test_whoever_waits_too_long_or_goes_leaves_no_trace() -> None:
    async def played() -> None:
        ring, gate = FairQueue(1, 1, 10, 0.01), asyncio.Event()
        works = asyncio.create_task(worked(ring, [], "lin", gate))
        await settled()
        goes = asyncio.create_task(worked(ring, [], "chen", gate))
        await settled()
        goes.cancel()
        with pytest.raises(asyncio.CancelledError):
            await goes
        with pytest.raises(Trouble):
            async with ring.turn("wu"):
                raise AssertionError("Lin is still at it")
        assert (ring.running, ring.waiting) == (1, 0)
        gate.set()
        await works
        async with ring.turn("wu"):
            assert ring.running == 1

    loop.run(played())


def test_strangers_leave_room_for_those_who_are_known() -> None:
    async def played() -> None:
        ring, gate, order = FairQueue(4, 4, 10, 60), asyncio.Event(), list[str]()
        jobs = [asyncio.create_task(worked(ring, order, STRANGERS, gate)) for _ in range(7)]
        await settled()
        assert (len(order), ring.waiting) == (2, 5)
        with pytest.raises(Trouble):
            async with ring.turn(STRANGERS):
                raise AssertionError("half of the queue is theirs")
        jobs.append(asyncio.create_task(worked(ring, order, "lin", gate)))
        await settled()
        assert order[-1] == "lin"
        gate.set()
        await asyncio.gather(*jobs)

    loop.run(played())


def test_a_device_may_ask_so_often_and_no_more() -> None:
    now = [0.0]
    limits = RateLimit(10, 40, lambda: now[0])
    assert [limits.spend("lin") for _ in range(41)] == [0] * 40 + [1]
    assert limits.spend("chen") == 0, "each has their own"
    now[0] = 0.5
    assert [limits.spend("lin") for _ in range(6)] == [0] * 5 + [1]
    assert not any(RateLimit(0, 1).spend("lin") for _ in range(1_000)), "no rate is no limit"


# Behind HTTP


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_device_that_asks_too_often_hears_429(site: Site, cast: Cast) -> None:
    site.config = replace(site.config, requests_a_second=0.5, requests_burst=5)
    with inside(site) as application:
        answers = [application.ask("lin", "GET", "/sync/demo") for _ in range(8)]
        assert [one.status_code for one in answers] == [200] * 6 + [429] * 2
        assert answers[-1].json()["error"] == "too_many_requests"
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert application.ask("chen", "GET", "/sync/demo").status_code == 200
        assert application.ask("wu", "GET", "/office/people").status_code == 200


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """An event that blocks every piece of work below /sync until it is set."""
    gate, real = threading.Event(), fair_queue.run_queued

    async def run(request: Any, work: Any, *args: Any, **given: Any) -> Any:
        def held() -> Any:
            assert gate.wait(30)
            return work(*args, **given)

        return await real(request, held)

    monkeypatch.setattr(fair_queue, "run_queued", run)
    return gate


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_storm_of_tablets_is_told_to_come_back_and_the_office_goes_on(
    site: Site, cast: Cast, stuck: threading.Event
) -> None:
    """Sixty tablets push while the disk hangs: some wait, the others hear 503; Wu sees her page."""
    site.config = replace(site.config, at_once=4, each_at_once=2, most_waiting=20)

    async def stormed(app: Any) -> tuple[list[httpx.Response], httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        name = accounts.cookie_name(site)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:

            async def push(token: str) -> httpx.Response:
                return await client.post(
                    "/sync/demo/_bulk_docs",
                    json={"docs": [], "new_edits": False},
                    headers={"cookie": f"{name}={token}"},
                )

            tokens = [accounts.begin_session(site, "person:lin", f"d{n}", "") for n in range(60)]
            storm = [asyncio.create_task(push(token)) for token in tokens]
            admission: Admission = app.state.admission
            async with asyncio.timeout(30):
                while sum(one.done() for one in storm) < 60 - 2 - 10:
                    await asyncio.sleep(0.001)
            assert (admission.sync.running, admission.sync.waiting) == (2, 10), (
                "all are strangers yet"
            )
            desk = accounts.begin_session(site, "person:wu", "desk", "")
            page = await client.get("/office/people", headers={"cookie": f"{name}={desk}"})
            stuck.set()
            return await asyncio.gather(*storm), page

    with inside(site) as application:
        storm, page = application.loop.run(stormed(application.app))
    assert page.status_code == 200
    assert Counter(one.status_code for one in storm) == {201: 12, 503: 48}
    refused = next(one for one in storm if one.status_code == 503)
    assert refused.json()["error"] == "service_unavailable"
    assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_office_that_is_too_full_says_so_in_the_readers_language(site: Site, cast: Cast) -> None:
    site.config = replace(site.config, office_at_once=1, most_waiting=0)
    with inside(site) as application:
        admission: Admission = application.app.state.admission
        turn = admission.office.turn("somebody")
        application.loop.run(turn.__aenter__())
        headers = {"accept": "text/html", "accept-language": "zh-CN"}
        answer = application.ask("wu", "GET", "/office/people", headers=headers)
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1
        assert "服务器" in answer.text and answer.headers["content-type"].startswith("text/html")
        application.loop.run(turn.__aexit__(None, None, None))
        assert application.ask("wu", "GET", "/office/people").status_code == 200
