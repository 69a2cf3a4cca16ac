"""Asking for the password again before what touches security, unless it was given just now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from starlette.requests import Request

from server.database.tables import accounts as accounts_table
from server.database.tables import sessions
from server.http import accounts

if TYPE_CHECKING:
    from server.acts.site import Site

FIELD = "confirm"  # of forms that ask for it


def is_fresh(site: Site, request: Request) -> bool:
    """Say whether the password was given within `session.fresh_for`.

    In the demo everybody knows the passwords, so none is asked for again.
    """
    if site.config.demo or "authorization" in request.headers:
        return True
    token = request.cookies.get(accounts.cookie_name(site), "")
    with site.reading() as connection:
        wanted = sa.select(sessions.c.confirmed_at).where(
            sessions.c.token_hash == accounts.digest(token)
        )
        confirmed_at = connection.scalar(wanted)
    lasts = accounts.length(site, "session.fresh_for")
    return confirmed_at is not None and site.now() - confirmed_at < lasts


def confirm(site: Site, request: Request, person: str, password: str) -> accounts.Attempt:
    """Check a person's own password, throttled and logged as a sign-in is, and remember it."""
    with site.reading() as connection:
        mine = sa.select(accounts_table.c.login).where(accounts_table.c.person == person)
        login = connection.scalar(mine) or ""
    device = accounts.address_of(request)
    attempt = accounts.sign_in(site, login, password, device, is_known_device=False)
    if attempt.person is not None and attempt.person["_id"] == person:
        token = request.cookies.get(accounts.cookie_name(site), "")
        with site.writing() as connection:
            mine_now = sa.update(sessions).where(sessions.c.token_hash == accounts.digest(token))
            connection.execute(mine_now.values(confirmed_at=site.now()))
    return attempt
