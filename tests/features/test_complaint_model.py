"""The view models of a complaint in JavaScript: text read back, promises, ladders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sync
from sync import worktime
from tests.esbuild import run_in_node

SCRIPT = """
import fs from "node:fs"
import * as model from "./features/complaint_model.js"
import { messages } from "./generated/messages.js"
import { translated } from "./base/words.js"
const { calls, declarations, calendar, now } = JSON.parse(fs.readFileSync(0, "utf8"))
const places = [{ kind: "site", title: "青屿市医院" }]
const names = { "person:lin": "林晚舟" }
const world = { now, declarations, calendar, settings: declarations.settings,
  referenceOf: () => places, reference: id => names[id] ? { title: names[id] } : null,
  mark: () => "kept" }
console.log(JSON.stringify(calls.map(([name, args, locale]) => {
  const say = (sentence, values) => translated(locale, sentence, values)
  const given = args.map(one => (one === "$world" ? world : one === "$say" ? say : one))
  return model[name](...given) ?? null
})))
"""
CALENDAR = {"offset": 480, "closes": 18 * 60, "week": [1, 1, 1, 1, 1, 0, 0], "off": [], "work": []}
FRIDAY = 1_791_532_800_000  # 9 October 2026, 16:00 in China
HOUR = 3_600_000
HEARD = {
    "name": "帕提古丽·买买提依明",
    "title": "Ms",
    "place": "骨科 3 诊室",
    "waited": {"since": "09:20", "place": "骨科 3 诊室"},
    "reasons": ["Waited too long", "Attitude"],
    "words": "一直没人理我。",
    "wanted": ["An apology"],
    "amount": 12500,
    "photos": 2,
    "answer": "Sat 10/10 before 16:00",
}


def called(
    calls: list[tuple[str, list[Any], str]],
    *,
    calendar: dict[str, Any] | None = None,
    now: int = FRIDAY,
) -> list[Any]:
    """Call functions of the model, [(name, arguments, language)]."""
    given = {
        "calls": calls,
        "declarations": sync.declarations(),
        "calendar": {**CALENDAR, **(calendar or {})},
        "now": now,
    }
    found: list[Any] = json.loads(run_in_node(SCRIPT, json.dumps(given)))
    return found


@pytest.fixture(autouse=True)
def _built(generated: Path) -> None:
    """The model reads the catalogue that the build wrote."""


def taken(**said: Any) -> dict[str, Any]:
    """Return a complaint that was taken on Friday at four."""
    return {
        "_id": "complaint:01", "type": "complaint", "state": "open", "severity": "general",
        "taken_at": FRIDAY, "rungs": {}, "unsettled": [], "acts": {"first": "act:1"}, **said,
    }  # fmt: skip


def test_everything_that_was_heard_is_read_back() -> None:
    (said,) = called([("readBack", [HEARD, "$say"], "en")])
    (text,) = called([("textOf", [said], "en")])
    assert text == (
        "You are Ms 帕提古丽·买买提依明. You have been waiting at 骨科 3 诊室 since 09:20. "
        "This is about: 骨科 3 诊室. You are not content with: Waited too long, Attitude. "
        "You say: “一直没人理我。” You ask us for: An apology. It is about 12,500 yuan. "
        "You hand us 2 photos. \nYou will have a first answer on Sat 10/10 before 16:00."
    )


def test_the_text_that_is_signed_is_what_stands_there_to_be_read() -> None:
    (said,) = called([("readBack", [HEARD, "$say"], "zh_Hans")])
    (text,) = called([("textOf", [said], "zh_Hans")])
    shown = "".join(part["words"] for part in said["parts"])
    after = "".join(part["words"] for part in said["after"])
    assert text == f"{shown}\n{after}".strip()
    assert "「一直没人理我。」" in text and "第一次答复" in text


def test_nothing_heard_is_nothing_to_sign() -> None:
    nothing = {**HEARD, "name": "", "title": "", "place": "", "waited": None, "reasons": []}
    nothing |= {"words": "", "wanted": [], "amount": 0, "photos": 0}
    (said,) = called([("readBack", [nothing, "$say"], "zh_Hans")])
    assert said == {"parts": [], "after": []}


def test_another_word_is_another_text() -> None:
    other = {**HEARD, "words": "一直没人理我！"}
    one, two = called([("readBack", [heard, "$say"], "en") for heard in (HEARD, other)])
    texts = called([("textOf", [one], "en"), ("textOf", [two], "en")])
    assert texts[0] != texts[1]


def test_strokes_become_flat_lists_and_a_path() -> None:
    drawn = "[[[1,2],[3,4]],[[5,6]]]"
    (flat,) = called([("flatStrokes", [drawn], "en")])
    assert flat == [[1, 2, 3, 4], [5, 6]]
    assert called([("strokesPath", [flat], "en")]) == ["M1 2L3 4M5 6L5 6"]
    assert called([("flatStrokes", ["not json"], "en")]) == [[]]


def test_promises_count_working_days() -> None:
    # C-03: taken on a Friday, major is Monday at closing, general is Wednesday.
    general, major = called(
        [("promises", [taken(severity=severity), "$world", "$say"], "en")
         for severity in ("general", "major")]
    )  # fmt: skip
    assert general["answer"] == "Sat 10/10 before 16:00"
    assert general["solve"] == "Wed 10/14 before closing" and general["days"] == "3 working days"
    assert major["solve"] == "Mon 10/12 before closing" and major["days"] == "1 working day"


def test_a_make_up_saturday_counts_and_a_holiday_does_not() -> None:
    saturday = worktime.local_day(FRIDAY, CALENDAR) + 1
    moved = {"work": [saturday], "off": [saturday + 2]}
    (promised,) = called([("promises", [taken(), "$world", "$say"], "en")], calendar=moved)
    assert promised["solve"] == "Wed 10/14 before closing"
    (days,) = called([("dayStrip", [taken(), "$world", "$say"], "zh_Hans")], calendar=moved)
    assert [one["mark"] for one in days] == ["收", "1", "休", "假", "2", "3"]
    assert [one["kind"] for one in days] == ["off", "ahead", "off", "off", "ahead", "ahead"]
    assert [one["today"] for one in days] == [True, False, False, False, False, False]


def test_the_slip_says_what_the_client_may_know_and_nothing_else() -> None:
    record = taken(number="T-1009-000417", words="很生气", name="林晓雨", phone="13912340416")
    (paper,) = called([("slip", [record, "$world", "$say", "General"], "en")])
    said = json.dumps(paper, ensure_ascii=False)
    assert paper["number"] == "T-1009-000417" and "青屿市医院" in paper["house"]
    for inside in ("很生气", "林晓雨", "0416"):
        assert inside not in said.replace(paper["number"], "")


def test_the_ladder_is_drawn_from_the_top_and_knows_who_was_told() -> None:
    step = {
        "rung": 1,
        "at": FRIDAY + 24 * HOUR,
        "due_at": FRIDAY + 24 * HOUR,
        "told": ["person:lin"],
    }
    record = taken(rungs={"complaint_response": [step]}, owner="person:lin")
    source = SCRIPT.replace("model[name](...given)", "model[name](...given, id => names[id] ?? id)")
    given = {
        "calls": [("rungs", [record, "complaint_response", "$world", "$say"], "en")],
        "declarations": sync.declarations(), "calendar": CALENDAR, "now": FRIDAY + 25 * HOUR,
    }  # fmt: skip
    (drawn,) = json.loads(run_in_node(source, json.dumps(given)))
    assert [rung["step"] for rung in drawn] == [2, 1]
    assert [rung["state"] for rung in drawn] == ["now", "done"]
    assert drawn[1]["about"] == "told 林晚舟" and drawn[0]["about"] == "tells cs_manager"
    assert drawn[0]["percent"] == 25


def test_a_line_of_the_list_hides_name_and_says_what_is_due() -> None:
    record = taken(number="T-1009-000417", name="林晓雨", words="没人理")
    (row,) = called([("row", [record, "$world", "$say", "女士"], "zh_Hans")])
    assert row["name"] == "林** 女士" and row["mark"] == "kept"
    assert row["side"] == "10月10日 周六 16:00" and row["side_state"] == ""


def test_words_that_were_corrected_after_the_signature_say_so() -> None:
    signed = taken(signature={"strokes": [[1, 2]], "of": "0" * 64})
    as_signed = {**signed, "setters": {"words": ["act:1", "person:lin"]}}
    corrected = {**signed, "setters": {"words": ["act:2", "person:wu"]}}
    answers = called([("correctedSince", [one], "en") for one in (as_signed, corrected)])
    assert answers == [False, True]
