"""The command `floorwalk show complaint`: a kind's fields, acts, ladders, addresses and files.

`floorwalk show rules` says what carries each rule.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sync
from server.base import config
from server.base.paths import ROOT
from server.http.openapi import addresses
from server.office.page_parts.kinds import table_path
from server.rules import listed
from sync.check_act import ENGINE
from sync.setting_values import as_text
from sync.settings import profile

SCREEN = re.compile(r'\["(\w+)", "(/floor/[^"]*)", (\w+)\.')
# Where files of a feature lie, by what they are.
FILES = (
    ("declared in", "sync/features/{kind}.py"),
    ("server", "server/clocks/features/{kind}.py"),
    ("tablet", "service_worker/features/{kind}*.js"),
    ("templates", "web/features/{kind}/**/*.html"),
    ("tests", "tests/features/test_{kind}*.py"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `show`."""
    parser.add_argument("record", nargs="?", help="a kind of record, such as complaint; or rules")
    parser.add_argument("--data", help="the folder of a site, for its numbers as they are today")
    parser.add_argument("--site", help="the name of the site")


def run(args: argparse.Namespace) -> int:
    """Print the description; return 2 for a kind that is not declared."""
    declarations = sync.declarations()
    if args.record == "rules":
        sys.stdout.writelines(f"{line}\n" for line in listed.lines(declarations))
        return 0
    if args.record not in declarations["records"]:
        kinds = ", ".join(declarations["records"])
        out = sys.stderr if args.record else sys.stdout
        out.write(f"floorwalk show RECORD, which is one of: {kinds}\n")
        return 2 if args.record else 0
    numbers = settings_of(args.data, args.site)
    sys.stdout.write("\n".join(lines(declarations, args.record, numbers)) + "\n")
    return 0


def settings_of(data: str | None, name: str | None) -> dict[str, Any]:
    """Return the settings of a site that exists, else those of its profile."""
    settings = config.from_environment(os.environ, data=data, name=name)
    if not (settings.data / "floorwalk.db").is_file():
        return profile(settings.profile)
    from server.acts.site_folder import open_site

    site = open_site(data, name)
    try:
        return site.settings()
    finally:
        site.close()


def channel_text(channel: Any) -> str:
    """Return a declared channel as text, with its condition if it has one."""
    if isinstance(channel, str):
        return channel
    return f"{channel[0]} if {selector_text(channel[1])}"


def lines(declarations: dict[str, Any], kind: str, settings: dict[str, Any]) -> Iterator[str]:
    """Yield the description line by line."""
    declared = declarations["records"][kind]
    yield f"{kind}: {declared['label']}"
    yield f"  book         {dict(declarations['books'])[declared['book']]}"
    yield f"  offered to   {', '.join(map(channel_text, declared['channels']))}"
    yield f"  open when    {selector_text(declared['open_when']) or 'always'}"
    yield f"  corrected by {', '.join(declared['editors']) or 'nobody'}"
    if declared["key"]:
        yield f"  one for each {', '.join(declared['key'])}"
    yield "\nFields"
    yield from (_field(field) for field in declared["fields"])
    yield "\nActs"
    for act in declared["acts"]:
        yield from _act(kind, act)
    yield f"  as every record: {', '.join(f'{kind}.{name}' for name in ENGINE)}"
    ladders = {
        name: ladder for name, ladder in declarations["ladders"].items() if ladder["record"] == kind
    }
    if ladders:
        yield "\nLadders, with today's numbers"
        for name, ladder in ladders.items():
            yield from _ladder(name, ladder, settings)
    yield "\nAddresses"
    yield from (f"  {method:6} {path}" for method, path in urls(kind))
    yield "\nFiles"
    for what, pattern in FILES:
        yield from (f"  {what:12} {name}" for name in files(pattern.format(kind=kind)))


def _field(field: dict[str, Any]) -> str:
    marks = [
        *(["private"] if field["private"] else []),
        *(["may be corrected"] if field["editable"] else []),
        *([f"up to {field['max']}"] if field["max"] is not None else []),
        *([f"items of {field['items']}"] if field["items"] else []),
        *([f"taken from {' '.join(field['takes'])}"] if field["takes"] else []),
    ]
    values = ", ".join(value for value, _ in (*field["rows"], *field["choices"]))
    about = "; ".join([*marks, *([values] if values else [])])
    return f"  {field['name']:16} {field['kind']:10} {field['label']}" + (
        f"  ({about})" if about else ""
    )


