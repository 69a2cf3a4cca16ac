"""The command `floorwalk audit`: prints the security log, and walks the chain of acts."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable

from server.acts import security_log
from server.acts.security_log import KINDS, EventFilter
from server.acts.site import Site
from server.acts.site_folder import add_site_options, open_site
from sync.display_format import DAY, MINUTE, OFFSET, clock, date

PRINTED = 200  # events, unless --all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `audit log`."""
    parts = parser.add_subparsers(dest="what", required=True)
    log = parts.add_parser("log", help="who came in, what failed, whose rights changed")
    log.add_argument("--person", help="a login, or person:…")
    log.add_argument("--kind", choices=KINDS)
    log.add_argument("--day", help="2026-11-25")
    log.add_argument("--csv", action="store_true", help="everything, for a spreadsheet")
    add_site_options(log)


def run(args: argparse.Namespace) -> int:
    """Run one part; return the exit code."""
    parts: dict[str, Callable[[Site, argparse.Namespace], int]] = {"log": _log}
    site = open_site(args.data, args.site)
    try:
        return parts[args.what](site, args)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        site.close()


def _log(site: Site, args: argparse.Namespace) -> int:
    person = args.person
    if person and ":" not in person:
        person = f"person:{person}"
    wanted = EventFilter(person, args.kind, _day(args.day) if args.day else None)
    if args.csv:
        with site.writing() as connection:
            text = security_log.as_csv(connection, wanted)
            detail = {"how": "floorwalk audit log --csv"}
            security_log.record_event(
                connection, "exported", site.now(), subject="security_log", detail=detail
            )
        print(text, end="")
        return 0
    with site.reading() as connection:
        rows = security_log.events(connection, wanted, limit=PRINTED)
        reads = security_log.reads_of(connection, wanted, PRINTED)
    for row in reversed(rows):
        who = row.person or "-"
        print(
            f"{date(row.at)} {clock(row.at)}  {row.kind:16} {who:24} {row.address or '-':16}"
            f" {row.subject or '-'}  {row.detail}"
        )
    for row in () if args.kind else reversed(reads):
        day = date(row.day * DAY - OFFSET * MINUTE)
        print(f"{day}  read             {row.person:24} {row.records} records")
    return 0


def _day(text: str) -> int:
    """Return the day of a date such as 2026-11-25; raises ValueError for anything else."""
    try:
        return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days
    except ValueError:
        raise ValueError(f"{text} is no day, such as 2026-11-25.") from None
