"""What a sign-in is judged by: whose login it is, who used the device, and what failed (X6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from server.acts import security_log
from server.database.engines import writing
from server.database.tables import accounts, sessions
from server.http import login_throttle
from sync.text_folding import folded

if TYPE_CHECKING:
    from server.acts.site import Site


def log_failure(
    site: Site, login: str | None, person: str | None, device: str, *, trusted: bool
) -> None:
    """Log a wrong guess, and whether it was one too many.

    A login that nobody has is not kept: people type their password into the wrong field.
    """
    now = site.now()
    with writing(site.engine) as connection:
        log: dict[str, Any] = {"person": person, "login": login, "device": device}
        security_log.record_event(connection, "sign_in_failed", now, **log)
        if login is not None:
            wait = login_throttle.to_wait(connection, login, device, now, trusted=trusted)
            if wait:
                detail = {"seconds": wait}
                security_log.record_event(connection, "locked_out", now, **log, detail=detail)


def account_of(site: Site, login: str) -> tuple[str | None, str | None]:
    """Return (person, password hash) of a login, else of a name that one account alone has."""
    name = folded(login)
    named = [one["_id"] for one in site.people() if folded(one.get("name") or "") == name]
    wanted = (accounts.c.login == login) | accounts.c.person.in_(named)
    with site.reading() as connection:
        rows = connection.execute(sa.select(accounts).where(wanted)).all()
    only = rows[0] if len(rows) == 1 else None  # of those of that name who may sign in
    row = next((row for row in rows if row.login == login), only)
    return (row.person, row.password_hash) if row else (None, None)


def was_here(site: Site, person: str, device: str) -> bool:
    """Say whether a person signed in on a device before."""
    before = sa.select(sessions.c.person).where(
        sessions.c.person == person, sessions.c.device == device
    )
    with site.reading() as connection:
        return connection.execute(before.limit(1)).first() is not None


def opener_of(site: Site, device: str) -> str | None:
    """Return the person who signed in on a device first, as far as is known still."""
    first = sa.select(sessions.c.person).where(sessions.c.device == device)
    with site.reading() as connection:
        return connection.execute(first.order_by(sessions.c.created_at).limit(1)).scalar()
