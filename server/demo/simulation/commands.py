"""The command `floorwalk simulate`: replays a real day through tablets against a server.

The day begins at the server's own moment, whatever date the file says; a demo that runs at
another speed is asked to hurry for as long as it lasts, any other server is to be started with
the same --speed. Two cores keep up at 300: a day of 3,319 visits takes four minutes. The demo's
guides hold the tablets; --accounts names others. Counts of the network's faults go to stderr.

What it counts, in one line of JSON:

visits                 people of the day who came in
acts                   what the guides did on the tablets; each is in the outbox first
acked                  acts that the server acknowledged to the tablet
lost                   acts that no record's history has at the end, although they were made
duplicated             acts that a history has more than once, and acts that nobody made
escalations_due        rungs of W-02 and W-03 that had to be reached, by truth.py: from what really
                       happened, without the server
escalations_fired      rungs that stand in the server's records: reached by their own act, or
                       recorded as skipped by a higher one, and not annulled
duplicates             rungs that stand more than once in one record, and rungs that stand although
                       they were not due
missed                 rungs that were due and stand nowhere
unsettled              questions that the records carry
ack_p95_ms             from handing a push in to its acknowledgement, real ms, 95th percentile
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

import sync
from server.demo.data import patients
from server.demo.simulation import day_plan, tablet, truth
from server.demo.simulation.tablet import SimulatedCounts, Tablet
from sync.act import ulid
from sync.settings import with_changes

Record = dict[str, Any]
QUIET = 2.0  # s of real time without any change, after which the day is counted
LONGEST_WAIT = 120.0  # s of real time for that


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `floorwalk simulate`."""
    add = parser.add_argument
    add("--replay", type=Path, required=True, help="CSV: entered_at, seen_at, completed_at")
    add("--day", required=True, help="the day of the file, 2019-11-04")
    add("--speed", type=float, default=300.0, help="how many times faster than life")
    add("--tablets", type=int, default=20)
    add("--url", required=True, help="the running server")
    add("--seed", type=int, default=1)
    add("--visits", type=int, default=None, help="only the first so many")
    add("--site", default="demo")
    add("--watch", default="wu:floorwalk", help="login:password of somebody who may see it all")
    add(
        "--accounts",
        default="",
        help="login:password,… of the guides; the demo's own when left out",
    )


