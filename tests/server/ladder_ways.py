"""How a ladder comes to run, found in the declaration alone: the fewest acts that lead there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.acts.site import Site
from sync import fold
from sync.act import Act, key_id, make, ulid
from sync.check_act import Record
from sync.ladder import rung_moments, runs
from tests.clock import DAY, HOUR

MOST_ACTS = 4  # until a ladder runs


def way_to(site: Site, name: str, record: str) -> list[tuple[Act, str]]:
    """Return the shortest way, (act, who says it), to a record on which a ladder runs."""
    ladder = site.declarations["ladders"][name]
    ways: list[tuple[Record | None, list[tuple[Act, str]]]] = [(None, [])]
    for step in range(MOST_ACTS):
        further: list[tuple[Record | None, list[tuple[Act, str]]]] = []
        for before, way in ways:
            for act, by in steps(site, ladder, record, before, site.now() + step):
                after = fold.apply(site.declarations, before, act)
                if {"unsettled", "void", "repeat"} & after["acts"]["recent"][-1].keys():
                    continue
                further.append((after, [*way, (act, by)]))
                dues = rung_moments(
                    site.declarations, ladder, after, site.settings(), site.calendar()
                )
                counted = [rung["at_least"] for rung in ladder["rungs"]]
                is_due = all(at is not None or n for at, n in zip(dues, counted, strict=True))
                if runs(ladder, after) and is_due:
                    return [*way, (act, by)]
        ways = further
    raise AssertionError(f"{name} never runs")


def steps(
    site: Site, ladder: dict[str, Any], record: str, before: Record | None, at: int
) -> Iterator[tuple[Act, str]]:
    """Yield what may be said of a record next: with what is needed, and what the ladder reads."""
    kind = site.declarations["records"][ladder["record"]]
    fields = {field["name"]: field for field in kind["fields"]}
    sets = wanted(ladder["runs_while"])
    dates = [ladder["starts"], *(rung["until"] for rung in ladder["rungs"])]
    dates += [rung["minutes"] for rung in ladder["rungs"]]
    read = [name for name in ladder["runs_while"] if name in fields and not absent(ladder, name)]
    number = 0
    for act in kind["acts"]:
        if act["creates"] != (before is None):
            continue
        must = [name for name, field in fields.items() if field["required"]]
        wants = {*act["needs"], *dates, *sets, *read, *must, "place", "how"}
        asked = sorted(wants & {*act["asks"]} & fields.keys())
        later = {one: number * DAY for number, one in enumerate(dict.fromkeys(dates))}
        data = {one: sets.get(one, value_of(fields[one], at + later.get(one, 0))) for one in asked}
        if "place" in data:
            data["place"] = "place:lobby-1"
        data |= {one: before[one] for one in act["rests_on"] if before and one in before}
        said_of = record
        if kind["key"] and before is None:
            said_of = key_id(kind["name"], [data[one] for one in kind["key"]])
        elif before is not None:
            said_of = before["_id"]
        # What is made within one's own units alone is said by the server here: Lin has none.
        for by in ["system:clock"] if kind["made_within"] else speakers(act):
            number += 1
            act_id = "act:" + ulid(at, number)
            yield made(f"{kind['name']}.{act['name']}", said_of, data, at, by, act_id), by


def made(name: str, record: str, data: dict[str, Any], at: int, by: str, identifier: str) -> Act:
    """Make an act as it would be said."""
    device = "device:" + "0" * 26
    return make(name, record, data, at=at, by=by, device=device, site="test", identifier=identifier)


def speakers(act: dict[str, Any]) -> list[str]:
    """Return who may say an act: there is somebody of each post, called after it."""
    if "system" in act["who"]:
        return ["system:clock"]
    if not {"anybody", "guide"}.isdisjoint(act["who"]):
        return ["person:lin"]
    posts = sorted(act["who"], key=lambda post: post != "cs_manager")  # who sees nearly all
    return [f"person:{post.replace('_', '-')}" for post in posts[:2]]


def absent(ladder: dict[str, Any], name: str) -> bool:
    """Say whether a ladder runs only while a field is empty, or is not one of some."""
    want = ladder["runs_while"][name]
    return isinstance(want, dict) and (want.get("$exists") is False or "$nin" in want)


LINKED = {"place": "place:lobby-1", "person": "person:lin"}


def value_of(field: dict[str, Any], now: int) -> Any:
    """Return some value of a field that fits."""
    if field["kind"] in ("choice", "choices"):
        value = field["choices"][0][0]
        return value if field["kind"] == "choice" else [value]
    return {
        "text": "某",
        "phone": "13900000416",
        "number": field["min"] or 1,
        "flag": True,
        "moment": now + 3 * HOUR,
        "day": now // DAY + 20,
        "hour": 540,
        "names": ["某"],
        "people": ["person:wu"],
        "ticks": {row[0]: field["choices"][0][0] for row in field["rows"][:1]},
        "signature": {"strokes": [[0, 0, 100, 100]], "of": "0" * 64},
        "link": LINKED.get((field["of"] or ["person"])[0]) or f"{(field['of'] or [''])[0]}:x",
    }[field["kind"]]


def wanted(selector: dict[str, Any]) -> dict[str, Any]:
    """Return {field: value} of what a selector asks to be the same, as far as it says so."""
    return {
        name: value["$in"][0] if isinstance(value, dict) and "$in" in value else value
        for name, value in selector.items()
        if not name.startswith("$") and (not isinstance(value, dict) or "$in" in value)
    }
