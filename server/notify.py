"""Who is told of what, and the notices that tell them. Pure: whoever calls it takes the acts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.act import Act, derived_id, make
from sync.posts import DECIDERS
from sync.record import Record

People = list[Record]
Places = dict[str, Record]


def within(places: Places, place: str | None) -> set[str]:
    """Return a place and everything that it is inside of."""
    found: set[str] = set()
    while place and place not in found:
        found.add(place)
        place = places.get(place, {}).get("inside")
    return found


def holders(people: People, post: str, around: set[str]) -> list[str]:
    """Return the ids of active people in a post who look after one of the places around.

    When none of them does, everybody in the post is meant.
    """
    active = [p for p in people if p.get("active") and post in (p.get("posts") or [])]
    near = [p for p in active if not around.isdisjoint(p.get("places") or ())]
    return [person["_id"] for person in near or active]


def whom(
    people: People, places: Places, record: Record, tell: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """Return ({person: the post they are told in}, posts that nobody holds).

    `tell` are posts, or "owner" for the record's own. For an empty post the next higher one of
    those who may decide is told instead, and the post is reported as unfilled.
    """
    told: dict[str, str] = {}
    unfilled: list[str] = []
    around = within(places, record.get("place"))
    for post in tell:
        if post == "owner":
            found = [p["_id"] for p in people if p["_id"] == record.get("owner")]
        else:
            found = holders(people, post, around)
        if not found:
            unfilled.append(post)
            higher = DECIDERS[DECIDERS.index(post) + 1 :] if post in DECIDERS else DECIDERS
            found = next((up for name in higher if (up := holders(people, name, around))), [])
        for person in found:
            told.setdefault(person, post)
    return told, unfilled


def notice_id(at: int, about: str, what: str, rung: int, person: str, *moment: str) -> str:
    """Return the id of the one notice there is of what, to whom, of which moment."""
    identifier = derived_id(at, "notice", about, what, str(rung), person, *moment)
    return "notice:" + identifier.removeprefix("act:")


def tell(
    record: Record,
    person: str,
    *,
    what: str,
    at: int,
    moment: tuple[int, str],
    site: str,
    post: str | None = None,
    rung: int = 0,
    due_at: int | None = None,
    late_by: int | None = None,
    reason: str | None = None,
) -> Act:
    """Return the act that tells a person; `moment` is (ms, id) of the event it is about."""
    notice = notice_id(moment[0], record["_id"], what, rung, person, moment[1])
    said = {
        "to": person,
        "about": record["_id"],
        "what": what,
        "post": post,
        "rung": rung or None,
        "name": (record.get("title") or "")[:200] or None,
        "place": record.get("place"),
        "due_at": due_at,
        "late_by": late_by,
        "reason": reason,
    }
    data = {name: value for name, value in said.items() if value is not None}
    return _system("notice.told", notice, data, at, moment[0], site)


def take_back(
    record: Record,
    person: str,
    *,
    what: str,
    at: int,
    moment: tuple[int, str],
    site: str,
    rung: int = 0,
    reason: str | None = None,
) -> Act:
    """Return the act that says visibly that a notice no longer holds."""
    notice = notice_id(moment[0], record["_id"], what, rung, person, moment[1])
    data = {"reason": reason} if reason else {}
    return _system("notice.annulled", notice, data, at, at, site)


def _system(name: str, record: str, data: dict[str, Any], at: int, moment: int, site: str) -> Act:
    identifier = derived_id(moment, name, record)
    return make(
        name,
        record,
        data,
        at=at,
        by="system:clock",
        device="device:server",
        site=site,
        identifier=identifier,
    )
