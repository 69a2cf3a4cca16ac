"""Waking every scope of a rule: each midnight, and when a number, a calendar or a rule is new."""

from __future__ import annotations

from typing import Any

from server.acts.reference import OFFSET
from server.acts.site import Site
from server.acts.woken_rules import page
from server.database.store import Store
from server.rules import first_days
from server.rules.reading import EVER
from sync.worktime import DAY, MINUTE

AT_ONCE = 1_000  # scopes woken in a transaction


def start(site: Site) -> None:
    """Free what a dead process claimed, and wake the scopes of rules that are new here."""
    if not site.declarations["rules"]:
        return
    _, new = first_days.begin(site)
    with site.writing() as connection:
        store = Store(connection)
        store.release_scopes()
        store.add_jobs([page(name, site.now(), 0, "declared") for name in new])


def midnight(site: Site, now: int | None = None) -> None:
    """Have every plan look a day further; the job of a day is the same however often it is made.

    It carries the day that it was woken for: a server whose clock is behind may do it.
    """
    moment = site.now() if now is None else now
    day = (moment + OFFSET * MINUTE) // DAY
    plans = [name for name, rule in site.declarations["rules"].items() if rule["form"] == "plan"]
    if plans:
        with site.writing() as connection:
            starts = day * DAY - OFFSET * MINUTE
            jobs = [page(name, starts, EVER, f"midnight-{day}") for name in plans]
            Store(connection).add_jobs(jobs)


def wake_page(site: Site, payload: dict[str, Any], now: int) -> None:
    """Wake the next scopes of a rule, and leave the rest to the next job."""
    rule = site.declarations["rules"].get(payload["rule"])
    if rule is None:
        return
    today = now
    if payload["because"].startswith("midnight-"):
        today = int(payload["because"].removeprefix("midnight-")) * DAY - OFFSET * MINUTE
    with site.writing() as connection:
        store = Store(connection)
        scopes = store.ids_of(rule["of"], payload["after"], AT_ONCE)
        since = int(payload["since"])
        store.wake([(payload["rule"], scope, today, since) for scope in scopes])
        if len(scopes) == AT_ONCE:
            because = payload["because"]
            store.add_jobs([page(payload["rule"], now, since, because, scopes[-1])])


def wake_all(site: Site, rule: str, since: int) -> list[str]:
    """Wake every scope of a rule from a moment (ms) on, in pages; return the scopes."""
    kind, now = site.declarations["rules"][rule]["of"], site.now()
    woken: list[str] = []
    while True:
        with site.writing() as connection:
            store = Store(connection)
            scopes = store.ids_of(kind, woken[-1] if woken else "", AT_ONCE)
            store.wake([(rule, scope, now, since) for scope in scopes])
        woken += scopes
        if len(scopes) < AT_ONCE:
            return woken
