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

from server.acts import security_log
from server.acts.session_cache import Session
from server.base import json_log
from server.database.engines import writing
from server.database.tables import accounts, sessions
from server.http import attempts, login_throttle, passwords, second_factor
from sync.text_folding import visible

if TYPE_CHECKING:
    from server.acts.site import Site

Person = dict[str, Any]

SEEN_EVERY = 60_000  # ms; last use is written this often, not with every request
KEPT = 180 * 24 * 3_600_000  # ms; an ended session stays this long: it is how a device is known
MEMORY = passwords.VerifiedPasswords()
PROGRAM_COOKIE = "AuthSession"
STAGES = ("code", "change", "enrol")  # of a sign-in, in this order; each is left out if not needed
STAGE_LASTS = 10 * 60_000  # ms for one of them


@dataclass(frozen=True)
class Attempt:
    """The outcome of a sign-in: a person, or the problem `wrong` or `too_many` with a wait in s."""

    person: Person | None
    problem: str | None = None
    wait: int = 0
    is_remembered: bool = False  # this process verified the very same password before


# Accounts


def set_password(
    site: Site,
    person: str,
    login: str,
    password: str,
    *,
    by: str | None = None,
    must_change: bool = False,
) -> None:
    """Give a person a login and a password, new or changed, and end all of their sessions.

    `by` is who does it; with `must_change` the person has to choose another at the first sign-in.
    Raises ValueError with a problem code: too_short, too_long, login_taken.
    """
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise ValueError("too_short" if len(password) < passwords.SHORTEST else "too_long")
    login, password_hash = clean(login), passwords.hashed(password)
    fresh = {"login": login, "password_hash": password_hash, "must_change": int(must_change)}
    with writing(site.engine) as connection:
        taken = sa.select(accounts.c.person).where(accounts.c.login == login)
        if connection.scalar(taken) not in (None, person):
            raise ValueError("login_taken")
        change = sa.update(accounts).where(accounts.c.person == person).values(fresh)
        if connection.execute(change).rowcount == 0:
            first = {"person": person, "created_at": site.now(), "failures": 0, **fresh}
            connection.execute(sa.insert(accounts).values(first))
        connection.execute(_ending(site.now()).where(sessions.c.person == person))
        kind = "password_changed" if by == person else "password_set"
        log: dict[str, Any] = {"person": by, "login": login, "subject": person}
        security_log.record_event(connection, kind, site.now(), **log)
        site.announce(connection, site.hub.seq)  # other processes end them too
    site.sessions.forget(person=person)
    site.hub.wake_all()


def logins(site: Site) -> dict[str, str]:
    """Return {person: login} of everybody who may sign in."""
    with site.reading() as connection:
        rows = connection.execute(sa.select(accounts.c.person, accounts.c.login))
        return {row.person: row.login for row in rows}


def is_password(site: Site, login: str, password: str) -> bool:
    """Say whether a login has this password: whoever changes it must not keep it."""
    return passwords.is_right(
        attempts.account_of(site, clean(login))[1], password[: passwords.LONGEST]
    )


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
    person, password_hash = attempts.account_of(site, login)
    trusted = is_known_device and person is not None and attempts.was_here(site, person, device)
    opener = attempts.opener_of(site, device) if is_known_device else None
    # Whoever guessed too often is not let in by a right guess either, remembered or not.
    with site.reading() as connection:
        wait = login_throttle.to_wait(
            connection, login, device, now, trusted=trusted, opener=opener
        )
    if not wait and password_hash is not None and MEMORY.knows(password_hash, password):
        return _let_in(site, person, is_remembered=True)
    with writing(site.engine) as connection:
        wait = login_throttle.attempt(
            connection, login, device, now, trusted=trusted, opener=opener
        )
    if wait:
        return Attempt(None, "too_many", wait)
    if (
        not passwords.is_right(password_hash, password[: passwords.LONGEST])
        or password_hash is None
    ):
        attempts.log_failure(site, login if person else None, person, device, trusted=trusted)
        return Attempt(None, "wrong")
    MEMORY.remember(password_hash, password)
    with writing(site.engine) as connection:
        login_throttle.forgive(connection, login, device, now, opener)
    return _let_in(site, person)


def _let_in(site: Site, person: str | None, *, is_remembered: bool = False) -> Attempt:
    record = site.person(person) if person else None
    if record is None or record.get("active") is False:
        return Attempt(None, "wrong")
    return Attempt(record, is_remembered=is_remembered)


# Sessions


def stage_after(site: Site, person: Person, done: str = "") -> str | None:
    """Return what a sign-in still needs when `done` was the last stage, or None.

    `code`: the second factor's; `change`: a password that nobody else knows; `enrol`: a second
    factor, where it must be. In the demo, where everybody knows the passwords, there is none.
    """
    if site.config.demo:
        return None
    with site.reading() as connection:
        mine = sa.select(accounts).where(accounts.c.person == person["_id"])
        row = connection.execute(mine).first()
    has_factor = row is not None and row.totp_since is not None
    needed = {
        "code": has_factor,
        "change": row is not None and bool(row.must_change),
        "enrol": not has_factor and second_factor.is_required(site, person.get("posts") or []),
    }
    left = STAGES[STAGES.index(done) + 1 :] if done else STAGES
    return next((stage for stage in left if needed[stage]), None)


