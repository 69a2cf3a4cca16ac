"""What declarations name is there: fields of rungs, posts, the clock's words; settings are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

import sync
from server.acts import timers
from server.acts.recipients import OWNER, TELLS
from sync import posts, rules, worktime
from sync.declare import Act, Ladder, Record, Rung, as_json
from sync.settings import SETTINGS
from tests import invented_clocks
from tests.sources import files

Plain = dict[str, Any]
DATES = ("day", "moment")


@pytest.fixture
def invented() -> Iterator[Plain]:
    """Everything that is declared, and a kind with every sort of rung."""
    with invented_clocks.declared():
        yield sync.declarations()


def known_fields(kind: Plain) -> dict[str, str]:
    """Return {field: its kind} of all that a record may hold, as far as a ladder may name it."""
    fields = {field["name"]: field["kind"] for field in kind["fields"]}
    for act in kind["acts"]:
        fields |= dict.fromkeys(act["stamps"], "moment") | dict.fromkeys(act["adds"], "number")
        fields |= dict.fromkeys(act["signs"], "link")
    return fields


def wrong_rungs(declared: Plain) -> list[str]:
    """Return what is wrong with the rungs that are declared, a sentence each."""
    wrong = []
    for name, ladder in declared["ladders"].items():
        kind = declared["records"][ladder["record"]]
        fields = known_fields(kind)
        if fields.get(ladder["starts"]) not in DATES:
            wrong.append(f"{name} starts at no moment: {ladder['starts']}")
        for rung in ladder["rungs"]:
            wrong += [f"{name}: {fault}" for fault in _faults(declared, kind, fields, ladder, rung)]
    return wrong


def _faults(
    declared: Plain, kind: Plain, fields: dict[str, str], ladder: Plain, rung: Plain
) -> Iterator[str]:
    if rung["until"] and fields.get(rung["until"]) not in DATES:
        yield f"no moment: {rung['until']}"
    if rung["at_least"] and fields.get(rung["at_least"][0]) != "number":
        yield f"counts nothing: {rung['at_least'][0]}"
    if rung["at_least"] and (rung["after"] or rung["before"] or rung["until"]):
        yield f"{rung['name']} has a moment and counts as well"
    if not (rung["tell"] or rung["says"]):
        yield f"{rung['name']} tells nobody and says nothing"
    if rung["again"] and declared["settings"][rung["again"]]["unit"] not in TIME:
        yield f"{rung['again']} is no time"
    yield from _faults_of_telling(declared, fields, rung)
    yield from _faults_of_saying(kind, ladder, rung)


def _faults_of_telling(declared: Plain, fields: dict[str, str], rung: Plain) -> Iterator[str]:
    for name in rung["tell"]:
        found = TELLS.fullmatch(name)
        post, field = (found[1], found[2]) if found else ("", None)
        if not found or not (post or field) or (field and fields.get(field) not in NAMING):
            yield f"tells nobody: {name}"
        if post and post not in (OWNER, "head", *declared["posts"]):
            yield f"no post: {name}"
        if (post == "head") > bool(field):
            yield f"head of what? {name}"


def _faults_of_saying(kind: Plain, ladder: Plain, rung: Plain) -> Iterator[str]:
    if rung["says"]:
        said = next((act for act in kind["acts"] if act["name"] == rung["says"]), None)
        if said is None:
            yield f"no act: {rung['says']}"
        elif tuple(said["who"]) != posts.SYSTEM or not said["undo"] or said["needs"]:
            yield f"the clock must say it alone, with no more, and take it back: {rung['says']}"
        elif not _is_within(said["when"] or {}, ladder["runs_while"]):
            yield f"it must fit only while the ladder runs: {rung['says']}"


TIME = (*worktime.UNITS, *worktime.OF_THE_SITE, "mon")
NAMING = ("link", "people", "names")


def _is_within(when: Plain, runs_while: Plain) -> bool:
    """Say whether a selector asks for all that another does, with fewer states at most."""

    def values(asked: Any) -> set[Any]:
        return set(asked["$in"]) if isinstance(asked, dict) and "$in" in asked else {str(asked)}

    return all(
        name in when and values(when[name]) <= values(asked) for name, asked in runs_while.items()
    )


def test_every_rung_names_what_there_is(invented: Plain) -> None:
    assert wrong_rungs(invented) == []


@pytest.mark.parametrize(
    ("rung", "fault"),
    [
        (Rung("x", "", until="person"), "no moment: person"),
        (Rung("x", "", at_least=("ends_on", "k")), "counts nothing: ends_on"),
        (Rung("x", "", ("k",), at_least=("tries", "k")), "x has a moment and counts as well"),
        (Rung("x", ""), "x tells nobody and says nothing"),
        (Rung("x", "", again="licence.tries"), "licence.tries is no time"),
        (Rung("x", "", tell=("{tries}",)), "tells nobody: {tries}"),
        (Rung("x", "", tell=("guides",)), "no post: guides"),
        (Rung("x", "", tell=("head",)), "head of what? head"),
        (Rung("x", "", says="gone"), "no act: gone"),
        (Rung("x", "", says="tried"), "the clock must say it alone"),
    ],
)
def test_a_rung_that_names_nothing_is_noticed(invented: Plain, rung: Rung, fault: str) -> None:
    ladder = Ladder("l", "", "licence", "", "given_at", invented_clocks.OPEN, (rung,))
    planted = {**invented, "ladders": {"l": as_json(ladder)}}
    assert any(one.startswith(f"l: {fault}") for one in wrong_rungs(planted)), fault


def test_a_word_of_the_clock_that_fits_when_the_ladder_does_not_run_is_noticed(
    invented: Plain,
) -> None:
    kind = invented["records"]["licence"]
    free = as_json(Record("licence", "", (), (Act("lapsed", "", who=posts.SYSTEM),), ("all",)))
    loose = {**invented["records"], "licence": {**kind, "acts": free["acts"]}}
    fields = [*kind["fields"], {"name": "given_at", "kind": "moment"}]
    loose["licence"]["fields"] = fields
    rungs = (Rung("x", "", says="lapsed"),)
    ladder = Ladder("l", "", "licence", "", "ends_on", {"state": "valid"}, rungs)
    planted = {**invented, "records": loose, "ladders": {"l": as_json(ladder)}}
    assert wrong_rungs(planted) == ["l: it must fit only while the ladder runs: lapsed"]


def test_every_setting_is_read_by_somebody() -> None:
    shipped = files("sync/*.py", "server/*.py", "service_worker/*.js", "web/*.js", "web/*.html")
    shipped.pop("sync/settings.py")
    text, declared = "\n".join(shipped.values()), sync.declarations()
    rungs = [rung for one in declared["ladders"].values() for rung in one["rungs"]]
    asked = {key for rung in rungs for key in timers.settings_of(rung)}
    asked.update(*map(rules.reads_settings, declared["rules"].values()))
    keys = [setting.key for setting in SETTINGS if setting.key not in asked]
    assert [key for key in keys if not re.search(rf"[\"'`]{re.escape(key)}[\"'`]", text)] == []
