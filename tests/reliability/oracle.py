"""The oracle: invariants checked after every step, read from the database and the tablets."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

import sync
from sync.act import Act
from sync.check_act import Record
from sync.selector import matches
from tests.cast import PLACES
from tests.reliability.device import Device, Row
from tests.reliability.hospital_template import House

SHARED = ("place:", "person:", "unit:")


class Broken(Exception):
    """Something that must never be."""


def must(holds: bool, what: str) -> None:
    """Raise Broken unless it holds."""
    if not holds:
        raise Broken(what)


def around(place: str) -> list[str]:
    """Return a place and those it lies inside of."""
    found = [place]
    while inside := PLACES.get(found[-1], {}).get("inside"):
        found.append(inside)
    return found


class Oracle:
    """Watches one hospital."""

    def __init__(self, house: House, devices: list[Device]) -> None:
        self.house, self.devices = house, devices
        self.made: dict[str, tuple[Act, Device]] = {}
        self.acked: set[str] = set()  # stored, said an answer that arrived
        self.refused: set[str] = set()  # kept apart, said an answer that arrived
        self.was_restored = False
        self.seq = 0
        self.known: dict[str, str] = {}  # acts in the database: what they are
        self._told: Counter[tuple[Any, ...]] = Counter()
        self._taken_back: Counter[tuple[Any, ...]] = Counter()
        self._bodies: dict[tuple[str, str], Record] = {}

    # After every step

    def looks(self) -> None:
        """Check the server against its acknowledgements, and the tablets against the server."""
        self._seq_grows()
        kept = {row[0] for row in self.house.rows("select act_id from quarantine")}
        # What came before its record from somebody without a right is taken out, and shown (A2).
        taken_out = {row[0] for row in self.house.rows("select id from withdrawn_acts")} & kept
        self._read_acts(taken_out)
        self.refused |= self.acked & taken_out
        self.acked -= taken_out
        if self.was_restored:  # rights were put back too: what was good then may be refused now
            self.refused |= self.acked & kept
            self.acked -= kept
        gone = sorted(self.acked - self.known.keys())
        lost = [act for act in gone if not self._comes_again(act)]
        must(not lost, f"acknowledged and lost: {lost}")
        gone = sorted(self.refused - self.known.keys() - kept)
        lost = [act for act in gone if not self._comes_again(act)]
        must(not lost, f"refused and not kept: {lost}")

    def _seq_grows(self) -> None:
        [(seq,)] = self.house.rows("select seq from counter")
        must(seq >= self.seq, f"the seq went from {self.seq} to {seq}")
        self.seq = seq

    def restored(self) -> None:
        """The server is at an earlier day: what it knows is read anew."""
        self.was_restored, self.seq = True, 0
        self.known.clear()
        self._told.clear()
        self._taken_back.clear()
        self._bodies.clear()

    def _comes_again(self, identifier: str) -> bool:
        """Say whether its tablet still has an act and will offer it once more."""
        device = self.made[identifier][1]
        row = device.disk.acts.get(identifier)
        if not self.was_restored or row is None:
            return False
        return row.state == "waiting" or device.disk.epoch != self.house.epoch

    def _read_acts(self, taken_out: set[str]) -> None:
        found = dict(self.house.rows("select id, act from acts"))
        gone = self.known.keys() - found.keys() - taken_out
        must(not gone, f"acts vanished from the server: {sorted(gone)}")
        new = [name for name in found if name not in self.known]
        self.known = found
        # What was taken back may be told again in the same beat.
        for name in sorted(new, key=lambda name: ("annulled" not in found[name], name)):
            verb = found[name].partition(".")[2]
            if verb in ("rung_reached", "rung_annulled", "told", "annulled", "noted"):
                [(body,)] = self.house.rows("select body from acts where id = ?", name)
                self._count(verb, orjson.loads(body))

    def _count(self, verb: str, act: Act) -> None:
        data, record = act["data"], act["record"]
        if verb == "rung_annulled":
            self._taken_back[record, data["ladder"], data["rung"]] += 1
            return
        if verb == "rung_reached":
            rung = (record, data["ladder"], data["rung"])
            self._once((*rung, data["due_at"]), 1 + self._taken_back[rung])
        elif verb == "told":
            key = (data["about"], data["to"], data["what"], data.get("rung"), data.get("due_at"))
            rung = (data["about"], data["what"], data.get("rung"))
            self._once(key, 1 + self._taken_back[rung])
        elif verb == "noted" and record.startswith("refusal:"):
            self._once(("refusal", data["body"]), 1)

    def _once(self, key: tuple[Any, ...], most: int) -> None:
        self._told[key] += 1
        must(self._told[key] <= most, f"told {self._told[key]} times: {key}")

    # What somebody may see

    def visible(self, person: str) -> dict[str, str]:
        """Return {id: rev} of what a person may see now."""
        mine = self._channels(self.house.person(person))
        found = {}
        for name, (rev, body) in self.house.records().items():
            if not mine.isdisjoint(self._offered(self._body(name, rev, body))):
                found[name] = rev
        return found

    def _body(self, name: str, rev: str, body: bytes) -> Record:
        if (name, rev) not in self._bodies:
            self._bodies[name, rev] = orjson.loads(body)
        return self._bodies[name, rev]

    @staticmethod
    def _channels(person: Record) -> set[str]:
        if person["active"] is False:
            return set()
        posts = person.get("posts") or ()
        if not posts:
            return {person["_id"]}
        places = person.get("places") or ()
        return {person["_id"], "all", *places, *(f"post:{post}" for post in posts)}

    @staticmethod
    def _offered(record: Record) -> set[str]:
        found: set[str] = set()
        for channel in sync.declarations()["records"][record["type"]]["channels"]:
            name, fits = (channel, {}) if isinstance(channel, str) else channel
            if not matches(fits, record):
                continue
            value = record.get(name[1:-1]) if name.startswith("{") else name
            if name == "{told}":
                steps = [step for climbed in record["rungs"].values() for step in climbed]
                found.update(p for s in steps if "annulled_at" not in s for p in s.get("told", ()))
            elif isinstance(value, str) and (value == name or value.startswith(SHARED)):
                found.update(around(value) if value.startswith("place:") else [value])
        if record["state"] == "unknown":
            found.update(said["by"] for said in record["acts"]["recent"])
            found.update(question["by"] for question in record["unsettled"])
        return found

    # A tablet that says it has everything

    def holds_everything(self, device: Device) -> None:
        """Check a tablet whose pull has just come to its end: it holds all that its person sees."""
        waiting = device.waiting(device.person)
        must(not waiting, f"{device.id} says all is sent, and {len(waiting)} acts wait")
        wanted, view = self.visible(device.person), device.disk.view
        over = {row.act["record"] for row in device.disk.acts.values() if _lies_over(row)}
        got = {name for name in view if name not in over}
        missing = wanted.keys() - got - over
        must(not missing, f"{device.id} lacks {sorted(missing)}")
        surplus = got - wanted.keys()
        must(not surplus, f"{device.id} still shows {sorted(surplus)}")
        records = self.house.records()
        for name in got:
            rev, body = records[name]
            same = view[name][0] == self._body(name, rev, body)
            must(same, f"{device.id} shows another {name} than {rev}")

    def may_be_told(self, device: Device, rows: list[dict[str, Any]]) -> None:
        """Check a page that was handed to a tablet."""
        mine = self._channels(self.house.person(device.person)) if rows else set()
        for row in rows:
            if "doc" in row:
                seen = not mine.isdisjoint(self._offered(row["doc"]))
                must(seen, f"{device.person} was shown {row['id']}")

    # At the end

    def nothing_is_lost(self) -> None:
        """Check that every act that was kept on a tablet is stored unchanged, or quarantined."""
        bodies = dict(self.house.rows("select id, body from acts"))
        apart = {row[0] for row in self.house.rows("select act_id from quarantine")}
        for name, (act, _) in self.made.items():
            if name not in bodies:
                must(name in apart, f"lost: {name} {act['act']}")
                must(name not in self.acked or self.was_restored, f"stored, then refused: {name}")
                continue
            stored = orjson.loads(bodies[name])
            for mark in ("admitted_by", "late_authority"):
                stored.pop(mark, None)
            stored["at"] = stored.pop("said_at", stored["at"])
            must(stored == act, f"{name} is stored as something else")


def _lies_over(row: Row) -> bool:
    return row.over and row.state == "waiting"
