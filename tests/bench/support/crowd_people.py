"""Test data for the benchmarks: a hospital of a dozen rooms, and a person for each tablet."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from server.http import accounts
from sync.act import Act, make, ulid
from tests.cast import SITE
from tests.clock import HOUR, MORNING
from tests.journeys.hospital import Hospital

ROOMS = 12
LOUNGE = "place:lounge"  # everybody waits on it: what happens there is seen by all


def bare_hospital(folder: Path, database: str | None) -> Hospital:
    """Return a hospital that has no pages: none are asked for."""
    nothing_built = folder / "built" / "static"
    nothing_built.mkdir(parents=True)
    (nothing_built / "manifest.json").write_text("{}")
    return Hospital(folder, nothing_built.parent, url=database)


def settle(hospital: Hospital, many: int) -> dict[str, tuple[str, set[str]]]:
    """Give the hospital its rooms and people; return {person: (cookie, rooms they hear of)}."""
    choose = random.Random(7)
    now = MORNING
    rooms = [f"place:bench-{n}" for n in range(ROOMS)]
    with hospital._site(now) as site:
        for n, room in enumerate([*rooms, LOUNGE]):
            inside = f"place:floor-{1 + n % 2}"
            data = {"name": f"诊室{n}", "kind": "room", "inside": inside, "order": n}
            assert site.record_act(
                "place.added", room, data, by="system:site", at=now - 2 * HOUR
            ).good
        found: dict[str, tuple[str, set[str]]] = {}
        for n in range(many):
            data, heard = somebody(choose, rooms, n)
            person = f"person:bench-{n}"
            assert site.record_act(
                "person.added", person, data, by="system:site", at=now - 2 * HOUR
            ).good
            token = accounts.begin_session(site, person, f"device:bench-{n}", "bench")
            found[person] = (f"{accounts.cookie_name(site)}={token}", heard)
    return found


def somebody(choose: random.Random, rooms: list[str], n: int) -> tuple[dict[str, Any], set[str]]:
    """Return a person's data, and the rooms of which they hear."""
    data: dict[str, Any] = {"name": f"员工{n}", "posts": ["guide"]}
    own = set(choose.sample(rooms, 1 + n % 2))
    if n % 20 == 0:
        data["posts"], places, own = ["cs_manager"], {"place:site"}, set(rooms)
    elif n % 10 == 1:
        floor = 1 + n // 10 % 2
        data["posts"], places = ["guide_supervisor"], {f"place:floor-{floor}"}
        own = {room for k, room in enumerate(rooms) if 1 + k % 2 == floor}
    else:
        data["posts"] = ["guide", "guide_supervisor"] if n % 7 == 0 else ["guide"]
        places = set(own)
    data["places"] = sorted(places | {LOUNGE})
    return data, own


def sits_down(person: str, place: str, at: int, choose: random.Random, n: int) -> Act:
    """Return an act that makes a record in a place."""
    record = f"waiting:{ulid(at, choose.getrandbits(80))}"
    return make(
        "waiting.started",
        record,
        {"name": f"王{n}", "place": place},
        at=at,
        by=person,
        device="device:bench-0",
        site=SITE,
        random_bits=lambda: choose.getrandbits(80),
    )
