"""The demo's ward rounds: last week's, walked to its end, and one of this week that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.acts.site import Site
from server.demo.data.visit_generator import GuestStory, Life
from server.demo.data.wards_and_colleagues import DAY, EAST, LIES, MINUTE
from server.rules import first_days
from sync.act import Act, key_id

Delivered = tuple[int, Act]  # (ms at which it reached the server, the act)

WARD, WALKS = "place:ward-bone", "person:qu"
LAST_WEEK = range(1, 13)
# bed, what was answered; those that are left out are still to be asked
THIS_WEEK: tuple[tuple[int, dict[str, Any]], ...] = (
    (1, {"comfort": ["fine"], "doctor_visited": "came", "satisfied": 4}),
    (2, {"comfort": ["sleep"], "doctor_visited": "came", "satisfied": 3}),
    (4, {"comfort": ["fine"], "doctor_visited": "absent", "satisfied": 2}),
)
SLEPT_BADLY = "晚上走廊太吵，睡不着"
NOT_SEEN = "门诊的医生没来看过我"


def plan(site: Site, now: int) -> None:
    """Let the plan of rounds begin with this week, and not with today."""
    first_days.move(site, "ward_round", _monday(now) * DAY - EAST)


def _monday(now: int) -> int:
    today = (now + EAST) // DAY
    return today - (today + 3) % 7  # 1970-01-01 was a Thursday


def walked(life: Life, now: int) -> Iterator[Delivered]:
    """Yield the acts of both rounds, and of what became of what was heard."""
    monday = _monday(now)
    before, here = _round(life, monday - 7), _round(life, monday)
    at = now - 6 * DAY
    yield _late(before.tell(at, WALKS, "round.begun", **_key(monday - 7)))
    for n in LAST_WEEK:
        data = {"comfort": ["fine"], "doctor_visited": "came", "satisfied": 3 + n % 2}
        yield _late(_bedside(life, before, n, at + n * MINUTE, data, {}))
    data = {"beds": len(LAST_WEEK), "left": 0, "words": "整体满意，夜间噪音需关注"}
    yield _late(before.tell(at + 40 * MINUTE, WALKS, "round.finished", **data))
    at = now - 35 * MINUTE
    yield _late(here.tell(at, WALKS, "round.begun", **_key(monday)))
    for n, answers in THIS_WEEK:
        data = dict(answers)
        said = at + n * 2 * MINUTE
        bed = key_id("bedside", [here.record, _bed(n)])
        yield from _heard(life, bed, n, said, data)
        yield _late(_bedside(life, here, n, said, data, _stay(n)))


def _heard(life: Life, bed: str, n: int, at: int, data: dict[str, Any]) -> Iterator[Delivered]:
    """Yield what becomes of the answers of a bed, as the tablet makes it."""
    about = {"doctor_visit": NOT_SEEN} if data["doctor_visited"] == "absent" else {}
    about |= {"care": SLEPT_BADLY} if "sleep" in data["comfort"] else {}
    for one, words in about.items():
        opinion = GuestStory(life, key_id("opinion", [bed, one]))
        more = {"words": words, "ward": WARD, "bed": _bed(n)}
        yield _late(opinion.tell(at, WALKS, "opinion.received", subject=bed, about=one, **more))
        data["words"] = words  # beside the answers: what is heard stands at the bed as well
        if one == "care":
            data["made_opinion"] = opinion.record
            done = "已请夜班护士关门，走廊减速轻声"
            said = opinion.tell(at + 12 * MINUTE, "person:wei", "opinion.answered", measures=done)
            yield _late(said)


def _round(life: Life, monday: int) -> GuestStory:
    return GuestStory(life, key_id("round", [*_key(monday).values()]))


def _key(monday: int) -> dict[str, Any]:
    return {"ward": WARD, "day": monday, "shift": "week"}


def _bed(n: int) -> str:
    return f"{WARD}-b{n}"


def _stay(n: int) -> dict[str, str]:
    """Return who lies in a bed today; last week it was somebody else."""
    beds = [f"place:ward-{ward}-b{bed}" for ward, bed in LIES]
    return {"stay": key_id("stay", [20_260_000 + 37 * beds.index(_bed(n))])}


def _bedside(
    life: Life, walk: GuestStory, n: int, at: int, data: dict[str, Any], stay: dict[str, str]
) -> Act:
    story = GuestStory(life, key_id("bedside", [walk.record, _bed(n)]))
    where = {"round": walk.record, "bed": _bed(n), "ward": WARD, **stay}
    return story.tell(at, WALKS, "bedside.asked", **where, **data)


def _late(act: Act) -> Delivered:
    return act["at"] + 1_500, act
