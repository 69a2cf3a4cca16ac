"""Declarations of a small imaginary hospital, so that the vectors do not change with every feature.

It has every kind of field, every kind of act and every kind of ladder once; imaginary_gates.py has
what rests on what, imaginary_maps.py what is kept key by key, imaginary_rules.py what the clock
says for rules.
"""

from __future__ import annotations

from typing import Any

from sync.declare import Act, Field, Ladder, Record, Rung, as_json
from tests.vectors import few_readings, imaginary_gates, imaginary_maps, imaginary_rules

STAGES = (("arrived", "Arrived"), ("paid", "Paid"), ("examined", "Examined"))
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
OFFSET = 480
NIGHT = 20_270 * DAY - OFFSET * MINUTE  # 1 July 2025, 00:00 in China
NATIONAL_DAY = 20_362  # 1 October 2025, a Wednesday
RUNNING = {"state": "waiting"}

VISIT = Record(
    "visit",
    label="Visit",
    fields=(
        Field("name", "text", "Name", max=6, private=True, editable=True),
        Field("note", "text", "Note", editable=True),
        Field("phone", "phone", "Phone"),
        Field("stage", "choice", "Stage", STAGES, editable=True),
        Field("needs", "choices", "Needs", (("wheelchair", "Wheelchair"), ("child", "Child"))),
        Field("beds", "number", "Beds", min=0, max=500, editable=True),
        Field("count", "number", "Count"),
        Field("first", "flag", "First visit"),
        Field("seen_at", "moment", "Seen"),
        Field("place", "link", "Place", of=("place", "room")),
        Field("photos", "blobs", "Photos", max=2),
        Field("recordings", "voice", "Recordings", max=1),
        Field("signature", "signature", "Signature"),
        Field("places", "names", "Places"),
        Field("off", "days", "Days off"),
        Field("born", "day", "Born"),
        Field("from", "hour", "From"),
        Field("paid", "money", "Paid", max=1_000_000),
        Field("due", "money", "Due", min=-500),
        Field("mood", "rating", "Mood", editable=True),
        Field("guides", "people", "Guides", max=3),
        Field("outcome", "choice", "Outcome", (("seen", "Seen"), ("left", "Left"))),
        Field("why", "text", "Why", required={"outcome": "left"}),
        Field("says", "text", "Says", required=True, editable=True),
    ),
    starts_as={"state": "waiting", "stage": "arrived", "level": 1},
    acts=(
        Act(
            "started",
            "Started",
            who=("guide",),
            creates=True,
            asks=(
                *("name", "note", "phone", "stage", "needs", "beds", "count", "first", "seen_at"),
                *("place", "photos", "recordings", "signature", "places", "off"),
                *("born", "from", "paid", "due", "mood", "guides"),
            ),
            needs=("place",),
            stamps=("started_at",),
        ),
        Act(
            "water_given",
            "Water",
            who=("guide",),
            when=RUNNING,
            stamps=("water_at",),
            signs=("water_by",),
        ),
        Act(
            "asked",
            "Asked",
            who=("guide",),
            when=RUNNING,
            asks=("note", "says"),
            stamps=("asked_at",),
            signs=("asked_by",),
        ),
        Act("moved", "Moved", who=("guide",), when=RUNNING, asks=("stage", "place", "beds")),
        Act("filed", "Filed", who=("guide",), asks=("name", "note", "needs"), sets={"first": None}),
        Act("helped", "Helped", who=("guide",), asks=("needs",), needs=("needs",)),
        Act("climbed", "Climbed", who=("guide",), when=RUNNING, asks=("note",), adds={"level": 1}),
        Act("adopted", "Adopted", who=("guide",), takes_over=True, sets={"adopted": True}),
        Act("revealed", "Revealed", who=("guide",), adds={"reveals": 1}, undo=False),
        Act(
            "ended",
            "Ended",
            who=("guide",),
            when=RUNNING,
            asks=("outcome", "why"),
            needs=("outcome",),
            sets={"state": "ended"},
            stamps=("ended_at",),
            signs=("ended_by",),
        ),
    ),
    channels=("all",),
    title=("name", "note"),
    finds=("name", "note", "phone"),
)

LICENCE = Record(
    "licence",
    label="Permit",
    fields=(
        Field("ends_on", "day", "Ends"),
        Field("tries", "number", "Tries"),
        Field("person", "link", "Person", of=("person",)),
        Field("self", "link", "Before"),
    ),
    starts_as={"state": "valid"},
    acts=(
        Act("given", "Given", who=("guide",), creates=True, asks=("ends_on", "person", "self")),
        Act("lapsed", "Lapsed", who=("system",), when={"state": "valid"}, sets={"state": "lapsed"}),
    ),
    channels=("all",),
)

KNOB = Record(
    "knob",
    label="Knob",
    fields=(
        Field("value", "number", "Value", min=0, max=1_000_000),
        Field("reason", "text", "Reason"),
    ),
    starts_as={"state": "active"},
    acts=(
        Act(
            "changed",
            "Changed",
            who=("admin",),
            creates=True,
            again=True,
            asks=("value", "reason"),
            needs=("reason",),
        ),
    ),
    channels=("all",),
)

