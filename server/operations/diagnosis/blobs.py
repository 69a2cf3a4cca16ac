"""Checks of photos and recordings, refused acts, and certificates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from server.acts.attachment_stubs import path_of
from server.database.tables import blobs, quarantine, uses
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few

ENDS_SOON = 14 * 86_400_000  # ms before a certificate's end at which it counts as bad
TOO_MANY = 1_000  # undecided refused acts that point to a fault


def photos(inspected: Inspected) -> Iterator[Finding]:
    """Read every blob; a damaged one is moved aside, so that it is asked for again."""
    site = inspected.site
    folder = site.config.blobs
    with site.reading() as connection:
        rows = connection.execute(sa.select(blobs).order_by(blobs.c.sha256)).all()
    wrong = []
    for done, row in enumerate(rows, 1):
        if not _is_whole(path_of(folder, row.sha256), row.sha256):
            wrong.append(row.sha256)
        if done % 100 == 0:
            inspected.progress("photos", done, len(rows))
    if not wrong:
        yield Finding(GOOD, "photos", f"{len(rows)} photos and recordings are whole.")
        return
    if inspected.repair:
        _ask_again(inspected, wrong)
    say = f"{len(wrong)} of {len(rows)} photos are missing or damaged: {few(wrong, 1)}."
    yield inspected.wrong(
        "photos", say, "Put a backup's photos back, or run floorwalk doctor --repair."
    )


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _ask_again(inspected: Inspected, names: list[str]) -> None:
    """Forget damaged blobs: records show them as pending, and tablets send them again."""
    for name in names:
        path = path_of(inspected.site.config.blobs, name)
        if path.exists():
            path.rename(path.with_name(name + ".damaged"))
    with inspected.site.unit_of_work() as unit:
        connection = unit.store.connection
        connection.execute(sa.delete(blobs).where(blobs.c.sha256.in_(names)))
        naming = sa.select(uses.c.record).distinct().where(uses.c.sha256.in_(names))
        records = list(connection.execute(naming).scalars())
        unit.look_up((), records)
        for record in records:
            unit.in_progress(record).touched = True
        unit.finish()


def refused(inspected: Inspected) -> Iterator[Finding]:
    """Count the undecided refused acts; many of them are a sign of a fault."""
    columns = quarantine.c
    wanted = sa.select(columns.code, sa.func.count().label("n")).where(columns.decided_at.is_(None))
    with inspected.site.reading() as connection:
        rows = connection.execute(wanted.group_by(columns.code).order_by(sa.desc("n"))).all()
    count = sum(row.n for row in rows)
    if count > TOO_MANY:
        say = f"{count} refused acts wait for a decision, most of them as {rows[0].code}."
        yield Finding(BAD, "refused", say, "Decide them in the office, under Refused.")
    else:
        yield Finding(GOOD, "refused", f"{count} refused acts wait for a decision.")


def certificates(inspected: Inspected) -> Iterator[Finding]:
    """Check when each certificate ends: tablets stop talking to the server on that day."""
    if not inspected.certificates:
        return
    from server.operations.tls import authority  # its library is large

    for path in inspected.certificates:
        try:
            certificate = authority.read(path)
        except (OSError, ValueError) as error:
            yield Finding(BAD, "certificate", f"{path} cannot be read: {error}", "Make it anew.")
            continue
        day = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        left = certificate.not_valid_after_utc.timestamp() * 1_000 - inspected.real_now
        own = authority.of_folder(inspected.site.config.data)
        if left > ENDS_SOON:
            yield Finding(GOOD, "certificate", f"{path.name} is good until {day}.")
        elif path != own.certificate:
            say = f"{path} {'ends' if left > 0 else 'ended'} on {day}."
            yield Finding(BAD, "certificate", say, "Renew it; the server takes it up by itself.")
        else:
            if inspected.repair:
                authority.renew(own, inspected.real_now)
            say = f"The server's certificate {'ends' if left > 0 else 'ended'} on {day}."
            yield inspected.wrong("certificate", say)
