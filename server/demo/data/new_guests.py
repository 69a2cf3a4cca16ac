"""Keeps the demo alive: guests keep coming, and simulated guides look after most of them."""

from __future__ import annotations

import heapq
import threading
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.site import Site
from server.database.tables import acts, devices, records
from server.demo.data import measured_traffic, morning
from server.demo.data.visit_generator import MINUTE, YOU, Life
from sync.act import Act
from sync.check_act import Record

COLLEAGUE = "person:qiao"  # ends the waits that YOU left open
TEN = 10  # the hour whose rate of visits the demo has at any time
FEWEST = 12  # waits; with fewer after a restart, the last CAUGHT_UP is made up for
IN_TOUCH = MINUTE // 3  # ms between two signs of life of the colleagues' tablets
CAUGHT_UP = 50 * MINUTE
STEPS = {"waiting": "waiting.ended", "arrival": "arrival.sent_off"}


class Stream:
    """Acts still to come. `flow` hands in those that are due; call it every few seconds."""

    def __init__(self, site: Site, life: Life, now: int, future: list[Act]) -> None:
        self.site = site
        self.life = life
        self._lock = threading.Lock()
        self._coming: list[tuple[int, str, Act]] = [(a["at"], a["_id"], a) for a in future]
        heapq.heapify(self._coming)
        self._next = now + self._pause()
        self._in_touch_at = now

    def adopt(self, now: int) -> None:
        """After a restart, plan the end of our guests' open records, and let more come in."""
        planned = {act["record"] for _, _, act in self._coming}
        waiting = 0
        for record in self._open():
            waiting += record["type"] == "waiting"
            if record["_id"] not in planned:
                self._plan_the_end(record, now)
        if waiting < FEWEST:
            late = [a for at in self._earlier(now) for a in self.life.visit(at)]
            for act in late:
                heapq.heappush(self._coming, (act["at"], act["_id"], act))

    def flow(self) -> None:
        """Hand in what is due by now."""
        now = self.site.now()
        with self._lock:
            while self._next <= now:
                for act in self.life.visit(self._next):
                    heapq.heappush(self._coming, (act["at"], act["_id"], act))
                self._next += self._pause()
            due: list[Act] = []
            while self._coming and self._coming[0][0] <= now:
                due.append(heapq.heappop(self._coming)[2])
        morning.hand_in(self.site, filter(None, map(self._by_somebody, due)), now)
        if now - self._in_touch_at >= IN_TOUCH:
            self._stay_in_touch(now)

    def _stay_in_touch(self, now: int) -> None:
        """Mark colleagues' tablets as seen, as real ones would be; the offline one is not."""
        self._in_touch_at = now
        ours = devices.c.id.in_(list(self.life.devices.values()))
        seen = {"last_seen_at": now, "version": morning.installed()}
        seen |= {"pulled_at": now, "pulled_seq": self.site.hub.seq}
        with self.site.writing() as connection:
            connection.execute(sa.update(devices).where(ours, devices.c.waiting == 0).values(seen))

    def _by_somebody(self, act: Act) -> Act | None:
        """Return the act to hand in, or None: what YOU could do yourself is left to you."""
        verb = act["act"].partition(".")[2]
        record = self.site.record(act["record"])
        if verb in ("ended", "sent_off", "stage_reached") and (record is None or _is_over(record)):
            return None
        if act["by"] != YOU:
            return act
        if act["act"].startswith("waiting.") and verb not in ("started", "ended"):
            return None
        device = self.life.devices[COLLEAGUE]
        seen = record["acts"]["last"] if record else None
        return {**act, "by": COLLEAGUE, "device": device, "seen": seen}

    def _plan_the_end(self, record: Record, now: int) -> None:
        story = self.life.story_of(record)
        name = STEPS[record["type"]]
        fields: dict[str, Any] = {"outcome": "seen"} if name == "waiting.ended" else {}
        at = now + self.life.minutes(1, 30 if fields else 60)
        act = story.tell(at, COLLEAGUE, name, **fields)
        heapq.heappush(self._coming, (at, act["_id"], act))

    def _open(self) -> list[Record]:
        """Return open records that our guides made; others end their own."""
        ours = sa.select(acts.c.record).where(
            acts.c.act.in_(("waiting.started", "arrival.registered")),
            acts.c.device.in_(list(self.life.devices.values())),
        )
        wanted = sa.select(records.c.body).where(
            records.c.state.in_(("waiting", "present")), records.c.id.in_(ours)
        )
        with self.site.reading() as connection:
            return [orjson.loads(body) for body in connection.execute(wanted).scalars()]

    def _earlier(self, now: int) -> list[int]:
        moments, at = [], now - CAUGHT_UP
        while (at := at + self._pause()) < now:
            moments.append(at)
        return moments

    def _pause(self) -> int:
        an_hour = measured_traffic.VISITS_AN_HOUR[TEN] / morning.ONE_IN
        return int(self.life.rng.expovariate(an_hour / 60) * MINUTE) + 1


def _is_over(record: Record) -> bool:
    return bool(record["state"] in ("ended", "sent_off", "undone"))
