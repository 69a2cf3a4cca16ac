"""`floorwalk demo`: a seeded hospital with a morning under way, and people who go on coming in."""

from __future__ import annotations

from random import Random

import sqlalchemy as sa
from starlette.responses import Response

from server.acts.site import Site
from server.clocks.schedule import Schedule
from server.database.tables import meta
from server.demo.data import morning
from server.demo.data.life import Life
from server.demo.data.stream import Stream
from server.http.problems import Trouble
from server.replication.sync_request import SyncRequest
from sync.posts import DECIDERS

SITE = "demo"
SEED = 20_191_104
YOU = (
    ("lin", "guide"),
    ("chen", "guide supervisor"),
    ("wu", "customer service manager"),
    ("zhao", "may sign in and do nothing else"),
)
FASTEST = 10_000


def prepare(site: Site, schedule: Schedule) -> None:
    """Fill an empty site, or go on with one that is there; keep people coming in either way."""
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
    """Return what the terminal says when the demo can be opened."""
    people = "\n".join(f"  {login:5} {post}" for login, post in YOU)
    return f"Floorwalk's demo is at {url}\n{people}\nThe password of each is {morning.PASSWORD}."


def set_clock(request: SyncRequest) -> Response:
    """PUT /demo/clock {"speed": 300}: let a demo's clock run faster, for a replayed day."""
    schedule: Schedule | None = request.http.app.state.schedule
    if not request.site.config.demo or schedule is None:
        raise Trouble("missing")
    if not request.rights.hold(*DECIDERS):
        raise Trouble("forbidden")
    said = request.json()
    speed = said.get("speed") if isinstance(said, dict) else None
    if not isinstance(speed, int) or isinstance(speed, bool) or not 1 <= speed <= FASTEST:
        raise Trouble("bad_request")
    schedule.runs_at(speed)
    return Response(status_code=204)
