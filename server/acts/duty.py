"""Who is on duty: what rosters and absences say, else who is signed in. One answer for everybody.

Any kind of record may say it, by its `Duty` (sync/declare.py): a roster that is declared tomorrow
is asked from then on. Nobody is taken for absent because nothing is known of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.acts.woken_rules import value_of
from server.database.tables import found, records, sessions

if TYPE_CHECKING:
    from server.acts.site import Site

ASKED_AT_ONCE = 500  # people in one query


class RollCall:
    """Who is on duty at a moment (ms), as the database says it; it is asked when somebody wants it.

    One for each tick: what it has read it does not read again.
    """

    def __init__(self, site: Site, at: int) -> None:
        self._site = site
        self._at = at
        self._said: dict[str, bool] | None = None  # by value_of(person): what records say
        self._signed_in: dict[str, bool] = {}

    def __call__(self, people: Iterable[str]) -> dict[str, bool | None]:
        """Return {person: whether they are on duty, None where nothing is known}."""
        wanted = list(dict.fromkeys(people))
        said = self._by_records()
        unknown = [one for one in wanted if value_of(one) not in said]
        self._look_up_sessions([one for one in unknown if one not in self._signed_in])
        return {
            one: said[value_of(one)] if value_of(one) in said else self._signed_in[one] or None
            for one in wanted
        }

    def _by_records(self) -> dict[str, bool]:
        """Return {person as text: whether they are on duty} of whom records speak.

        Whoever is away is not, whatever a roster says.
        """
        if self._said is None:
            kinds = self._site.declarations["records"]
            speaking = {kind: one["duty"] for kind, one in kinds.items() if one["duty"]}
            self._said = {}
            with self._site.reading() as connection:
                for kind in sorted(speaking, key=lambda kind: not speaking[kind]["on"]):
                    duty = speaking[kind]
                    for person, is_on in spoken_of(connection, kind, duty, self._at).items():
                        among = duty["on"] and self._said.get(person, False)
                        self._said[person] = is_on or among
        return self._said

    def _look_up_sessions(self, people: list[str]) -> None:
        """Note who of some people is signed in, on a tablet or at a desk, and was heard of."""
        idle = self._site.reference().length("session.idle_at_most")
        columns = sessions.c
        for first in range(0, len(people), ASKED_AT_ONCE):
            some = people[first : first + ASKED_AT_ONCE]
            live = sa.select(columns.person).where(
                columns.person.in_(some),
                columns.stage.is_(None),
                columns.created_at <= self._at,
                columns.expires_at > self._at,
                columns.seen_at >= self._at - idle,
            )
            with self._site.reading() as connection:
                here = set(connection.execute(live.distinct()).scalars())
            self._signed_in |= {one: one in here for one in some}


def spoken_of(
    connection: sa.Connection, kind: str, duty: dict[str, Any], at: int
) -> dict[str, bool]:
    """Return {person as text: whether they are on duty at a moment} by the records of one kind.

    Of a roster: whoever has a turn that is not over; they are on duty if it has begun.
    """
    person, since, until = (found.alias(name) for name in ("person", "since", "until"))

    def is_of(table: sa.FromClause, name: str) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.kind == kind, table.c.name == name, table.c.record == records.c.id)

    wanted = sa.select(person.c.value, *((since.c.value,) if duty["since"] else ())).where(
        records.c.type == kind,
        records.c.state.in_(duty["states"]),
        is_of(person, duty["person"]),
    )
    if not duty["since"]:
        return dict.fromkeys(connection.execute(wanted).scalars(), bool(duty["on"]))
    now = value_of(at)
    wanted = wanted.where(
        is_of(since, duty["since"]), is_of(until, duty["until"]), until.c.value > now
    )
    turns: dict[str, bool] = {}
    for one, begins in connection.execute(wanted):
        turns[one] = turns.get(one, False) or begins <= now
    if duty["on"]:
        return turns
    return {one: False for one, is_over_them in turns.items() if is_over_them}
