"""The command `floorwalk rejudge`: the one way to let a rule speak of what is older than it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date

from server.acts.site import Site
from server.acts.site_folder import add_site_options, open_site
from server.database.store import Store
from server.rules import first_days, settle, waking
from server.rules.reading import Reading
from server.rules.values import Question
from server.rules.wanted import wanted
from sync.act import Act
from sync.worktime import day_starts

PAGE = 200  # scopes that are looked at together in a dry run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rejudge`."""
    parser.add_argument("--rule", required=True, help="its name, as floorwalk show rules says it")
    said = "the first day it speaks of: 2026-11-25"
    parser.add_argument("--from", dest="first", required=True, help=said)
    parser.add_argument("--dry-run", action="store_true", help="say what it would say, no more")
    add_site_options(parser)


def rejudge(args: argparse.Namespace) -> int:
    """Let a rule speak of older days too; return the exit code."""
    site = open_site(args.data, args.site)
    try:
        first = day_starts(
            (date.fromisoformat(args.first) - date(1970, 1, 1)).days, site.calendar()
        )
        if args.rule not in site.declarations["rules"]:
            raise ValueError(f"There is no rule {args.rule}: floorwalk show rules lists them.")
        acts = would_say(site, args.rule, first)
        sys.stdout.writelines(f"{line}\n" for line in lines(acts))
        if args.dry_run:
            return 0
        first_days.move(site, args.rule, first)
        waking.wake_all(site, args.rule, first)
        said = settle.work(site)
        sys.stdout.write(f"{said} statements were said, what followed from them among these.\n")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        site.close()
    return 0


def would_say(site: Site, rule: str, first: int) -> list[Act]:
    """Return what a rule would say if its first day began at a moment (ms); nothing is written."""
    declared, now = site.declarations["rules"][rule], site.now()
    moment = min(first, first_days.of(site)[rule])
    said: list[Act] = []
    after = ""
    while True:
        with site.reading() as connection:
            reading = Reading(Store(connection), site.declarations)
            scopes = reading.store.ids_of(declared["of"], after, PAGE)
            reading.look_up(scopes)
            for scope in scopes:
                asked = Question(declared, scope, moment, now, moment, site.secret)
                said += settle.differences(site, reading, asked, wanted(reading, asked), now)
        if len(scopes) < PAGE:
            return said
        after = scopes[-1]


def lines(acts: list[Act]) -> list[str]:
    """Return what would be said, one act a line, and how often at the end."""
    told = [
        f"{'says' if act['for']['wanted'] else 'takes back'} {act['act']} of {act['record']}"
        f" because of {act['for']['scope']}"
        for act in acts
    ]
    counts = Counter("said" if act["for"]["wanted"] else "taken back" for act in acts)
    return [*told, f"{counts['said']} would be said, {counts['taken back']} taken back."]
