"""A simulated tablet: outbox, pushes and pulls on a network that comes and goes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from sync.act import make, ulid

Act = dict[str, Any]

AT_ONCE = 100  # acts in a push
PATIENCE = 30.0  # s for an answer
REPLY_LOST = 0.03  # chance that the server has a push and the tablet does not learn it
CUT_SHORT = 0.02  # chance that the connection is cut during a push
OFFERED_AGAIN = 0.02  # chance that acknowledged acts are sent once more


@dataclass
class SimulatedCounts:
    """Counts over all tablets of a run."""

    acked: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)  # ms of real time
    resent: int = 0
    cut: int = 0
    unreachable: int = 0


@dataclass
class Tablet:
    """One device in one guide's hands."""

    name: str
    person: str
    device: str
    site: str
    client: httpx.AsyncClient
    rng: Random
    now: Callable[[], int]
    speed: float
    counts: SimulatedCounts
    online: bool = True
    closing: bool = False
    since: str | int = 0
    outbox: dict[str, Act] = field(default_factory=dict)
    sent: list[Act] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # waiting records that it has pulled
    last_seen: dict[str, str] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def do(self, name: str, record: str, data: dict[str, Any], at: int) -> Act:
        """Make an act at `at` (ms); it is in the outbox before anything else happens."""
        act = make(
            name,
            record,
            data,
            at=at,
            by=self.person,
            device=self.device,
            site=self.site,
            seen=self.last_seen.get(record),
            random_bits=lambda: self.rng.getrandbits(80),
        )
        self.last_seen[record] = act["_id"]
        self.outbox[act["_id"]] = act
        self.wake.set()
        return act

    def switch(self, online: bool) -> None:
        """Switch the network on or off."""
        self.online = online
        self.wake.set()

    async def live(self, pull_every: float) -> None:
        """Push and pull until closed and empty; `pull_every` is in seconds of real time."""
        pulled, pause = 0.0, 0.05
        while not (self.closing and not self.outbox):
            if not self.online and not self.closing:
                await self._rest(0.5)
                continue
            try:
                if self.outbox:
                    await self._push()
                if time.monotonic() - pulled > pull_every:
                    await self._pull()
                    pulled = time.monotonic()
                pause = 0.05
            except (httpx.HTTPError, OSError, TimeoutError):
                self.counts.unreachable += 1
                pause = min(pause * 2, 1.0)
                await asyncio.sleep(pause * self.rng.uniform(0.5, 1.0))
                continue
            if not self.outbox:
                await self._rest(pull_every)

    async def _rest(self, seconds: float) -> None:
        self.wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            pass

    async def _push(self) -> None:
        acts = list(self.outbox.values())[:AT_ONCE]
        if self.sent and self.rng.random() < OFFERED_AGAIN:
            acts += self.rng.sample(self.sent, min(3, len(self.sent)))
            self.counts.resent += 1
        started = time.monotonic()
        if self.rng.random() < CUT_SHORT:
            self.counts.cut += 1
            async with asyncio.timeout(self.rng.uniform(0.001, 0.03)):
                await self._send(acts)
        answer = await self._send(acts)
        if self.rng.random() < REPLY_LOST:
            self.counts.cut += 1
            raise httpx.ReadError("the reply was lost on the way")
        self.counts.latencies.append((time.monotonic() - started) * 1_000)
        self._settle(acts, answer)

    async def _send(self, acts: list[Act]) -> list[dict[str, Any]]:
        response = await self.client.post(
            f"/sync/{self.site}/_bulk_docs",
            json={"docs": acts, "new_edits": False},
            headers=self._headers(),
        )
        if response.status_code != 201:
            raise httpx.ReadError(f"the server said {response.status_code}")
        rows: list[dict[str, Any]] = response.json()
        return rows

    def _settle(self, acts: list[Act], answer: list[dict[str, Any]]) -> None:
        for row in answer:
            if row.get("error"):
                self.counts.refused[row["id"]] = str(row.get("reason"))
        for act in acts:
            if self.outbox.pop(act["_id"], None) is not None:
                self.sent.append(act)
            if act["_id"] not in self.counts.refused:
                self.counts.acked.add(act["_id"])

    async def _pull(self) -> None:
        while True:
            response = await self.client.get(
                f"/sync/{self.site}/_changes",
                params={"include_docs": "true", "since": self.since, "limit": 500},
                headers=self._headers(),
            )
            if response.status_code != 200:
                raise httpx.ReadError(f"the server said {response.status_code}")
            answer = response.json()
            for row in answer["results"]:
                self._take_in(row.get("doc"))
            self.since = answer["last_seq"]
            if len(answer["results"]) < 500:
                return

    def _take_in(self, record: dict[str, Any] | None) -> None:
        if record is None or record.get("type") != "waiting":
            return
        self.last_seen[record["_id"]] = record["acts"]["last"]
        if record["state"] == "waiting":
            self.waiting.add(record["_id"])
        else:
            self.waiting.discard(record["_id"])

    def _headers(self) -> dict[str, str]:
        oldest = next(iter(self.outbox.values()), None)
        description = {
            "id": self.device,
            "version": "simulated",
            "waiting": len(self.outbox),
            "oldest": oldest["at"] if oldest else None,
            "offset": 0,
            "persisted": True,
        }
        return {"Floorwalk-Device": json.dumps(description)}


def device_id(at: int, rng: Random) -> str:
    """Return the id of a new device."""
    return "device:" + ulid(at, rng.getrandbits(80))


async def weather(tablet: Tablet, rng: Random, minutes_away: float, minutes_here: float) -> None:
    """Cut the tablet's network at random, now and then for very long (minutes of the site)."""
    while not tablet.closing:
        await _site_minutes(rng.expovariate(1 / minutes_here), tablet)
        tablet.switch(False)
        long = rng.random() < 0.05
        await _site_minutes(
            rng.uniform(90, 180) if long else rng.expovariate(1 / minutes_away), tablet
        )
        tablet.switch(True)


async def _site_minutes(minutes: float, tablet: Tablet) -> None:
    await asyncio.sleep(minutes * 60 / tablet.speed)
