"""Runs a server's scheduled work without its threads: what is due is done when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.site import Site
from server.clocks import escalation, reaction_jobs, reactions
from server.clocks.born_late import HeldRungs
from server.database.tables import acts, records
from tests.clock import Clock

Record = dict[str, Any]


@dataclass
class Clockwork:
    """The tick and the jobs of one site."""

    site: Site
    clock: Clock
    held: HeldRungs = field(default_factory=HeldRungs)

    def __post_init__(self) -> None:
        self.site.listens = reactions.LISTENS

    def beats(self) -> int:
        """Tick, do what follows, tick again; return how many rungs were notified."""
        told = escalation.tick(self.site, held=self.held)
        reaction_jobs.work(self.site, reactions.kinds(self.site), self.clock)
        return told + escalation.tick(self.site, held=self.held)

    def runs(self, minutes: int) -> None:
        """Let minutes pass, a beat every ten seconds."""
        for _ in range(minutes * 6):
            self.clock.passes(seconds=10)
            self.beats()

    def rungs(self, record: str, ladder: str) -> list[tuple[int, list[str]]]:
        """Return (rung, who was notified) of a record's ladder."""
        return [
            (step["rung"], [person.removeprefix("person:") for person in step["told"]])
            for step in self.steps(record, ladder)
            if "annulled_at" not in step
        ]

    def steps(self, record: str, ladder: str) -> list[Record]:
        """Return everything that was ever reached in a record's ladder."""
        found = self.site.record(record)
        assert found is not None
        steps: list[Record] = found["rungs"].get(ladder, [])
        return steps

    def notices(self, person: str) -> list[Record]:
        """Return a person's notices in the order they came."""
        wanted = sa.select(records.c.body).where(records.c.type == "notice")
        with self.site.reading() as connection:
            found = [orjson.loads(body) for body in connection.execute(wanted).scalars()]
        mine = [notice for notice in found if notice["to"] == f"person:{person}"]
        return sorted(mine, key=lambda notice: (notice["opened_at"], notice["_id"]))

    def count(self, act: str) -> int:
        """Return how many acts of a name there are."""
        wanted = sa.select(sa.func.count()).where(acts.c.act == act)
        with self.site.reading() as connection:
            return int(connection.execute(wanted).scalar_one())
