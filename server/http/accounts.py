"""Accounts, sessions and sign-in: who makes a request, by session cookie or Basic (X6, X9)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from starlette.requests import Request

from server.acts.session_cache import Session
from server.base import json_log
from server.database.engines import writing
from server.database.tables import accounts, sessions
from server.http import login_throttle, passwords
from sync.text_folding import folded, visible

if TYPE_CHECKING:
    from server.acts.site import Site

Person = dict[str, Any]

SEEN_EVERY = 60_000  # ms; last use is written this often, not with every request
KEPT = 180 * 24 * 3_600_000  # ms; an ended session stays this long: it is how a device is known
MEMORY = passwords.VerifiedPasswords()
PROGRAM_COOKIE = "AuthSession"


@dataclass(frozen=True)
class Attempt:
    """The outcome of a sign-in: a person, or the problem `wrong` or `too_many` with a wait in s."""

    person: Person | None
    problem: str | None = None
    wait: int = 0


# Accounts


def set_password(site: Site, person: str, login: str, password: str) -> None:
    """Give a person a login and a password, new or changed, and end all of their sessions.

    Raises ValueError with a problem code: too_short, too_long, login_taken.
    """
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise ValueError("too_short" if len(password) < passwords.SHORTEST else "too_long")
    login, password_hash = clean(login), passwords.hashed(password)
    fresh = {"login": login, "password_hash": password_hash, "failures": 0, "locked_until": None}
    with writing(site.engine) as connection:
        taken = sa.select(accounts.c.person).where(accounts.c.login == login)
        if connection.scalar(taken) not in (None, person):
            raise ValueError("login_taken")
        change = sa.update(accounts).where(accounts.c.person == person).values(fresh)
        if connection.execute(change).rowcount == 0:
            first = {"person": person, "created_at": site.now(), **fresh}
            connection.execute(sa.insert(accounts).values(first))
        connection.execute(_ending(site.now()).where(sessions.c.person == person))
        site.announce(connection, site.hub.seq)  # other processes end them too
    site.sessions.forget(person=person)
    site.hub.wake_all()


def logins(site: Site) -> dict[str, str]:
    """Return {person: login} of everybody who may sign in."""
    with site.reading() as connection:
        rows = connection.execute(sa.select(accounts.c.person, accounts.c.login))
        return {row.person: row.login for row in rows}


def nobody_yet(site: Site) -> bool:
    """Say whether this server has no account at all, as before its first start."""
    with site.reading() as connection:
        return connection.execute(sa.select(accounts.c.person).limit(1)).first() is None


def clean(login: str) -> str:
    """Return a login as it is compared: without outer blanks and what nobody sees, case and width
    alike.
    """
    return unicodedata.normalize("NFKC", visible(login)).strip().casefold()[:100]


# Signing in


def sign_in(
    site: Site, login: str, password: str, device: str, *, is_known_device: bool
) -> Attempt:
    """Check a login and a password; `device` is what attempts are counted by (login_throttle.py).

    `is_known_device` says that somebody signed in on it before. A login that does not exist is
    answered as slowly and in the same words as a wrong password.
    """
    login, now = clean(login), site.now()
    person, password_hash = _account(site, login)
    trusted = is_known_device and person is not None and _was_here(site, person, device)
    # Whoever guessed too often is not let in by a right guess either, remembered or not.
    with site.reading() as connection:
        wait = login_throttle.to_wait(connection, login, device, now, trusted=trusted)
    if not wait and password_hash is not None and MEMORY.knows(password_hash, password):
        return _let_in(site, person)
    with writing(site.engine) as connection:
        wait = login_throttle.attempt(connection, login, device, now, trusted=trusted)
    if wait:
        return Attempt(None, "too_many", wait)
    if (
        not passwords.is_right(password_hash, password[: passwords.LONGEST])
        or password_hash is None
    ):
        return Attempt(None, "wrong")
    MEMORY.remember(password_hash, password)
    with writing(site.engine) as connection:
        login_throttle.forgive(connection, login, device, now)
    return _let_in(site, person)


def _let_in(site: Site, person: str | None) -> Attempt:
    record = site.person(person) if person else None
    if record is None or record.get("active") is False:
        return Attempt(None, "wrong")
    return Attempt(record)


def _account(site: Site, login: str) -> tuple[str | None, str | None]:
    """Return (person, password hash) of a login, else of a name that only one person has."""
    wanted = folded(login)
    named = [one["_id"] for one in site.people() if folded(one.get("name", "")) == wanted]
    fits = accounts.c.login == login
    if len(named) == 1:
        fits = fits | (accounts.c.person == named[0])
    with site.reading() as connection:
        rows = connection.execute(sa.select(accounts).where(fits)).all()
    row = next((row for row in rows if row.login == login), rows[0] if rows else None)
    return (row.person, row.password_hash) if row else (None, None)


def _was_here(site: Site, person: str, device: str) -> bool:
    before = sa.select(sessions.c.person).where(
        sessions.c.person == person, sessions.c.device == device
    )
    with site.reading() as connection:
        return connection.execute(before.limit(1)).first() is not None


# Sessions


def begin_session(site: Site, person: str, device: str, user_agent: str) -> str:
    """Return the token of a new session: 128 random bits, stored only as their hash."""
    token, now = secrets.token_urlsafe(16), site.now()
    row = {
        "token_hash": _digest(token),
        "person": person,
        "device": device,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + _length(site, "session.lasts"),
        "user_agent": user_agent[:200],
    }
    with writing(site.engine) as connection:
        connection.execute(sa.insert(sessions).values(row))
        connection.execute(sa.delete(sessions).where(sessions.c.expires_at < now - KEPT))
    return token


def seconds_it_lasts(site: Site) -> int:
    """Return how many seconds a session lasts at most: its cookie outlives a restart."""
    return _length(site, "session.lasts") // 1_000


def end_session(site: Site, token: str) -> None:
    """End a session at once, in every browser and program that has its token."""
    with writing(site.engine) as connection:
        connection.execute(_ending(site.now()).where(sessions.c.token_hash == _digest(token)))
        site.announce(connection, site.hub.seq)
    site.sessions.forget(digest=_digest(token))
    site.hub.wake_all()


def device_is_known(site: Site, device: str) -> bool:
    """Say whether somebody signed in on this device before."""
    before = sa.select(sessions.c.device).where(sessions.c.device == device).limit(1)
    with site.reading() as connection:
        return connection.execute(before).first() is not None


def person_of(site: Site, request: Request) -> Person | None:
    """Return the person's record for a request, by session or Basic; None when signed out."""
    person = _person_of(site, request)
    if person is not None:
        json_log.note(person=person["_id"])
    return person


