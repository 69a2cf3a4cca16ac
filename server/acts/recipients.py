"""Recipients of a notice: finds the people behind posts and places. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from sync.check_act import Record
from sync.posts import HIGHER

People = list[Record]
Places = dict[str, Record]


def within(places: Places, place: str | None) -> set[str]:
    """Return the ids of a place and of all places around it; empty for None."""
    around: set[str] = set()
    while place and place not in around:
        around.add(place)
        place = places.get(place, {}).get("inside")
    return around


def holders(people: People, post: str, around: set[str]) -> list[str]:
    """Return the ids of active people in a post who look after one of the places `around`.

    When none of them does, everybody in the post: a rung must reach somebody.
    """
    active = [p for p in people if p.get("active") and post in (p.get("posts") or [])]
    near = [p for p in active if not around.isdisjoint(p.get("places") or ())]
    return [person["_id"] for person in near or active]


def find_recipients(
    people: People, places: Places, record: Record, tell: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """Return ({person: the post they are told in}, posts that nobody holds).

    `tell` are posts, or "owner" for the record's owner. In place of an empty post the next higher
    one of HIGHER is told, and the empty post is reported as unfilled.
    """
    told: dict[str, str] = {}
    unfilled: list[str] = []
    around = within(places, record.get("place"))
    for post in tell:
        if post == "owner":
            recipients = [p["_id"] for p in people if p["_id"] == record.get("owner")]
        else:
            recipients = holders(people, post, around)
        if not recipients:
            unfilled.append(post)
            higher = HIGHER[HIGHER.index(post) + 1 :] if post in HIGHER else HIGHER
            recipients = next((up for name in higher if (up := holders(people, name, around))), [])
        for person in recipients:
            told.setdefault(person, post)
    return told, unfilled
