"""The simulated tablet: the rules of `replicate.js` and `transaction_bodies.js` in Python.

What is in `disk` outlives a crash. A method here that writes is one transaction there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sync import fold
from sync.act import Act
from sync.check_act import Declarations, Record
from tests.clock import DAY
from tests.reliability.server_clients import Page, Pushed, Trouble

BATCH = 50
KEEP_SENT = 7 * DAY
GONE: Record = {}


@dataclass
class Row:
    """An own act and its state; `over` while it lies over the server's record."""

    act: Act
    state: str  # waiting, sent or refused
    kept_at: int
    over: bool = True
    code: str = ""


@dataclass
class Disk:
    """What is committed."""

    acts: dict[str, Row] = field(default_factory=dict)
    view: dict[str, tuple[Record, int]] = field(default_factory=dict)  # (record, round)
    base: dict[str, tuple[Record | None, int]] = field(default_factory=dict)  # (record, round)
    checkpoint: str | None = None
    epoch: str | None = None
    round: int = 0
    whole: int | None = None
    reader: str | None = None


@dataclass
class Line:
    """What a tablet has of the network for one turn."""

    push: Callable[[str, list[Act]], Pushed]
    pull: Callable[[str, str | None, int], Page]
    limit: int = 1_000
    pages: int = 1_000  # then time is up


