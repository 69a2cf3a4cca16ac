"""The deadlines ahead of a record: ladders drawn as rungs, the countdown, and why that day."""

from __future__ import annotations

from typing import Any

from server.acts import reached_rungs
from server.office.page_parts import running_deadlines, time_words
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from server.office.record.complaint_rung import solving
from sync import ladder, setting_values, worktime
from sync.display_format import DAY, HOUR, MINUTE, clock, date_parts

MOST_DAYS = 28  # of the strip of days; a longer one is cut at its beginning


def ahead(desk: Desk, record: Record) -> dict[str, Any]:
    """Return {"countdown", "ladders": [{title, rungs, live}], "why"} of a record."""
    running = running_deadlines.deadlines_of(desk, record)
    names = [deadline.ladder for deadline in running]
    begun = [name for name, *_ in started(desk, record) if name not in names]
    shown = names + [name for name in begun if record["rungs"].get(name)]
    main = _main(record, running)
    return {
        "countdown": _countdown(desk, main) if main else None,
        "ladders": [_ladder(desk, record, name, name in names) for name in shown],
        "why": _why(desk, record, main) if main else None,
    }


def started(desk: Desk, record: Record) -> list[tuple[str, dict[str, Any], list[int | None]]]:
    """Return (name, ladder, moments of its rungs in ms) of every ladder that ever began."""
    return list(reached_rungs.started(desk.declarations, record, desk.settings, desk.calendar))


def _main(
    record: Record, running: list[running_deadlines.Deadline]
) -> running_deadlines.Deadline | None:
    """Return the deadline to count down: the urgent one, else a complaint's solution."""
    urgent = [deadline for deadline in running if deadline.state != "calm"]
    solution = [deadline for deadline in running if deadline.ladder == solving(record)]
    return next(iter(urgent or solution or running), None)


def _countdown(desk: Desk, deadline: running_deadlines.Deadline) -> dict[str, Any]:
    late = deadline.due_at <= desk.now
    values = {"what": deadline.label}
    label = desk.words.gettext("%(what)s, late by") if late else desk.words.gettext("%(what)s in")
    day = time_words.long_day(desk.words, deadline.due_at)
    return {
        "label": label % values,
        "pieces": pieces(desk, deadline),
        "note": f"{day} {clock(deadline.due_at)}",
        "state": deadline.state,
        "call": running_deadlines.as_cell(deadline, desk.now),
    }