def run(args: argparse.Namespace) -> int:
    """Replay the day and print the line; 1 when anything was lost, doubled or missed."""
    try:
        result = asyncio.run(Simulation(args).run())
    except (ValueError, httpx.HTTPError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write(json.dumps(result) + "\n")
    wrong = ("lost", "duplicated", "duplicates", "missed")
    return 1 if any(result[name] for name in wrong) else 0


@dataclass
class Person:
    """A guest: their two records, the tablet that has them, and what really happened."""

    visit: str
    waiting: str
    place: str
    name: str
    tablet: Tablet
    story: truth.TrueWait = field(default_factory=truth.TrueWait)
    water: tuple[Tablet, str] | None = None


class Simulation:
    """One replay."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.rng = Random(args.seed)  # noqa: S311
        self.visits = day_plan.read(args.replay, args.day, args.visits)
        self.counts = SimulatedCounts()
        self.tablets: list[Tablet] = []
        self.people: dict[int, Person] = {}
        self.made: dict[str, str] = {}  # act -> record
        self.speed: float = args.speed
        self._anchor = (0.0, 0)  # (our monotonic s, the site's ms)
        self.begins = 0

    # The day

    async def run(self) -> dict[str, Any]:
        """Replay the day; return the counts."""
        login, _, password = self.args.watch.partition(":")
        async with self._client(login, password) as watcher:
            faster = await self._agree_on_time(watcher)
            try:
                records = await self._records(watcher)
                self._hand_out(records)
                await self._live()
                await self._quiet(watcher)
                records = await self._records(watcher)
            finally:
                if faster:
                    await self._set_speed(watcher, 1)
                for one in self.tablets:
                    await one.client.aclose()
        return self._summary(records)

    def _client(self, login: str, password: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.args.url, auth=(login, password), timeout=tablet.PATIENCE
        )

    def now(self) -> int:
        """Return the site's clock (ms) as a tablet that learnt its offset sees it."""
        since, shown = self._anchor
        return shown + int((time.monotonic() - since) * 1_000 * self.speed)

    async def _agree_on_time(self, watcher: httpx.AsyncClient) -> bool:
        """Learn the server's clock; hurry a demo whose clock is slower; say whether it was."""
        first = await self._ask_time(watcher)
        await asyncio.sleep(1.0)
        second = await self._ask_time(watcher)
        running = (second[1] - first[1]) / ((second[0] - first[0]) * 1_000)
        faster = abs(running - self.speed) > 0.05 * self.speed
        if faster and not await self._set_speed(watcher, self.speed):
            raise ValueError(
                f"The server's clock runs {running:.0f} times as fast as life, not "
                f"{self.speed:.0f}: start it with --speed {self.speed:.0f}."
            )
        self._anchor = await self._ask_time(watcher)
        return faster

    async def _ask_time(self, watcher: httpx.AsyncClient) -> tuple[float, int]:
        response = await watcher.get(f"/sync/{self.args.site}/_session")
        if response.status_code != 200:
            raise ValueError(f"The server answered {response.status_code} to {self.args.watch}.")
        return time.monotonic(), int(response.headers["Floorwalk-Now"])

    async def _set_speed(self, watcher: httpx.AsyncClient, speed: float) -> bool:
        answer = await watcher.put("/demo/clock", json={"speed": int(speed)})
        return answer.status_code == 204

    def _hand_out(self, records: dict[str, Record]) -> None:
        """Give each tablet to a guide, in turn when there are more tablets than guides."""
        people = [r for r in records.values() if r["type"] == "person"]
        pairs = [pair.partition(":") for pair in self.args.accounts.split(",") if pair]
        accounts = {f"person:{login}": (login, password) for login, _, password in pairs}
        if not accounts:
            password = self.args.watch.partition(":")[2]
            guides = [p for p in people if "guide" in (p.get("posts") or []) and p.get("places")]
            accounts = {p["_id"]: (p["_id"].partition(":")[2], password) for p in guides}
        named = sorted(accounts)
        if not named:
            raise ValueError("There is no guide to give a tablet to.")
        for number in range(self.args.tablets):
            person = named[number % len(named)]
            self.tablets.append(self._tablet(number, person, accounts[person]))
        self.places = {
            p["_id"]: p["places"] for p in people if p["_id"] in accounts and p.get("places")
        }
        settings = with_changes(
            sync.declarations()["settings"],
            [r for r in records.values() if r["type"] == "setting"],
        )
        self.limits = truth.limits({key: setting["value"] for key, setting in settings.items()})

    def _tablet(self, number: int, person: str, account: tuple[str, str]) -> Tablet:
        rng = Random(f"{self.args.seed}/{number}")  # noqa: S311
        return Tablet(
            name=f"T{number + 1:02d}",
            person=person,
            device=tablet.device_id(self.now(), rng),
            site=self.args.site,
            client=self._client(*account),
            rng=rng,
            now=self.now,
            speed=self.speed,
            counts=self.counts,
        )

    async def _live(self) -> None:
        self.begins = self.now()
        lives = [asyncio.create_task(t.live(pull_every=1.0)) for t in self.tablets]
        storms = [asyncio.create_task(tablet.weather(t, t.rng, 8, 20)) for t in self.tablets]
        deeds = day_plan.plan(self.visits, self.rng)
        heapq.heapify(deeds)
        while deeds:
            deed = heapq.heappop(deeds)
            early = (self.begins + deed.at - self.now()) / 1_000 / self.speed
            await asyncio.sleep(max(early, 0))
            self._do(deed)
        for storm in storms:
            storm.cancel()
        for one in self.tablets:
            one.closing = True
            one.switch(True)
        await asyncio.gather(*lives)

    def _do(self, deed: day_plan.Deed) -> None:
        at = self.begins + deed.at
        if deed.what == "arrival.registered":
            self._enter(deed, at)
            return
        person = self.people[deed.visit]
        one = self._colleague(person) if deed.by_another else person.tablet
        record = person.visit if deed.what.startswith("arrival.") else person.waiting
        data = self._data_of(deed.what, person)
        if deed.what == "waiting.undone":
            if person.water is None:
                return
            one, undone = person.water
            data = {"undoes": undone}
        act = one.do(deed.what, record, data, at)
        self.made[act["_id"]] = record
        if deed.what == "waiting.water_given" and person.water is None:
            person.water = (one, act["_id"])
        if record == person.waiting:
            person.story.tell(act)

    def _data_of(self, what: str, person: Person) -> dict[str, Any]:
        if what == "waiting.started":
            return {"subject": person.visit, "place": person.place, "name": person.name}
        if what == "waiting.explained":
            return {"explanation": self.rng.choice(patients.EXPLAINED)}
        if what == "waiting.ended":
            return {"outcome": "seen"}
        return {"guidance": True} if what == "arrival.sent_off" else {}

    def _enter(self, deed: day_plan.Deed, at: int) -> None:
        one = self.tablets[deed.visit % len(self.tablets)]
        place = self.rng.choice(self.places[one.person])
        visit = "arrival:" + ulid(at, self.rng.getrandbits(80))
        waiting = "waiting:" + ulid(at, self.rng.getrandbits(80))
        person = Person(visit, waiting, place, patients.name(self.rng), one)
        self.people[deed.visit] = person
        data = {"place": place, "name": person.name}
        act = one.do("arrival.registered", visit, data, at)
        self.made[act["_id"]] = visit

    def _colleague(self, person: Person) -> Tablet:
        """Return another tablet that has pulled this guest's wait, or their own."""
        others = [t for t in self.tablets if t is not person.tablet and person.waiting in t.waiting]
        return self.rng.choice(others) if others else person.tablet

    # The end of it

    async def _quiet(self, watcher: httpx.AsyncClient) -> None:
        """Wait until the day's records have not changed for QUIET."""
        ours = self._ours()
        since = await self._last_seq(watcher)
        began = changed = time.monotonic()
        while time.monotonic() - changed < QUIET and time.monotonic() - began < LONGEST_WAIT:
            await asyncio.sleep(0.25)
            page: dict[str, str | int] = {"since": since, "limit": 1000}
            response = await watcher.get(f"/sync/{self.args.site}/_changes", params=page)
            answer = response.raise_for_status().json()
            since = answer["last_seq"]
            if any(row["id"] in ours for row in answer["results"]):
                changed = time.monotonic()

    async def _last_seq(self, watcher: httpx.AsyncClient) -> str:
        response = await watcher.get(f"/sync/{self.args.site}/_changes?since=now&limit=1")
        return str(response.raise_for_status().json()["last_seq"])

    def _ours(self) -> set[str]:
        people = self.people.values()
        return {person.visit for person in people} | {person.waiting for person in people}

    async def _records(self, watcher: httpx.AsyncClient) -> dict[str, Record]:
        """Return every record that the watcher may see, from the changes feed."""
        records: dict[str, Record] = {}
        since: str | int = 0
        while True:
            response = await watcher.get(
                f"/sync/{self.args.site}/_changes",
                params={"include_docs": "true", "since": since, "limit": 1000},
            )
            response.raise_for_status()
            answer = response.json()
            for row in answer["results"]:
                if row.get("doc"):
                    records[row["id"]] = row["doc"]
            since = answer["last_seq"]
            if len(answer["results"]) < 1_000:
                return records

    def _summary(self, records: dict[str, Record]) -> dict[str, Any]:
        seen: Counter[str] = Counter()
        unsettled = strangers = 0
        for record in (records[i] for i in self._ours() if i in records):
            unsettled += len(record["unsettled"])
            for entry in record["acts"]["recent"]:
                if not entry["by"].startswith("system:"):
                    seen[entry["id"]] += 1
        strangers = sum(1 for act in seen if act not in self.made)
        rungs = self._rungs(records)
        latencies = sorted(self.counts.latencies) or [0.0]
        self._aside(rungs)
        return {
            "visits": len(self.people),
            "acts": len(self.made),
            "acked": len(self.counts.acked & self.made.keys()),
            "lost": sum(1 for act in self.made if act not in seen),
            "duplicated": sum(1 for n in seen.values() if n > 1) + strangers,
            "escalations_due": rungs["due"],
            "escalations_fired": rungs["fired"],
            "duplicates": rungs["twice"] + rungs["wrong"],
            "missed": rungs["missed"],
            "unsettled": unsettled,
            "ack_p95_ms": round(latencies[int(len(latencies) * 0.95)], 1),
        }

    def _rungs(self, records: dict[str, Record]) -> Counter[str]:
        counted: Counter[str] = Counter()
        ended = self.now()
        for person in self.people.values():
            due = person.story.due(self.limits, ended)
            stands: Counter[tuple[str, int]] = Counter()
            climbed = records.get(person.waiting, {}).get("rungs", {})
            for ladder, steps in climbed.items():
                for step in steps:
                    if "annulled_at" in step:
                        counted["annulled"] += 1
                        continue
                    stands[ladder, step["rung"]] += 1
                    for lower in step.get("skipped") or ():
                        stands[ladder, lower] += 1
                        counted["skipped"] += 1
                    counted["passed"] += bool(step.get("passed"))
            counted["due"] += len(due)
            counted["fired"] += len(stands)
            counted["twice"] += sum(n - 1 for n in stands.values())
            counted["wrong"] += len(stands.keys() - due)
            counted["missed"] += len(due - stands.keys())
        return counted

    def _aside(self, rungs: Counter[str]) -> None:
        faults = {**rungs, "refused": len(self.counts.refused), "cut": self.counts.cut}
        faults |= {"sent_again": self.counts.resent, "unreachable": self.counts.unreachable}
        codes = Counter(self.counts.refused.values())
        sys.stderr.write(json.dumps({**faults, **codes}) + "\n")