class Device:
    """One tablet, used by one person at a time."""

    def __init__(self, name: str, person: str, declarations: Declarations, skew: int) -> None:
        self.id, self.person, self.skew = name, person, skew
        self.seals = True  # what somebody leaves behind; without the server's key it cannot
        self.declarations = declarations
        self.disk = Disk()
        self.answered: set[str] = set()  # own acts that an answer or a page spoke of in this step

    # Keeping

    def keep(self, act: Act, at: int) -> None:
        """Keep an act, and what it makes of its record."""
        disk, record = self.disk, act["record"]
        before = disk.view.get(record)
        if record not in disk.base:
            disk.base[record] = before or (None, disk.round)
        after = fold.apply(self.declarations, before[0] if before else None, act)
        disk.view[record] = (after, disk.round)
        disk.acts[act["_id"]] = Row(act, "waiting", at)

    def waiting(self, person: str | None = None) -> list[Act]:
        """Return the acts that are to be sent, oldest first."""
        rows = [row for row in self.disk.acts.values() if row.state == "waiting"]
        wanted = [row for row in rows if person in (None, row.act["by"])]
        return [row.act for row in sorted(wanted, key=lambda row: row.kept_at)]

    # A turn

    def turn(self, line: Line) -> str:
        """Push, then pull; return "ok", "more" or the trouble there was."""
        try:
            self._confirm()
            self._push(line)
            whole = self._pull(line)
            return "ok" if whole and not self.waiting(self.person) else "more"
        except Trouble as trouble:
            return str(trouble)

    def _confirm(self) -> None:
        """Another person sees other records: those of the one before are not for these eyes."""
        disk = self.disk
        if disk.reader != self.person:
            disk.view.clear()
            disk.base.clear()
            if disk.reader is not None and not self.seals:  # what has arrived goes, too
                disk.acts = {one: row for one, row in disk.acts.items() if row.state != "sent"}
            disk.checkpoint = disk.whole = None
            disk.reader = self.person

    def _push(self, line: Line) -> None:
        while acts := self.waiting(self.person)[:BATCH]:
            said = line.push(self.person, acts)
            self.answered.update(act["_id"] for act in acts)
            for act in acts:
                if act["_id"] in said.refused:
                    self.refuse(act["_id"], said.refused[act["_id"]])
                else:
                    self.acknowledged(act["_id"])
            if self._is_another_epoch(said.epoch):
                self._begin_again()

    def acknowledged(self, identifier: str) -> None:
        """The server has the act; it still lies over its record until a pull brings that."""
        self.disk.acts[identifier].state = "sent"

    def refuse(self, identifier: str, code: str) -> None:
        """Mark an act as refused and fold its record anew without it."""
        disk, row = self.disk, self.disk.acts[identifier]
        row.state, row.over, row.code = "refused", False, code
        record = row.act["record"]
        if record not in disk.base:
            return
        others, (base, round_) = self._over(record), disk.base[record]
        if not others:
            del disk.base[record]
            base = base if round_ == disk.round else None  # of a life of the server that is over
        shown = self._layered(base, others)
        if shown is None:
            disk.view.pop(record, None)
        else:
            disk.view[record] = (shown, disk.round)

    def _pull(self, line: Line) -> bool:
        """Pull pages; return whether there is no more."""
        disk, limit = self.disk, line.limit
        for _ in range(line.pages):
            page = line.pull(self.person, disk.checkpoint, limit)
            if self._is_another_epoch(page.epoch):
                self._begin_again()
                continue
            if page.reset:
                disk.round += 1
                disk.checkpoint = None
                continue
            self.write_page(page)
            if page.pending <= 0:
                if disk.whole != disk.round:
                    self._sweep()
                    disk.whole = disk.round
                return True
        return False

    def write_page(self, page: Page) -> None:
        """Take a page of changes and remember how far it goes, in one transaction."""
        self.take_page(page.rows)
        self.disk.checkpoint = page.last
        if self.disk.epoch is None:
            self.disk.epoch = page.epoch

    def take_page(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write a page of changes; fold unsent own acts over the server's records again."""
        disk = self.disk
        for row in rows:
            name, record = row["id"], row.get("doc")
            own = [r for r in disk.acts.values() if r.over and r.act["record"] == name]
            if record is None:
                if own:
                    disk.base.pop(name, None)
                for each in own:
                    each.over = False
                disk.view.pop(name, None)
                continue
            self._admitted(record)
            included = _included(record)
            over = []
            for each in own:
                arrived = each.act["_id"] in included
                if each.state == "sent" or arrived:
                    self._settle(each)
                else:
                    over.append(each.act)
            if over:
                disk.base[name] = (record, disk.round)
            elif own:
                disk.base.pop(name, None)
            shown = self._layered(record, over)
            assert shown is not None
            disk.view[name] = (shown, disk.round)

    def _settle(self, row: Row) -> None:
        row.over = False
        if row.state == "waiting":  # the answer that said so was lost
            row.state = "sent"
            self.answered.add(row.act["_id"])

    def _admitted(self, refusal: Record) -> None:
        if refusal["type"] == "refusal" and refusal["state"] == "admitted":
            row = self.disk.acts.get("act:" + refusal["_id"].split(":")[1])
            if row is not None and row.state == "refused":
                row.state, row.code = "sent", ""

    def _sweep(self) -> None:
        """Delete the records that this round's full pull did not bring."""
        disk = self.disk
        for name, (_, seen) in list(disk.view.items()):
            base, said = disk.base.get(name, (GONE, seen))
            if said == disk.round or base is None:
                continue
            del disk.view[name]
            if disk.base.pop(name, None) is None:
                continue  # what was offered again lies over it once more
            for row in disk.acts.values():
                if row.act["record"] == name:
                    row.over = False

    # Another epoch: the server was put back

    def _is_another_epoch(self, epoch: str) -> bool:
        if self.disk.epoch is None:
            self.disk.epoch = epoch
        return epoch != self.disk.epoch

    def _begin_again(self) -> None:
        self.offer_again()
        self.disk.round += 1
        self.disk.checkpoint = self.disk.epoch = None

    def offer_again(self) -> None:
        """Put sent acts back into the outbox: a restored server may lack them."""
        newest = max((row.kept_at for row in self.disk.acts.values()), default=0)
        for row in self.disk.acts.values():
            if row.state in ("sent", "refused") and row.kept_at >= newest - KEEP_SENT:
                row.state, row.over = "waiting", True

    # Layers

    def _over(self, record: str) -> list[Act]:
        rows = self.disk.acts.values()
        return [row.act for row in rows if row.over and row.act["record"] == record]

    def _layered(self, record: Record | None, acts: list[Act]) -> Record | None:
        included = _included(record) if record else set()
        key = functools.partial(fold.order, self.declarations)
        for act in sorted((a for a in acts if a["_id"] not in included), key=key):
            record = fold.apply(self.declarations, record, act)
        return record


def _included(record: Record) -> set[str]:
    return {entry["id"] for entry in record["acts"]["recent"]}
