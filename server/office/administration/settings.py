"""The site's settings: value, unit, meaning and rule; a change first shows what it would move."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server.clocks import deadline_changes
from server.http import forms
from server.http.forms import form_value
from server.office.page_parts import time_words
from server.office.page_parts.form_errors import mistake
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import act_forms, history, labels
from server.office.record.related import title
from server.office.record.upcoming_rungs import amount, unit_word
from sync import setting_values
from sync.display_format import DAY, OFFSET, day
from sync.worktime import MINUTE

PATH = "/office/settings"
MOST_MOVED = 50  # moved deadlines that the page lists; their number counts all


@office
def page(desk: Desk) -> Response:
    """GET /office/settings"""
    _only_admins(desk)
    context = {"settings": _settings(desk), "calendars": _calendars(desk)}
    return desk.page("features/setting/office/list.html", context, "setting")


@office
def one(desk: Desk) -> Response:
    """GET /office/settings/<key>"""
    _only_admins(desk)
    setting = desk.settings[_key(desk)]
    said = setting_values.as_text(setting["unit"], setting["value"])
    return _draw(desk, {"value": said, "reason": ""})


@office_form
def change(desk: Desk, sent: FormData) -> Response:
    """POST /office/settings/<key>: `step` is `look` to see what would move, `do` to change it."""
    _only_admins(desk)
    key = _key(desk)
    said = ", ".join(word for word in forms.form_values(sent, "value") if word)
    form_values = {"value": said, "reason": form_value(sent, "reason")}
    value, problems = _read(desk, key, said)
    if not form_values["reason"]:
        problems["reason"] = mistake(desk, "required")
    if desk.settings[key]["security"]:
        if not desk.guards:
            raise HTTPException(404)
        problems = problems or desk.confirm(sent)
    if problems:
        return _draw(desk, form_values, problems, status=422)
    if form_value(sent, "step") != "do":
        return _draw(desk, form_values, moves=_moves(desk, key, value))
    record = desk.site.record(f"setting:{key}") or _fresh(key)
    field = setting_values.field_of(desk.settings[key]["unit"])
    data = {field: value, "reason": form_values["reason"]}
    problems = act_forms.submit(desk, record, "changed", data, sent)
    if problems:
        problems.setdefault("reason", next(iter(problems.values())))
        return _draw(desk, form_values, problems, status=422)
    return RedirectResponse(f"{PATH}/{key}", 303)


def _read(desk: Desk, key: str, said: str) -> tuple[Any, dict[str, str]]:
    """Return the value that somebody wrote, and what is wrong with it."""
    setting = desk.settings[key]
    try:
        value = setting_values.from_text(setting["unit"], said)
    except ValueError:
        sort = setting_values.kind_of(setting["unit"])
        return None, {"value": _bounds(desk, key, f"no_{sort}")}
    if code := setting_values.problem(setting, value):
        return value, {"value": _bounds(desk, key, code)}
    if value == setting["value"]:
        return value, {"value": desk.words.gettext("That is the value already.")}
    return value, {}


def _bounds(desk: Desk, key: str, code: str) -> str:
    """Return the sentence for a value that the setting may not have."""
    _ = desk.words.gettext
    if code == "no_hour":
        return _("Write a time of day, such as 08:00.")
    if code == "no_money":
        return _("Write an amount, such as 12.50.")
    if code not in ("too_small", "too_big"):
        return mistake(desk, "not_a_number" if code == "no_number" else code)
    setting = desk.settings[key]
    counted = setting_values.field_of(setting["unit"]) != "value"  # of words it is how many
    unit = "n" if counted else setting["unit"]
    bounds = {name: setting_values.as_text(unit, setting[name]) for name in ("least", "most")}
    return _("From %(least)s to %(most)s.") % bounds


def _words(desk: Desk, key: str, value: Any) -> str:
    """Return a value with its unit, or the labels of what was chosen."""
    setting = desk.settings[key]
    if value is None or setting_values.field_of(setting["unit"]) == "value":
        return amount(desk, value, setting["unit"])
    labels_of: dict[str, str] = {one["value"]: one["label"] for one in _options(desk, key, value)}
    chosen = value if isinstance(value, list) else [value]
    return desk.all_of([labels_of.get(str(one), str(one)) for one in chosen])


def _options(desk: Desk, key: str, value: Any) -> list[dict[str, Any]]:
    """Return what may be chosen for a setting; nothing where it is typed."""
    setting = desk.settings[key]
    is_post = setting_values.kind_of(setting["unit"]) == "posts"
    known = desk.declarations["posts"].items() if is_post else setting["choices"]
    chosen = value if isinstance(value, list) else [value]
    return [
        {"value": name, "label": desk.word(label), "chosen": name in chosen}
        for name, label in known
    ]


def _only_admins(desk: Desk) -> None:
    if not desk.is_admin:
        raise HTTPException(404)


def _key(desk: Desk) -> str:
    key = str(desk.request.path_params["key"])
    if key not in desk.settings:
        raise HTTPException(404)
    return key


def _needs(desk: Desk, key: str) -> bool:
    return bool(desk.settings[key]["security"]) and desk.guards


def _fresh(key: str) -> Record:
    """Return a record for a setting that nobody changed yet; its value is the profile's."""
    return {"_id": f"setting:{key}", "type": "setting", "setters": {}, "acts": {"last": None}}


