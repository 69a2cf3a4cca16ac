"""Draws at random what people do on their tablets, from what each of them sees."""

from __future__ import annotations

from random import Random
from typing import Any

from sync import guards
from sync.act import Act, make, ulid
from sync.check_act import Record
from tests.cast import SITE
from tests.clock import HOUR, SECOND
from tests.reliability.device import Device

LOBBIES = ("place:lobby-1", "place:lobby-2", "place:area-2")
BEGIN: dict[str, dict[str, Any]] = {
    "waiting.started": {"name": "张晓丽"},
    "arrival.registered": {"name": "王芳"},
    "complaint.taken": {"words": "等太久"},
}
THEN: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "waiting": (
        ("water_given", {}),
        ("doctor_asked", {"doctor_says": "十分钟"}),
        ("assistant_told", {}),
        ("explained", {}),
        ("doctor_changed", {"doctor": "doctor:x", "reason": "x", "place": "place:lobby-2"}),
        ("ended", {"outcome": "seen"}),
        ("edited", {"field": "note", "old": None, "new": "白衣"}),
    ),
    "arrival": (
        ("stage_reached", {"stage": "triaged", "place": "place:lobby-2"}),
        ("stage_reached", {"stage": "waiting", "place": "place:lobby-1"}),
        ("sent_off", {"guidance": True}),
        ("edited", {"field": "name", "old": "王芳", "new": "王方"}),
    ),
    "complaint": (
        ("responded", {"response": "已道歉"}),
        ("escalated", {"reason": "不满意"}),
        ("settled", {"resolution": "退费", "attended_by": "吴"}),
        ("noted", {}),
    ),
    "notice": (("seen", {}),),
}
SKEWS = (0, 0, -30 * SECOND, 45 * SECOND, 3 * HOUR, -2 * HOUR)
GRANTS: tuple[dict[str, Any], ...] = (
    {"posts": ["guide"], "places": ["place:lobby-1"], "active": True},
    {"posts": ["guide"], "places": ["place:lobby-2"], "active": True},
    {"posts": ["guide"], "places": ["place:floor-1"], "active": True},
    {"posts": ["guide_supervisor"], "places": ["place:floor-1"], "active": True},
    {"posts": ["cs_agent"], "places": ["place:site"], "active": True},
    {"posts": [], "places": [], "active": True},
    {"active": False},
)


def says(luck: Random, device: Device, now: int, number: int) -> Act:
    """Return an act that the person in front of a tablet makes next."""
    seen = [
        record
        for record, _ in device.disk.view.values()
        if record["type"] in THEN and record["state"] != "unknown"
    ]
    if not seen or luck.random() < 0.3:
        kind = luck.choice(tuple(BEGIN))
        record = f"{kind.partition('.')[0]}:{ulid(now, number << 40 | luck.getrandbits(40))}"
        data = {**BEGIN[kind], "place": luck.choice(LOBBIES)}
        return made(luck, device, kind, record, data, now, None)
    return _about(luck, device, luck.choice(seen), now)


def _about(luck: Random, device: Device, record: Record, now: int) -> Act:
    kind, recent = record["type"], record["acts"]["recent"]
    mine = [entry for entry in recent if entry.get("by") == device.person]
    drawn = luck.random()
    if mine and drawn < 0.15 and kind != "notice":
        target = luck.choice(mine)["id"]
        return made(luck, device, f"{kind}.undone", record["_id"], {"undoes": target}, now, record)
    if recent and drawn < 0.2 and kind != "notice":
        about = {"about": luck.choice(recent)["id"], "choice": luck.choice(("accept", "keep"))}
        return made(luck, device, f"{kind}.decided", record["_id"], about, now, record)
    verb, data = luck.choice(THEN[kind])
    return made(luck, device, f"{kind}.{verb}", record["_id"], data, now, record)


def made(
    luck: Random,
    device: Device,
    name: str,
    record: str,
    data: dict[str, Any],
    now: int,
    seen: Record | None,
) -> Act:
    """Return an act of whoever holds the tablet, made at `now` as its clock shows it."""
    last = seen["acts"]["recent"][-1] if seen else None
    replaces = seen is not None and bool(data) and name in device.declarations["acts"]
    over = guards.over(seen, data, last["id"]) if seen and last and replaces else None
    return make(
        name,
        record,
        dict(data),
        at=now + device.skew,
        by=device.person,
        device=device.id,
        site=SITE,
        seen=last["id"] if last else None,
        over=over,
        after=last["at"] if last else None,
        random_bits=lambda: luck.getrandbits(80),
    )