def pieces(desk: Desk, deadline: running_deadlines.Deadline) -> list[dict[str, str]]:
    """Return the time left (or late) in units: working days where the ladder counts in them."""
    left = abs(deadline.due_at - desk.now)
    parts: list[tuple[int, str]] = []
    if (
        running_deadlines.counted_in(desk, deadline.ladder) in worktime.OF_THE_SITE
        and deadline.due_at > desk.now
    ):
        days, left = _working_days_left(desk, deadline.due_at)
        if days:
            parts.append((days, desk.words.npgettext("left", "working day", "working days", days)))
    elif left >= DAY:
        parts.append((left // DAY, desk.words.npgettext("left", "day", "days", left // DAY)))
        left %= DAY
    if left >= HOUR or parts:
        parts.append((left // HOUR, desk.words.pgettext("unit", "h")))
    parts.append((left % HOUR // MINUTE, desk.words.pgettext("unit", "min")))
    return [{"number": str(number), "unit": unit} for number, unit in parts]


def _working_days_left(desk: Desk, due_at: int) -> tuple[int, int]:
    """Return the working days after today up to the last, and what is left of today (ms)."""
    calendar, today = desk.calendar, worktime.local_day(desk.now, desk.calendar)
    last = worktime.local_day(due_at, calendar)
    days = sum(worktime.is_working(day, calendar) for day in range(today + 1, last + 1))
    closes = worktime.day_starts(today, calendar) + int(calendar["closes"]) * MINUTE
    working = worktime.is_working(today, calendar)
    return days, max(0, closes - desk.now) if working else 0


# The ladder


def _ladder(desk: Desk, record: Record, name: str, live: bool) -> dict[str, Any]:
    declared = desk.declarations["ladders"][name]
    began = ladder.moment_in(desk.declarations, record, declared["starts"], desk.calendar) or 0
    moments = ladder.rung_moments(desk.declarations, declared, record, desk.settings, desk.calendar)
    taken = {step["rung"]: step for step in record["rungs"].get(name, [])}
    base = 1 if declared["record"] == "complaint" and name == solving(record) else 0
    level = _level(record, taken, base)
    drawn = []
    for number, (rung, due_at) in enumerate(zip(declared["rungs"], moments, strict=True), 1):
        step = taken.get(number)
        drawn.append(_rung(desk, rung, number + base, level, due_at, step, live))
    if base:
        drawn.insert(0, _intake(desk, record, level, began, moments[0]))
    drawn.reverse()
    title = desk.word(declared["label"])
    return {"title": title, "rungs": drawn, "live": live}


def _level(record: Record, taken: dict[int, dict[str, Any]], base: int) -> int:
    standing = [number for number, step in taken.items() if "annulled_at" not in step]
    climbed = base + max(standing, default=0)
    return max(climbed, int(record.get("level", 1))) if base else climbed


def _rung(
    desk: Desk,
    rung: dict[str, Any],
    step_number: int,
    level: int,
    due_at: int | None,
    step: dict[str, Any] | None,
    live: bool,
) -> dict[str, Any]:
    about = labels.posts(desk, rung["tell"])
    side = time_words.due(desk.words, desk.now, due_at) if due_at is not None and live else ""
    if step is not None:
        side = f"{time_words.day_name(desk.words, desk.now, step['at'])} {clock(step['at'])}"
        names = dict.fromkeys(desk.name(person) for person in step.get("told") or ())
        about = desk.all_of(names) or about
        if "annulled_at" in step:
            about = desk.words.gettext("no longer counts: it was done in time")
    state = "done" if step_number < level else "now" if step_number == level else "ahead"
    late = live and step is None and due_at is not None and due_at <= desk.now
    return {
        "step": step_number,
        "title": desk.word(rung["label"]),
        "side": side,
        "side_state": "due" if late else None,
        "about": about,
        "state": state,
        "percent": None,
    }


def _intake(
    desk: Desk, record: Record, level: int, began: int, limit: int | None
) -> dict[str, Any]:
    spent = 0
    if limit is not None and limit > began:
        spent = max(0, min(100, (desk.now - began) * 100 // (limit - began)))
    talks = record.get("attempts", 0)
    side = desk.words.gettext("%(n)s talks") % {"n": talks} if talks else ""
    holders = dict.fromkeys(
        desk.name(record[name]) for name in ("owner", "responded_by") if record.get(name)
    )
    return {
        "step": 1,
        "title": desk.words.gettext("The intake solves it on the spot"),
        "side": side,
        "side_state": None,
        "about": desk.listed(holders),
        "state": "done" if level > 1 else "now",
        "percent": spent if level == 1 else None,
    }


# Why this deadline


def _why(desk: Desk, record: Record, deadline: running_deadlines.Deadline) -> dict[str, Any] | None:
    """Return how a deadline was counted; None for a date that stands in the record itself."""
    first = desk.declarations["ladders"][deadline.ladder]["rungs"][0]
    if not first["after"] or first["until"] or first["before"]:
        return None
    setting = desk.settings[first["after"][0]]
    began = deadline.started_at
    values = {
        "from": f"{time_words.day_name(desk.words, desk.now, began)} {clock(began)}",
        "amount": amount(desk, setting["value"], setting["unit"]),
    }
    say = desk.words.gettext("%(amount)s from %(from)s on.") % values
    days: list[dict[str, Any]] = []
    if setting["unit"] == "WD":
        days = _days(desk, began, deadline.due_at)
        say += " " + desk.words.gettext("The first day does not count, the last ends at closing.")
        say += " " + _calendar_source(desk, deadline.due_at)
    title = {"day": time_words.long_day(desk.words, deadline.due_at)}
    return {
        "title": desk.words.gettext("Why %(day)s") % title,
        "days": days,
        "say": say,
    }


def amount(desk: Desk, number: int | None, unit: str) -> str:
    """Return a setting's value with its unit; `not set` where the regulations are silent."""
    if number is None:
        return desk.words.gettext("not set")
    if setting_values.kind_of(unit) == "hour":
        return setting_values.as_text(unit, number)
    if setting_values.kind_of(unit) == "money":
        said = setting_values.as_text(unit, number)
        return desk.words.pgettext("amount", "%(n)s yuan") % {"n": said}
    if unit == "ED" and number == 0:
        return desk.words.pgettext("amount", "the end of the same day")
    return _unit_forms(desk, number).get(unit, "%(n)s") % {"n": number}


def unit_word(desk: Desk, unit: str) -> str:
    """Return a unit alone, as it stands beside a number field."""
    if setting_values.kind_of(unit) == "money":
        return desk.words.pgettext("unit", "yuan")
    return (_unit_forms(desk, 2).get(unit, "%(n)s") % {"n": ""}).strip()


def _unit_forms(desk: Desk, number: int) -> dict[str, str]:
    return {
        "s": desk.words.npgettext("amount", "%(n)s second", "%(n)s seconds", number),
        "min": desk.words.npgettext("amount", "%(n)s minute", "%(n)s minutes", number),
        "h": desk.words.npgettext("amount", "%(n)s hour", "%(n)s hours", number),
        "cd": desk.words.npgettext("amount", "%(n)s calendar day", "%(n)s calendar days", number),
        "wk": desk.words.npgettext("amount", "%(n)s week", "%(n)s weeks", number),
        "WD": desk.words.npgettext("amount", "%(n)s working day", "%(n)s working days", number),
        "mon": desk.words.npgettext("amount", "%(n)s month", "%(n)s months", number),
        "ED": desk.words.npgettext(
            "amount", "%(n)s day, when it closes", "%(n)s days, when the last one closes", number
        ),
        "OD": desk.words.npgettext(
            "amount",
            "%(n)s working day, when it opens",
            "%(n)s working days, when the last one opens",
            number,
        ),
        "px": desk.words.npgettext("amount", "%(n)s pixel", "%(n)s pixels", number),
        "pt": desk.words.npgettext("amount", "%(n)s point", "%(n)s points", number),
        "%": "%(n)s %%",
        "MB": "%(n)s MB",
    }


def _days(desk: Desk, began: int, due_at: int) -> list[dict[str, Any]]:
    today, letters = worktime.local_day(desk.now, desk.calendar), time_words.letters(desk.words)
    strip = worktime.strip(began, due_at, desk.now, desk.calendar)[-MOST_DAYS:]
    drawn = []
    for one in strip:
        parts = date_parts(worktime.day_starts(one["day"], desk.calendar))
        kind = "off" if one["kind"] == "received" else one["kind"]
        if one["ahead"] and kind in ("work", "extra"):
            kind = "ahead"
        drawn.append(
            {
                "day": str(parts[2]),
                "mark": _mark(desk, one),
                "weekday": letters[parts[5]],
                "kind": kind,
                "today": one["day"] == today,
            }
        )
    return drawn


def _mark(desk: Desk, day: dict[str, Any]) -> str:
    if day["kind"] == "received":
        return desk.words.pgettext("day", "in")
    if day["n"]:
        return str(day["n"])
    if day["day"] in desk.calendar["off"]:
        return desk.words.pgettext("day", "hol")
    return desk.words.pgettext("day", "off")


def _calendar_source(desk: Desk, at: int) -> str:
    year = desk.reference.records.get(f"calendar:{date_parts(at)[0]}", {})
    if year.get("official"):
        return desk.words.gettext("The calendar of that year is official.")
    return desk.words.gettext("The calendar of that year is provisional.")
