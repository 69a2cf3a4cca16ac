"""The test data of most tests: four people, the places they work in, and their tablets.

Lin guides in lobby 1. Chen supervises the guides of floor 1, where lobby 1 and lobby 2 are. Wu is
the manager of customer service for the whole site. Zhao may sign in and do nothing else.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.acts.access import SYSTEM_ACTOR, Actor
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.base.config import Config
from sync.act import Act, make, ulid
from tests import founded
from tests.clock import DAY, Clock
from tests.databases import url_in

SITE = "demo"
PLACES: dict[str, dict[str, Any]] = {
    "place:site": {"name": "医院", "kind": "site"},
    "place:floor-1": {"name": "一楼", "kind": "floor", "inside": "place:site"},
    "place:lobby-1": {"name": "一号大厅", "kind": "lobby", "inside": "place:floor-1"},
    "place:lobby-2": {"name": "二号大厅", "kind": "lobby", "inside": "place:floor-1"},
    "place:floor-2": {"name": "二楼", "kind": "floor", "inside": "place:site"},
    "place:area-2": {"name": "二楼候诊区", "kind": "area", "inside": "place:floor-2"},
}
PEOPLE: dict[str, dict[str, Any]] = {
    "person:lin": {"name": "林小美", "posts": ["guide"], "places": ["place:lobby-1"]},
    "person:chen": {"name": "陈静", "posts": ["guide_supervisor"], "places": ["place:floor-1"]},
    "person:wu": {"name": "吴建国", "posts": ["cs_manager", "admin"], "places": ["place:site"]},
    "person:zhao": {"name": "赵敏", "posts": [], "places": []},
}
WORDS = "等了一个小时没有人来"  # a complaint in its client's own words


def made_site(folder: Path, clock: Clock, *, database: str | None = None, name: str = SITE) -> Site:
    """Return a site that knows the places and the people, as of yesterday."""
    url = database or url_in(folder)
    config = Config(folder, url, name=name, demo=True, requests_a_second=0)
    begun = founded.like(config, clock(), _peopled)
    if begun is not None:
        return begun.opened(config, clock)
    site = Site(config, clock)
    _people(site)
    return site


def _peopled(config: Config, at: int) -> None:
    site = Site(config, lambda: at)
    _people(site)
    site.close()


def _people(site: Site) -> None:
    """Add whoever and whatever of the cast is not there."""
    acts = [
        make(
            record.partition(":")[0] + ".added",
            record,
            data,
            at=site.now() - DAY,
            by="system:site",
            device="device:office",
            site=site.config.name,
            random_bits=lambda: secrets.randbits(80),
        )
        for record, data in (*PLACES.items(), *PEOPLE.items())
        if site.record(record) is None
    ]
    assert all(verdict.good for verdict in site.accept(acts, SYSTEM_ACTOR))


@dataclass
class Tablet:
    """Somebody with a device: makes acts, and hands them in when asked to."""

    person: str
    site: Site
    clock: Callable[[], int]
    device: str
    kept: list[Act] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def new(self, kind: str) -> str:
        """Return the id of a record that does not exist yet."""
        return f"{kind}:{self._ulid()}"

    def says(
        self,
        act: str,
        record: str,
        /,
        *,
        at: int | None = None,
        seen: str | None = None,
        text: str | None = None,
        **data: Any,
    ) -> Act:
        """Make an act and keep it."""
        made = make(
            act,
            record,
            data,
            at=self.clock() if at is None else at,
            by=self.person,
            device=self.device,
            site=self.site.config.name,
            seen=seen,
            text=text,
            identifier="act:" + self._ulid(at),
        )
        self.kept.append(made)
        return made

    def does(self, act: str, record: str, /, **said: Any) -> Verdict:
        """Make an act and hand it in at once."""
        made = self.says(act, record, **said)
        self.kept.remove(made)
        return self.hands_in(made)[0]

    def hands_in(self, *acts: Any, received_at: int | None = None) -> list[Verdict]:
        """Hand acts in, or all that are kept."""
        given = list(acts) or self.kept
        self.kept = [] if not acts else self.kept
        actor = Actor(self.site.person(self.person), self.device)
        return self.site.accept(given, actor, received_at=received_at)

    def _ulid(self, at: int | None = None) -> str:
        number = ord(self.device[-1]) << 64 | next(self._numbers)
        return ulid(self.clock() if at is None else at, number)


@dataclass
class Cast:
    """The four, each with a tablet."""

    lin: Tablet
    chen: Tablet
    wu: Tablet
    zhao: Tablet


def cast(site: Site, clock: Callable[[], int]) -> Cast:
    """Return the four people with their tablets."""
    names = ("lin", "chen", "wu", "zhao")
    letters = dict(zip(names, "LCWZ", strict=True))
    return Cast(
        **{
            name: Tablet(
                f"person:{name}",
                site,
                clock,
                "device:" + "0" * 25 + letters[name],
            )
            for name in names
        }
    )