def staged(site: Site, request: Request) -> tuple[Person, str] | None:
    """Return the person whose sign-in is not finished and its stage, or None."""
    token = request.cookies.get(cookie_name(site))
    row = _session_row(site, token) if token else None
    if row is None or not row.stage or row.expires_at <= site.now():
        return None
    person = site.person(row.person)
    return None if person is None or person.get("active") is False else (person, row.stage)


def begin_session(
    site: Site, person: str, device: str, user_agent: str, stage: str | None = None
) -> str:
    """Return the token of a new session: 128 random bits, stored only as their hash.

    With a `stage` nobody is signed in yet: the token is good for the page of that stage alone.
    """
    token, now = secrets.token_urlsafe(16), site.now()
    row = {
        "token_hash": digest(token),
        "person": person,
        "device": device,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + (STAGE_LASTS if stage else length(site, "session.lasts")),
        "user_agent": user_agent[:200],
        "stage": stage,
        "confirmed_at": now,
    }
    with writing(site.engine) as connection:
        connection.execute(sa.insert(sessions).values(row))
        login = connection.scalar(sa.select(accounts.c.login).where(accounts.c.person == person))
        if stage is None:
            log: dict[str, Any] = {"person": person, "login": login, "device": device}
            security_log.record_event(connection, "signed_in", now, **log)
        connection.execute(sa.delete(sessions).where(sessions.c.expires_at < now - KEPT))
    return token


def seconds_it_lasts(site: Site) -> int:
    """Return how many seconds a session lasts at most: its cookie outlives a restart."""
    return length(site, "session.lasts") // 1_000


def end_session(site: Site, token: str) -> None:
    """End a session at once, in every browser and program that has its token."""
    with writing(site.engine) as connection:
        connection.execute(_ending(site.now()).where(sessions.c.token_hash == digest(token)))
        site.announce(connection, site.hub.seq)
    site.sessions.forget(digest=digest(token))
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


def is_deactivated(site: Site, request: Request) -> bool:
    """Say whether a request has the session, run out or not, of somebody who may not work here now.

    Their tablet is told, so that it keeps nothing that can be read (A5).
    """
    token = token_of(site, request)
    if not token or "authorization" in request.headers:
        return False
    with site.reading() as connection:
        wanted = sa.select(sessions.c.person).where(sessions.c.token_hash == digest(token))
        holder = connection.scalar(wanted)
    if holder is None:
        return False
    person = site.person(holder)
    return person is None or person.get("active") is False


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
    session, reference = site.sessions.find(digest(token)), site.cached_reference()
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
    place = address_of(request)
    attempt = sign_in(site, login, password, place, is_known_device=False)
    if attempt.person is not None and stage_after(site, attempt.person) is not None:
        return None  # a password alone is not enough for this account, or is not theirs yet
    if attempt.person is not None and not attempt.is_remembered:  # not with each of its requests
        with writing(site.engine) as connection:
            security_log.record_event(
                connection,
                "signed_in",
                site.now(),
                person=attempt.person["_id"],
                login=clean(login),
                device=place,
                detail={"how": "basic"},
            )
    return attempt.person


def _by_session(site: Site, token: str) -> Person | None:
    now, moment = site.now(), site.sessions.moment()
    row = _session_row(site, token)
    if row is None or row.stage or row.expires_at <= now:
        return None
    seen_at = row.seen_at
    idle = now - seen_at
    if idle > length(site, "session.idle_at_most"):
        return None
    if idle > SEEN_EVERY:
        seen = sa.update(sessions).where(sessions.c.token_hash == row.token_hash)
        with writing(site.engine) as connection:
            connection.execute(seen.values(seen_at=now))
        seen_at = now
    site.sessions.keep(Session(row.token_hash, row.person, seen_at, row.expires_at), moment)
    person = site.person(row.person)
    return None if person is None or person.get("active") is False else person


def _session_row(site: Site, token: str) -> Any:
    with site.reading() as connection:
        wanted = sa.select(sessions).where(sessions.c.token_hash == digest(token))
        return connection.execute(wanted).first()


def length(site: Site, key: str) -> int:
    """Return the length (ms) that a setting says."""
    from sync.worktime import UNITS

    setting = site.settings()[key]
    value = setting["value"]
    if value is None:  # a sign-in without an end, or without a beginning, is nothing to set
        value = site.declarations["settings"][key]["value"]
    return int(value) * UNITS[setting["unit"]]


def _ending(now: int) -> sa.Update:
    return sa.update(sessions).where(sessions.c.expires_at > now).values(expires_at=now)


def digest(token: str) -> str:
    """Return the hash of a session token, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