def _person_of(site: Site, request: Request) -> Person | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _by_password(site, request, credentials)
    token = token_of(site, request)
    return _by_session(site, token) if token else None


def token_of(site: Site, request: Request) -> str | None:
    """Return the session token of a request: a person's, or below /sync also a program's.

    A program's cookie has CouchDB's name, which its replicator and its clients look for. Pages do
    not take it, because over HTTPS a neighbouring host could plant a cookie of that name.
    """
    token = request.cookies.get(cookie_name(site))
    if not token and request.url.path.startswith(("/sync/", "/_session")):
        token = request.cookies.get(PROGRAM_COOKIE)
    return token


def cached_person(site: Site, request: Request) -> Person | None:
    """Return the signed-in person from memory, or None when the database has to be asked."""
    token = token_of(site, request)
    if not token or "authorization" in request.headers:
        return None
    session, reference = site.sessions.find(_digest(token)), site.cached_reference()
    if session is None or reference is None:
        return None
    now = site.now()
    # A session whose last use has to be written needs the database, and so the slow path.
    if session.expires_at <= now or now - session.seen_at > SEEN_EVERY:
        return None
    person = reference.records.get(session.person)
    if person is None or person.get("active") is False:
        return None
    json_log.note(person=session.person)
    return person


def current_person(request: Request) -> Person | None:
    """Return the signed-in person of a request to this application, or None."""
    return person_of(request.app.state.site, request)


def cookie_name(site: Site) -> str:
    """Return the session cookie's name; over HTTPS `__Host-` keeps others from planting it."""
    return "__Host-floorwalk" if site.config.secure else "floorwalk"


def address_of(request: Request) -> str:
    """Return the client's address, as attempts and sessions without a device name it."""
    return f"address:{request.client.host if request.client else 'unknown'}"


def _by_password(site: Site, request: Request, credentials: str) -> Person | None:
    try:
        login, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return sign_in(site, login, password, address_of(request), is_known_device=False).person


def _by_session(site: Site, token: str) -> Person | None:
    now, moment = site.now(), site.sessions.moment()
    with site.reading() as connection:
        wanted = sa.select(sessions).where(sessions.c.token_hash == _digest(token))
        row = connection.execute(wanted).first()
    if row is None or row.expires_at <= now:
        return None
    seen_at = row.seen_at
    idle = now - seen_at
    if idle > _length(site, "session.idle_at_most"):
        return None
    if idle > SEEN_EVERY:
        seen = sa.update(sessions).where(sessions.c.token_hash == row.token_hash)
        with writing(site.engine) as connection:
            connection.execute(seen.values(seen_at=now))
        seen_at = now
    site.sessions.keep(Session(row.token_hash, row.person, seen_at, row.expires_at), moment)
    person = site.person(row.person)
    return None if person is None or person.get("active") is False else person


def _length(site: Site, key: str) -> int:
    from sync.worktime import UNITS

    setting = site.settings()[key]
    return int(setting["value"]) * UNITS[setting["unit"]]


def _ending(now: int) -> sa.Update:
    return sa.update(sessions).where(sessions.c.expires_at > now).values(expires_at=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
