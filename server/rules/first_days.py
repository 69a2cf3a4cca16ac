"""The day on which each rule was first declared here: nothing older is made, whatever is added."""

from __future__ import annotations

import orjson
import sqlalchemy as sa

from server.acts.reference import OFFSET
from server.acts.site import Site
from server.database.tables import meta
from sync.worktime import DAY, MINUTE

KEY = "rules_since"  # in meta: {rule: ms with which its first day began}


def of(site: Site) -> dict[str, int]:
    """Return the moment (ms) with which the first day of each declared rule began."""
    with site.reading() as connection:
        known = _read(connection)
    return known if set(site.declarations["rules"]) <= set(known) else begin(site)[0]


def begin(site: Site) -> tuple[dict[str, int], list[str]]:
    """Give rules that are new here their first day, today; return all days, and which are new."""
    today = (site.now() + OFFSET * MINUTE) // DAY * DAY - OFFSET * MINUTE
    with site.writing() as connection:
        known = _read(connection)
        new = [name for name in site.declarations["rules"] if name not in known]
        if new:
            _write(connection, {**dict.fromkeys(new, today), **known})
    return {**dict.fromkeys(new, today), **known}, new


def move(site: Site, rule: str, to: int) -> None:
    """Let a rule speak of what is older: from a moment (ms) on, never later than before."""
    with site.writing() as connection:
        known = _read(connection)
        _write(connection, {**known, rule: min(to, known.get(rule, to))})


def _read(connection: sa.Connection) -> dict[str, int]:
    value = connection.scalar(sa.select(meta.c.value).where(meta.c.key == KEY))
    return dict(orjson.loads(value)) if value else {}


def _write(connection: sa.Connection, days: dict[str, int]) -> None:
    value = orjson.dumps(days).decode()
    change = sa.update(meta).where(meta.c.key == KEY).values(value=value)
    if connection.execute(change).rowcount == 0:
        connection.execute(sa.insert(meta).values(key=KEY, value=value))