WATER = Ladder(
    "visit_water",
    label="Water",
    record="visit",
    rule="W-02",
    starts="started_at",
    runs_while={"state": "waiting", "water_at": {"$exists": False}},
    rungs=(
        Rung("due", "Give water", ("water",), ("owner",)),
        Rung("supervisor", "Tell", ("water", "water_more"), ("guide_supervisor",)),
    ),
)
ENQUIRY = Ladder(
    "visit_enquiry",
    label="Enquiry",
    record="visit",
    rule="W-03",
    starts="started_at",
    runs_while={
        "state": "waiting",
        "$or": [{"asked_at": {"$exists": False}}, {"told_at": {"$exists": False}}],
    },
    rungs=(
        Rung("due", "Ask", ("ask",), ("owner",)),
        Rung("manager", "Tell", ("ask", "ask_more"), ("cs_manager",)),
    ),
)
SOLUTION = Ladder(
    "visit_solution",
    label="Solution",
    record="visit",
    rule="C-03",
    starts="taken_at",
    runs_while={"state": {"$in": ["waiting", "open"]}},
    rungs=(
        Rung("leader", "Propose", ("solve",), ("owner", "cs_manager")),
        Rung("medical", "Propose", ("solve", "second"), ("medical_affairs",)),
        Rung("gm", "Report", ("solve", "second", "third"), ("gm",)),
    ),
)
# A certificate that lapses on a day, is told of again, and is looked at when enough was counted.
LAPSING = Ladder(
    "licence_lapse",
    label="Lapse",
    record="licence",
    rule="",
    starts="ends_on",
    runs_while={"state": "valid"},
    rungs=(
        Rung("warn", "Renew", before="warn_before", tell=("{person}",)),
        Rung("counted", "Look", at_least=("tries", "tries_least"), tell=("post@{place}",)),
        Rung("lapsed", "Lapsed", tell=("head@{unit}",), says="lapsed"),
        Rung("carried", "Carry", ("close", "morning"), ("guide",), again="every_morning"),
        Rung("monthly", "Ask", until="asked_at", after=("month",), again="month", tell=("owner",)),
    ),
)
NUMBERS: dict[str, Any] = {
    "water": {"value": 5, "unit": "min"},
    "water_more": {"value": 3, "unit": "min"},
    "ask": {"value": 15, "unit": "min"},
    "ask_more": {"value": 15, "unit": "min"},
    "solve": {"value": 3, "unit": "WD"},
    "second": {"value": 1, "unit": "WD"},
    "third": {"value": 1, "unit": "WD"},
    "warn_before": {"value": 7, "unit": "cd"},
    "tries_least": {"value": 3, "unit": "n"},
    "close": {"value": 0, "unit": "ED"},
    "morning": {"value": 1, "unit": "OD"},
    "every_morning": {"value": 1, "unit": "OD"},
    "month": {"value": 1, "unit": "mon"},
}
LATER = ("warn_before", "tries_least", "every_morning")

SETTINGS: dict[str, dict[str, Any]] = {
    "as printed": NUMBERS,
    "no supervisor": {**NUMBERS, "water_more": {"value": None, "unit": "min"}},
    "no water": {**NUMBERS, "water": {"value": None, "unit": "min"}},
    "at once": {**NUMBERS, "water": {"value": 0, "unit": "min"}},
    "no second day": {**NUMBERS, "second": {"value": 0, "unit": "WD"}},
    "all at one time": {**NUMBERS, "ask": {"value": 5, "unit": "min"}},
    "in hours": {**NUMBERS, "solve": {"value": 24, "unit": "h"}},
    "none of the new": {**NUMBERS, **{key: {"value": None, "unit": "cd"} for key in LATER}},
    "backwards by working days": {**NUMBERS, "warn_before": {"value": 3, "unit": "WD"}},
    "every two hours": {**NUMBERS, "every_morning": {"value": 2, "unit": "h"}},
    "missing": {key: value for key, value in NUMBERS.items() if key != "third"},
}

WEEK = [1, 1, 1, 1, 1, 0, 0]
PLAIN = {"offset": OFFSET, "opens": 480, "closes": 1_080, "week": WEEK, "off": [], "work": []}
# 1 to 8 October off, and two weekend days worked for it: 28 September and 11 October.
HOLIDAY = {
    **PLAIN,
    "off": list(range(NATIONAL_DAY, NATIONAL_DAY + 8)),
    "work": [NATIONAL_DAY - 3, NATIONAL_DAY + 10],
}
CALENDARS: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "holiday": HOLIDAY,
    "both off and worked": {**PLAIN, "off": [20_271, 20_272], "work": [20_272]},
    "every day": {**PLAIN, "week": [1] * 7},
    "Sundays only": {**PLAIN, "week": [0, 0, 0, 0, 0, 0, 1]},
    "never": {**PLAIN, "week": [0] * 7},
    "never but once": {**PLAIN, "week": [0] * 7, "work": [20_270 + 3_660]},
    "never but once, too late": {**PLAIN, "week": [0] * 7, "work": [20_270 + 3_661]},
    "west": {**PLAIN, "offset": -330, "closes": 1_439},
    "at midnight": {**PLAIN, "offset": 0, "closes": 1_440},
}


def shared() -> dict[str, Any]:
    """Return what cases name instead of writing it out."""
    readings = few_readings.table()
    run = as_json(imaginary_maps.RUN)
    maps = {"run": run, "answered": imaginary_maps.ANSWERED}
    return {"declarations": declarations(), **SETTINGS, **CALENDARS, "readings": readings, **maps}


def declarations() -> dict[str, Any]:
    """Return the hospital as plain JSON, in the shape of `sync.declarations()`."""
    kinds = (
        *(VISIT, KNOB, LICENCE),
        *imaginary_gates.KINDS,
        *imaginary_maps.KINDS,
        *imaginary_rules.KINDS,
    )
    records = {declared.name: as_json(declared) for declared in kinds}
    return {
        "records": records,
        "acts": {
            f"{name}.{act['name']}": act
            for name, record in records.items()
            for act in record["acts"]
        },
        "ladders": {ladder.name: as_json(ladder) for ladder in (WATER, ENQUIRY, SOLUTION, LAPSING)},
        "rules": imaginary_rules.RULES,
        "settings": NUMBERS,
    }
