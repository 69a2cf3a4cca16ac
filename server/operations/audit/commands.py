"""The command `floorwalk audit`: prints the security log, and walks the chain of acts."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable
from pathlib import Path

from server.acts import security_log
from server.acts.security_log import KINDS, EventFilter
from server.acts.site import Site
from server.acts.site_folder import add_site_options, open_site
from server.database import chain
from server.database.store import Store
from server.operations.audit import chain_walk
from server.operations.backup import archive
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
    verify = parts.add_parser("verify", help="was any act changed, taken out or slipped in?")
    verify.add_argument(
        "--head",
        action="append",
        default=[],
        help="a head that was written down elsewhere (may be given several times)",
    )
    verify.add_argument(
        "--backup", action="append", default=[], type=Path, help="a backup, by the head in it"
    )
    head = parts.add_parser("head", help="the newest act's number and hash, to be kept elsewhere")
    for part in (log, verify, head):
        add_site_options(part)


def run(args: argparse.Namespace) -> int:
    """Run one part; return the exit code."""
    parts: dict[str, Callable[[Site, argparse.Namespace], int]] = {
        "log": _log,
        "verify": _verify,
        "head": _head,
    }
    site = open_site(args.data, args.site)
    try:
        return parts[args.what](site, args)
    except (ValueError, OSError) as error:
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


def _verify(site: Site, args: argparse.Namespace) -> int:
    heads = [chain.parsed(text) for text in args.head]
    for path in args.backup:
        with archive.members(path) as (manifest, _):
            if manifest.head:
                heads.append(chain.parsed(manifest.head))
    with site.reading() as connection:
        done = chain_walk.walk(connection, heads)
    for problem in done.problems:
        print(problem)
    if done.problems:
        print("The acts are not those that were taken in. Keep this folder as it is.")
        return 1
    beside = f", {len(heads)} heads kept elsewhere among them" if heads else ""
    apart = f"{done.erased} of them erased, {done.withdrawn} withdrawn"
    print(f"{done.number} acts are as they were taken in{beside}; {apart}.")
    print(f"Head: {chain.named(done.number, done.head)}")
    return 0


def _head(site: Site, _args: argparse.Namespace) -> int:
    with site.reading() as connection:
        print(chain.named(*Store(connection).head()))
    return 0


def _day(text: str) -> int:
    """Return the day of a date such as 2026-11-25; raises ValueError for anything else."""
    try:
        return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days
    except ValueError:
        raise ValueError(f"{text} is no day, such as 2026-11-25.") from None
