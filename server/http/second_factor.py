"""The second factor of an account: codes that change every 30 seconds, and recovery codes.

An authenticator app and the server share a secret (TOTP, RFC 6238); the network is not needed.
A code counts once, and wrong codes are throttled like wrong passwords.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import orjson
import pyotp
import segno
import sqlalchemy as sa

from server.acts import security_log
from server.database.tables import accounts
from server.http import login_throttle
from sync.act import ALPHABET
from sync.posts import ADMINS, OFFICE, SECURITY

if TYPE_CHECKING:
    from server.acts.site import Site

STEP = 30_000  # ms that a code lasts
DRIFT = 1  # steps that a phone's clock may be off, either way
RECOVERY_CODES = 10
LETTERS = 10  # of a recovery code: 50 bits, each used once
# Posts that must have one, by the setting security.second_factor.
ASKED_OF: tuple[tuple[str, ...], ...] = ((), SECURITY, (*SECURITY, *ADMINS), OFFICE)


def is_on(site: Site, person: str) -> bool:
    """Say whether a person signs in with a second factor."""
    with site.reading() as connection:
        since = sa.select(accounts.c.totp_since).where(accounts.c.person == person)
        return connection.scalar(since) is not None


def is_required(site: Site, posts: list[str]) -> bool:
    """Say whether whoever holds these posts must have one; in the demo nobody must."""
    level = site.settings()["security.second_factor"]["value"]
    return not site.config.demo and not set(posts).isdisjoint(ASKED_OF[level])


def begin(site: Site, person: str) -> str:
    """Return the secret of a factor that is not on yet: the one that was begun, or a new one."""
    with site.writing() as connection:
        mine = accounts.c.person == person
        row = connection.execute(sa.select(accounts).where(mine)).one()
        if row.totp_secret is not None and row.totp_since is None:
            return str(row.totp_secret)
        secret = pyotp.random_base32()
        fresh = {"totp_secret": secret, "totp_since": None, "totp_used": None, "recovery": "[]"}
        connection.execute(sa.update(accounts).where(mine).values(fresh))
    return secret


def picture(site: Site, login: str, secret: str) -> str:
    """Return the QR code that an authenticator app scans, as a data URI; made here, not fetched."""
    name = f"Floorwalk {site.config.name}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=name)
    made: str = segno.make(uri, error="m", micro=False).svg_data_uri(scale=5, border=3)
    return made


def turn_on(site: Site, person: str, code: str) -> list[str] | None:
    """Turn the factor on by its first code; return the recovery codes, or None for a wrong code."""
    with site.writing() as connection:
        mine = accounts.c.person == person
        row = connection.execute(sa.select(accounts).where(mine)).one()
        step = _step_of(row.totp_secret, code, site.now()) if row.totp_secret else None
        if step is None or row.totp_since is not None:
            return None
        codes = [
            "".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(RECOVERY_CODES)
        ]
        kept = orjson.dumps([_digest(one) for one in codes]).decode()
        on = {"totp_since": site.now(), "totp_used": step, "recovery": kept}
        connection.execute(sa.update(accounts).where(mine).values(on))
        _log(connection, site, person, person, "on")
    return codes


def turn_off(site: Site, person: str, by: str | None) -> None:
    """Turn a person's factor off: their own wish, or somebody's help after a lost phone."""
    off = {"totp_secret": None, "totp_since": None, "totp_used": None, "recovery": None}
    with site.writing() as connection:
        connection.execute(sa.update(accounts).where(accounts.c.person == person).values(off))
        _log(connection, site, by, person, "off")


def check(site: Site, person: str, code: str, device: str) -> tuple[bool, int]:
    """Check a code or a recovery code; return whether it is right, and a wait (s) if too many."""
    login, now = f"code:{person}", site.now()
    with site.writing() as connection:
        wait = login_throttle.attempt(connection, login, device, now, trusted=False)
        if wait:
            return False, wait
        mine = accounts.c.person == person
        row = connection.execute(sa.select(accounts).where(mine)).one()
        used = _used(row, code, now)
        if used is None:
            log = {"step": "second factor"}
            security_log.record_event(
                connection, "sign_in_failed", now, person=person, device=device, detail=log
            )
            return False, 0
        connection.execute(sa.update(accounts).where(mine).values(used))
        login_throttle.forgive(connection, login, device, now)
        if "recovery" in used:
            _log(connection, site, person, person, "recovery code used")
    return True, 0


def _used(row: sa.Row[tuple[object, ...]], code: str, now: int) -> dict[str, object] | None:
    """Return what changes because a code was used, or None when it is wrong or was used before."""
    step = _step_of(row.totp_secret, code, now)
    if step is not None:
        return {"totp_used": step} if step > (row.totp_used or 0) else None
    left = orjson.loads(row.recovery or "[]")
    digest = _digest(code)
    if digest not in left:
        return None
    return {"recovery": orjson.dumps([one for one in left if one != digest]).decode()}


def _step_of(secret: str, code: str, now: int) -> int | None:
    """Return the time step of a right code, else None."""
    plain, totp = "".join(code.split()), pyotp.TOTP(secret)
    for drift in range(-DRIFT, DRIFT + 1):
        step = now // STEP + drift
        if secrets.compare_digest(totp.generate_otp(step).encode(), plain.encode()):
            return step
    return None


def _recovery_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()


def _log(connection: sa.Connection, site: Site, by: str | None, person: str, what: str) -> None:
    detail = {"what": what}
    security_log.record_event(
        connection, "second_factor", site.now(), person=by, subject=person, detail=detail
    )
