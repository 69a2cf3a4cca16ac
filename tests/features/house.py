"""Test data of the screens' tests: a small hospital on a stub site.

It has a lobby, two rooms, doctors, Lin, Qiao, Chen and Wu.
"""

from __future__ import annotations

from typing import Any

from sync.act import ulid
from tests.stub_site import StubSite

MINUTE = 60_000
HOUR = 60 * MINUTE
PEOPLE = (
    ("lin", "林晚舟", ["guide"], ["place:lobby-1", "place:floor-2"]),
    ("qiao", "乔一诺", ["guide"], ["place:lobby-1"]),
    ("chen", "陈若岚", ["guide_supervisor"], ["place:hospital"]),
    ("wu", "吴温叙", ["cs_manager", "admin"], ["place:hospital"]),
)
PLACES = (
    ("hospital", "青屿市医院", "site", None),
    ("lobby-1", "门诊大厅", "lobby", "hospital"),
    ("cashier", "收费处", "desk", "lobby-1"),
    ("floor-2", "门诊 2 楼", "floor", "hospital"),
    ("guke-3", "骨科 3 诊室", "room", "floor-2"),
    ("yanke-1", "眼科 1 诊室", "room", "floor-2"),
)
DOCTORS = (
    ("he-lianzhou", "贺连舟", "associate", "骨科", "膝关节、运动损伤", "guke-3", "苗苗"),
    ("bai-li", "百里昭", "associate", "眼科", "白内障、青光眼", "yanke-1", "辛悦"),
)


class House(StubSite):
    """The stub site with enough in it to work."""

    def seed(self) -> None:
        for login, name, posts, places in PEOPLE:
            said: dict[str, Any] = {"name": name, "posts": posts, "places": places}
            self.say("person.added", f"person:{login}", said)
        for n, (place, name, kind, inside) in enumerate(PLACES):
            said = {"name": name, "kind": kind, "order": n}
            self.say(
                "place.added",
                f"place:{place}",
                said if inside is None else {**said, "inside": f"place:{inside}"},
            )
        for doctor, name, rank, department, specialty, room, nurse in DOCTORS:
            said = {"name": name, "rank": rank, "department": department, "specialty": specialty}
            more = {"place": f"place:{room}", "hours": "周二至周六 8:00–17:30", "nurse": nurse}
            self.say("doctor.added", f"doctor:{doctor}", {**said, **more})

    def take(self, act: dict[str, Any]) -> None:
        super().take(act)
        record = self.records[act["record"]]
        if attached := self.attached.get(act["record"]):
            record["_attachments"] = attached

    # What happened here, minutes ago

    def visit(self, name: str, ago: int, *, by: str = "lin", **said: Any) -> str:
        """Somebody came in."""
        data = {"place": "place:lobby-1", "name": name, **said}
        return self._new("arrival", "arrival.registered", ago, by, data)

    def wait(self, name: str, ago: int, *, by: str = "lin", **said: Any) -> str:
        """Somebody sat down to wait."""
        data = {"place": "place:guke-3", "doctor": "doctor:he-lianzhou", "name": name, **said}
        return self._new("waiting", "waiting.started", ago, by, data)

    def complaint(self, words: str, ago: int, *, by: str = "lin", **said: Any) -> str:
        """Somebody complained."""
        data = {"place": "place:lobby-1", "words": words, "severity": "general", **said}
        return self._new("complaint", "complaint.taken", ago, by, data)

    def notice(self, to: str, about: str, ago: int, **said: Any) -> str:
        """Store a notice, as the server's clock would send it."""
        data = {"to": f"person:{to}", "about": about, **said}
        return self._new("notice", "notice.told", ago, "", data)

    def _new(self, kind: str, name: str, ago: int, by: str, data: dict[str, Any]) -> str:
        at = self.now() - ago * MINUTE
        self._random += 1
        record = f"{kind}:{ulid(at, self._random * 104_729)}"
        self.say(name, record, data, by=f"person:{by}" if by else "system:clock", at=at)
        return record


def key(record: str) -> str:
    """Return the part of a record's id that stands in URLs."""
    return record.partition(":")[2]