def _settings(desk: Desk) -> list[dict[str, Any]]:
    return [_row(desk, key) for key in desk.settings]


def _row(desk: Desk, key: str) -> dict[str, Any]:
    setting = desk.settings[key]
    profile = desk.declarations["settings"][key]["value"]
    record = desk.reference.records.get(f"setting:{key}")
    changed = ""
    if record is not None:
        who, at = record["acts"]["recent"][-1]["by"], record["acts"]["recent"][-1]["at"]
        changed = f"{time_words.ago(desk.words, desk.now, at)} {desk.name(who)}"
    return {
        "key": key,
        "href": f"{PATH}/{key}",
        "meaning": desk.word(setting["meaning"]),
        "rule": setting["rule"],
        "value": _words(desk, key, setting["value"]),
        "profile": _words(desk, key, profile),
        "differs": setting["value"] != profile,
        "changed": changed,
        "reason": (record or {}).get("reason", ""),
    }


def _moves(desk: Desk, key: str, value: Any) -> dict[str, Any]:
    """Return the running deadlines that a new value moves, the soonest new ones first."""
    rows = deadline_changes.moved_deadlines(desk.site, key, value)
    records: dict[str, Record] = {}
    drawn = []
    for row in rows[:MOST_MOVED]:
        record = records.setdefault(row["record"], desk.site.record(row["record"]) or {})
        if record and desk.sees(record):
            drawn.append(_move(desk, row, record))
    return {
        "count": len(rows),
        "late": sum(1 for row in rows if row["new_due_at"] <= desk.now < row["old_due_at"]),
        "rows": drawn,
        "value": _words(desk, key, value),
    }


def _move(desk: Desk, row: deadline_changes.Moved, record: Record) -> dict[str, Any]:
    name, _beside = title(desk, record)
    return {
        "href": desk.href(record["_id"]),
        "name": name,
        "rung": labels.rung(desk, row["ladder"], row["rung"]),
        "old": time_words.due(desk.words, desk.now, row["old_due_at"]),
        "new": time_words.due(desk.words, desk.now, row["new_due_at"]),
        "late": row["new_due_at"] <= desk.now,
    }


def _draw(
    desk: Desk,
    form_values: dict[str, str],
    problems: dict[str, str] | None = None,
    moves: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    key = _key(desk)
    record = desk.site.record(f"setting:{key}")
    story = []
    if record is not None:
        story = history.history(desk, record, history.acts_of(desk, record["_id"]))
    unit = desk.settings[key]["unit"]
    context = {
        "one": _row(desk, key),
        "unit": unit_word(desk, unit),
        "options": _options(desk, key, form_values["value"].split(", ")),
        "many": setting_values.field_of(unit) == "values",
        "form": {
            "value": form_values["value"],
            "reason": form_values["reason"],
            "act_id": act_forms.new_act_id(desk),
            "seen": record["acts"]["last"] or "" if record else "",
            "problems": {"value": None, "reason": None, **(problems or {})},
        },
        "confirm": desk.confirmation(problems) if _needs(desk, key) else {"needed": False},
        "locked": desk.settings[key]["security"] and not desk.guards,
        "moves": moves,
        "story": story,
    }
    return desk.page("features/setting/office/show.html", context, "setting", status)


# Calendars


def _calendars(desk: Desk) -> list[dict[str, Any]]:
    """Return {year, official, source, off, work} of each year's calendar, the newest first."""
    years = [one for one in desk.reference.records.values() if one["type"] == "calendar"]
    return [
        {
            "year": year["_id"].partition(":")[2],
            "official": bool(year.get("official")),
            "source": year.get("source", ""),
            "off": _ranges(desk, year.get("off", [])),
            "work": _ranges(desk, year.get("work", [])),
        }
        for year in sorted(years, key=lambda one: str(one["_id"]), reverse=True)
    ]


def _ranges(desk: Desk, days: list[int]) -> str:
    """Return days as text: 01-01, 02-16 – 02-22."""
    parts: list[list[int]] = []
    for number in sorted(days):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    words = [
        _date(first) if first == last else f"{_date(first)} – {_date(last)}"
        for first, last in parts
    ]
    return desk.listed(words)


def _date(number: int) -> str:
    return day(number * DAY - OFFSET * MINUTE)