def _act(kind: str, act: dict[str, Any]) -> Iterator[str]:
    yield f"  {kind}.{act['name']}: {act['label']}"
    yield f"    who    {', '.join(act['who'])}"
    if act["creates"]:
        yield "    makes  the record" + (", or changes one that exists" if act["again"] else "")
    if act["when"]:
        yield f"    when   {selector_text(act['when'])}"
    if act["asks"]:
        asked = [name + ("*" if name in act["needs"] else "") for name in act["asks"]]
        yield f"    asks   {', '.join(asked)}"
    if act["needs_all"]:
        yield f"    all of {', '.join(act['needs_all'])}"
    sets = [*(f"{name} = {value}" for name, value in act["sets"].items()), *act["stamps"]]
    sets += [*act["signs"], *(f"{name} + {count}" for name, count in act["adds"].items())]
    if sets:
        yield f"    sets   {', '.join(sets)}"
    if act["instead"]:
        fits, values = act["instead"]
        other = ", ".join(f"{name} = {value}" for name, value in values.items())
        yield f"    or     {other}  when {selector_text(fits)}"


def _ladder(name: str, ladder: dict[str, Any], settings: dict[str, Any]) -> Iterator[str]:
    yield f"  {name}: {ladder['label']} ({ladder['rule']})"
    yield f"    from {ladder['starts']} on, while {selector_text(ladder['runs_while'])}"
    for number, rung in enumerate(ladder["rungs"], 1):
        tells = ", ".join(rung["tell"]) + (f", says {rung['says']}" if rung["says"] else "")
        yield f"    {number}. {_when(rung, settings)}: {rung['label']}  → {tells}"


def _when(rung: dict[str, Any], settings: dict[str, Any]) -> str:
    """Return when a rung is due, with today's numbers."""
    after = " + ".join(amount(settings[key]) for key in rung["after"])
    parts = [f"from {rung['until']} on"] if rung["until"] else []
    parts += [f"after {after}"] if after else []
    parts += [f"{amount(settings[rung['before']])} before"] if rung["before"] else []
    if rung["at_least"]:
        field, key = rung["at_least"]
        parts.append(f"once {field} is {amount(settings[key])}")
    parts += [f"again every {amount(settings[rung['again']])}"] if rung["again"] else []
    return ", ".join(parts) or "at once"


def amount(setting: dict[str, Any]) -> str:
    """Return a setting's value with its unit."""
    value, unit = setting["value"], setting["unit"]
    return "not set" if value is None else f"{as_text(unit, value)} {unit}"


def selector_text(selector: Any) -> str:
    """Return a selector on one line."""
    parts = []
    for key, want in (selector or {}).items():
        if key == "$or":
            parts.append("(" + " or ".join(selector_text(part) for part in want) + ")")
        elif isinstance(want, dict):
            parts.append(f"{key} {' '.join(f'{test[1:]} {value}' for test, value in want.items())}")
        else:
            parts.append(f"{key} = {want}")
    return ", ".join(parts)


def urls(kind: str) -> list[tuple[str, str]]:
    """Return (method, address) on the tablet, in the office and for replication of a kind."""
    from server.routes import ROUTES

    declared = sync.declarations()["records"][kind]
    served, start = addresses(ROUTES), table_path(sync.declarations(), kind)
    if not declared["pages_for"]:
        generic = "{section}" if declared["section"] else "records/{kind}"
        named = declared["section"] or f"records/{kind}"
        served = [(method, path.replace(generic, named)) for method, path in served]
    mine = {(m, path) for m, path in served if path == start or path.startswith(f"{start}/")}
    by_path = sorted(mine, key=lambda one: (one[1], one[0]))
    return [*screens(kind), *by_path, ("GET", f"/sync/SITE/{kind}:…")]


def screens(kind: str) -> list[tuple[str, str]]:
    """Return (method, address) of the tablet's screens for a kind, read from its routes.js."""
    table = (Path(ROOT) / "service_worker" / "routes.js").read_text("utf-8")
    return [(method, path) for method, path, module in SCREEN.findall(table) if module == kind]


def files(pattern: str) -> list[str]:
    """Return the files that match a pattern, relative to the project."""
    return sorted(str(path.relative_to(ROOT)) for path in Path(ROOT).glob(pattern))
