"""Random histories of every kind of record, as far from what people do as the intake lets pass."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from server.acts import intake
from server.acts.access import SYSTEM_ACTOR, Actor
from server.acts.site import Site
from sync.act import make, ulid
from sync.check_act import ENGINE
from sync.field_kinds import ENDS, STARTS, values_of

PEOPLE = ("person:lin", "person:chen", "person:wu", "person:zhao")
JUNK: tuple[Any, ...] = (
    *(7, -1, 0, 2**53 - 1, 1.5, True, False, None, "", "x", [], {}, [7], [None], {"a": 7}),
    *([[[]]], "​", "‮", "<b>", "é" * 300, ["x", 7], {"bytes": [1]}, "act:x", "2026-01-01"),
)
TEXTS = ("x", "​", "‮gnp", "<script>", "张三", "词" * 60, "\u2066", "{{ 7 }}", "%(n)s %s", "'\"", " ")


class AnyHistory:
    """Makes acts by lot for a site. `records` are the ids of all that were spoken of."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.lot = random.Random(seed)
        self.records: list[str] = []
        self.acts: list[str] = []

    def lives(self) -> str:
        """Speak some times of one record, in an order by lot; return its id."""
        kinds = self.site.declarations["records"]
        kind = self.lot.choice(sorted(kinds))
        record = f"{kind}:{self._name(kind)}"
        self.records.append(record)
        said = [self._act(kind, record, self._verb(kind, n)) for n in range(self.lot.randint(1, 8))]
        if self.lot.random() < 0.3:
            self.lot.shuffle(said)
        for act in said:
            by_system = act["by"].startswith("system:")
            actor = SYSTEM_ACTOR if by_system else Actor(self.site.person(act["by"]), act["device"])
            self.site.accept([act], actor)
        self._corrected(kind, record)
        return record

    def _corrected(self, kind: str, record: str) -> None:
        """Let Wu correct something as a version before let it pass: acts are for ever (A8)."""
        fields = self.site.declarations["records"][kind]["fields"]
        editable = [field for field in fields if field["editable"]]
        if not editable or self.lot.random() < 0.3:
            return
        lists = [field for field in editable if field["kind"] in ("choices", "people")]
        field = self.lot.choice(lists if lists and self.lot.random() < 0.5 else editable)
        data = {"field": field["name"], "old": self.lot.choice(JUNK), "new": self._value(field)}
        act = {**self._act(kind, record, "edited"), "by": "person:wu", "data": data}
        with patch.object(intake, "well_formed", lambda *given: None):
            self.site.accept([act], Actor(self.site.person("person:wu"), act["device"]))

    def _name(self, kind: str) -> str:
        if kind == "setting":
            return self.lot.choice(sorted(self.site.declarations["settings"]))
        if kind == "calendar":
            return str(self.lot.randint(1990, 2110))
        return self._ulid()

    def _ulid(self) -> str:
        return ulid(self.site.now(), self.lot.getrandbits(80))

    def _verb(self, kind: str, number: int) -> str:
        names = [name.partition(".")[2] for name in self.site.declarations["acts"]
                 if name.startswith(kind + ".")]  # fmt: skip
        makes = [n for n in names if self.site.declarations["acts"][f"{kind}.{n}"]["creates"]]
        if number == 0 and makes and self.lot.random() < 0.9:
            return self.lot.choice(makes)
        return self.lot.choice([*names, *ENGINE])

    def _act(self, kind: str, record: str, verb: str) -> dict[str, Any]:
        declared = self.site.declarations["acts"].get(f"{kind}.{verb}")
        who = (
            declared["who"]
            if declared
            else ("system",)
            if verb.startswith(("rung_", "filled"))
            else ()
        )
        by = "system:clock" if "system" in who else self.lot.choice(PEOPLE)
        data = self._engine(kind, verb) if declared is None else self._said(kind, declared)
        made = make(
            f"{kind}.{verb}",
            record,
            data,
            at=self.site.now() - self.lot.randint(0, 80 * 3_600_000),
            by=by,
            device="device:any",
            site=self.site.config.name,
            seen=self.lot.choice([None, *self.acts[-5:]]),
            identifier="act:" + self._ulid(),
        )
        self.acts.append(made["_id"])
        return made

    def _said(self, kind: str, declared: dict[str, Any]) -> dict[str, Any]:
        fields = {
            field["name"]: field for field in self.site.declarations["records"][kind]["fields"]
        }
        return {
            # How far a number of the settings may go is another question (A10).
            name: self.lot.randint(1, 60)
            if (kind, name) == ("setting", "value")
            else self._value(fields[name])
            for name in declared["asks"]
            if name in declared["needs"] or self.lot.random() < 0.6
        }

    def _engine(self, kind: str, verb: str) -> dict[str, Any]:
        """Return an engine act's data: what is checked is well formed, all else by lot."""
        fields = self.site.declarations["records"][kind]["fields"]
        editable = [field for field in fields if field["editable"]] or fields
        field = self.lot.choice(editable)
        ladders = sorted(self.site.declarations["ladders"])
        checked: dict[str, Any] = {
            "undone": {"undoes": self.lot.choice([*self.acts[-8:], "act:" + self._ulid()])},
            "decided": {"about": self.lot.choice([*self.acts[-8:], "act:" + self._ulid()]),
                        "choice": self.lot.choice(["accept", "keep"])},
            "edited": {"field": field["name"], "new": self._value(field)},
            "rung_reached": {"ladder": self.lot.choice(ladders), "rung": self.lot.randint(1, 3),
                             "due_at": self._moment(), "told": list(PEOPLE[:1]), "skipped": []},
            "rung_annulled": {"ladder": self.lot.choice(ladders), "rung": self.lot.randint(1, 3)},
            "filled": {field["name"]: self._value(field)},
            "merged": {"into": self.lot.choice([*self.records[-8:], f"{kind}:{self._name(kind)}"])},
        }[verb]  # fmt: skip
        if not verb.startswith("rung_"):
            names = (
                "old",
                "why",
                "reason",
                "words",
                "told",
                "extra",
                "note",
                "at",
                "act",
                "field_",
            )
            for name in self.lot.sample(names, self.lot.randint(0, 4)):
                checked[name] = self.lot.choice(JUNK)
        return checked

    def _moment(self) -> int:
        return self.lot.choice(
            [STARTS, ENDS - 1, self.site.now(), self.lot.randrange(STARTS, ENDS)]
        )

    def _value(self, field: dict[str, Any]) -> Any:
        lot, kind = self.lot, field["kind"]
        most = 2**53 - 1 if field["max"] is None else field["max"]
        makers = {
            "text": lambda: lot.choice(TEXTS)[: field["max"] or 2_000],
            "phone": lambda: lot.choice(["138 0013 8000", "+86-", "---", "12345678901"]),
            "choice": lambda: lot.choice(sorted(values_of(field))),
            "choices": lambda: lot.choices(sorted(values_of(field)), k=lot.randint(0, 3)),
            "number": lambda: lot.choice([max(0, field["min"] or 0), most, 1]),
            "flag": lambda: lot.random() < 0.5,
            "moment": self._moment,
            "link": lambda: self._link(field),
            "people": lambda: lot.sample(["person:lin", "person:chen", "person:nowhere"], 2),
            "blobs": lambda: [f"{lot.getrandbits(256):064x}"] * lot.randint(0, 2),
            "voice": lambda: [f"{lot.getrandbits(256):064x}"] * lot.randint(0, 2),
            "signature": lambda: {"strokes": [[1, 2]], "of": f"{lot.getrandbits(256):064x}"},
            "names": lambda: [lot.choice(TEXTS) for _ in range(lot.randint(0, 3))],
            "day": lambda: lot.choice([-25_567, 0, 20_454, 47_481]),
            "hour": lambda: lot.choice([0, 480, 1_440]),
            "money": lambda: lot.choice([field["min"] or 0, field["max"] or 10_000_000_000]),
            "rating": lambda: lot.randint(1, 5),
            "ticks": lambda: dict.fromkeys(self._keys(field), lot.choice(sorted(values_of(field)))),
            "grid": lambda: dict.fromkeys(self._keys(field), lot.choice(sorted(values_of(field)))),
            "counts": lambda: dict.fromkeys(self._keys(field), max(0, field["min"] or 0)),
            "entries": lambda: dict.fromkeys(
                self._keys(field), lot.choice(TEXTS)[: field["max"] or 2_000]
            ),
            "days": lambda: [
                lot.choice([0, -(2**53) + 1, 2**53 - 1, 20_000, 20_454])
                for _ in range(lot.randint(0, 3))
            ],
        }
        return makers[kind]() if lot.random() < 0.97 else None

    def _keys(self, field: dict[str, Any]) -> list[str]:
        known = [row[0] for row in field["rows"]] or ["a", "constructor", "b.c-d_1", "a" * 60]
        return self.lot.sample(known, self.lot.randint(0, min(3, len(known))))

    def _link(self, field: dict[str, Any]) -> str:
        kinds = field["of"] or sorted(self.site.declarations["records"])
        known = ["place:lobby-1", "place:area-2", "person:lin", *self.records]
        mine = [one for one in known if one.partition(":")[0] in kinds]
        return self.lot.choice([*mine, f"{self.lot.choice(list(kinds))}:nowhere"])


def pages(site: Site, records: list[str]) -> Iterator[str]:
    """Yield the address of every page of the office, those of `records` among them."""
    kinds = site.declarations["records"]
    yield from ("/office", "/office/", "/office?wall=1", "/office/menu", "/office/notices")
    yield from ("/office/waiting", "/office/visits", "/office/complaints", "/office/reconcile")
    yield from ("/office/people", "/office/settings", "/office/devices", "/office/replication")
    yield "/office/records"
    for kind, declared in kinds.items():
        yield f"/office/records/{kind}"
        yield f"/office/records/{kind}?q=x"
        if declared["section"]:
            yield f"/office/{declared['section']}?q=%E5%BC%A0"
    for record in records:
        kind, _, name = record.partition(":")
        yield f"/office/records/{kind}/{name}"
        if section := kinds[kind]["section"]:
            yield f"/office/{section}/{name}"
        if kind == "complaint":
            yield f"/office/complaints/{name}/slip"
            yield f"/office/complaints/{name}/form"
