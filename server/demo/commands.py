"""Prepares `floorwalk demo`: a seeded hospital with a morning under way, and new guests."""

from __future__ import annotations

from random import Random

import sqlalchemy as sa
from starlette.responses import Response

from server.acts.site import Site
from server.clocks.periodic_tasks import Schedule
from server.database.tables import meta
from server.demo.data import morning
from server.demo.data.new_guests import Stream
from server.demo.data.visit_generator import Life
from server.http.problems import Trouble
from server.replication.sync_request import SyncRequest
from sync.posts import DECIDERS

SITE = "demo"
SEED = 20_191_104  # of the random source: every demo begins with the same morning
YOU = (
    ("lin", "guide"),
    ("chen", "guide supervisor"),
    ("wu", "customer service manager"),
    ("zhao", "may sign in and do nothing else"),
)
FASTEST = 10_000  # times the machine's clock


def prepare(site: Site, schedule: Schedule) -> None:
    """Fill an empty site, or continue a filled one; either way schedule new guests."""
    now = site.now()
    if site.record("place:hospital") is None:
        life = Life(Random(SEED), site.config.name)  # noqa: S311
        stream = Stream(site, life, now, morning.fill(site, now, life))
        with site.writing() as connection:
            connection.execute(sa.insert(meta).values(key="demo", value=str(now)))
    else:
        life = Life(Random(now), site.config.name)  # noqa: S311
        stream = Stream(site, life, now, [])
        stream.adopt(now)
    schedule.every(5, stream.flow)


def greeting(url: str) -> str:
    """Return what the terminal shows when the demo can be opened."""
    people = "\n".join(f"  {login:5} {post}" for login, post in YOU)
    return f"Floorwalk's demo is at {url}\n{people}\nThe password of each is {morning.PASSWORD}."


def set_clock(request: SyncRequest) -> Response:
    """PUT /demo/clock {"speed": 300}: change the speed of a demo's clock, for a replayed day.

    Raises Trouble `missing` outside a demo, `forbidden` for others, `bad_request` for a bad speed.
    """
    schedule: Schedule | None = request.http.app.state.schedule
    if not request.site.config.demo or schedule is None:
        raise Trouble("missing")
    if not request.rights.hold(*DECIDERS):
        raise Trouble("forbidden")
    body = request.json()
    speed = body.get("speed") if isinstance(body, dict) else None
    if not isinstance(speed, int) or isinstance(speed, bool) or not 1 <= speed <= FASTEST:
        raise Trouble("bad_request")
    schedule.runs_at(speed)
    return Response(status_code=204)
