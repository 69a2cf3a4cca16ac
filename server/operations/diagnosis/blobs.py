"""Photos, certificates, what waits to be decided, and the link to other hospitals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from server.acts.attachments import path_of
from server.database.tables import blobs, quarantine, uses
from server.operations.diagnosis.finding import BAD, GOOD, Finding, Inspected, few

ENDS_SOON = 14 * 86_400_000  # ms
TOO_MANY = 1_000  # refused acts that nobody decided


def photos(patient: Inspected) -> Iterator[Finding]:
    """Read every photo and recording; a damaged one is moved aside and asked for again."""
    site = patient.site
    folder = site.config.blobs
    with site.reading() as connection:
        rows = connection.execute(sa.select(blobs).order_by(blobs.c.sha256)).all()
    wrong = []
    for done, row in enumerate(rows, 1):
        if not _is_whole(path_of(folder, row.sha256), row.sha256):
            wrong.append(row.sha256)
        if done % 100 == 0:
            patient.progress("photos", done, len(rows))
    if not wrong:
        yield Finding(GOOD, "photos", f"{len(rows)} photos and recordings are whole.")
        return
    if patient.repair:
        _ask_again(patient, wrong)
    say = f"{len(wrong)} of {len(rows)} photos are missing or damaged: {few(wrong, 1)}."
    yield patient.wrong(
        "photos", say, "Put a backup's photos back, or run floorwalk doctor --repair."
    )


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _ask_again(patient: Inspected, names: list[str]) -> None:
    """Their records show them as pending; who still has the bytes may send them again."""
    for name in names:
        path = path_of(patient.site.config.blobs, name)
        if path.exists():
            path.rename(path.with_name(name + ".damaged"))
    with patient.site.unit_of_work() as unit:
        connection = unit.store.connection
        connection.execute(sa.delete(blobs).where(blobs.c.sha256.in_(names)))
        naming = sa.select(uses.c.record).distinct().where(uses.c.sha256.in_(names))
        records = list(connection.execute(naming).scalars())
        unit.look_up((), records)
        for record in records:
            unit.in_progress(record).touched = True
        unit.finish()


def refused(patient: Inspected) -> Iterator[Finding]:
    """What was refused is kept until the office decides; a heap of it is a sign of trouble."""
    kept = quarantine.c
    wanted = sa.select(kept.code, sa.func.count().label("n")).where(kept.decided_at.is_(None))
    with patient.site.reading() as connection:
        rows = connection.execute(wanted.group_by(kept.code).order_by(sa.desc("n"))).all()
    count = sum(row.n for row in rows)
    if count > TOO_MANY:
        say = f"{count} refused acts wait for a decision, most of them as {rows[0].code}."
        yield Finding(BAD, "refused", say, "Decide them in the office, under Refused.")
    else:
        yield Finding(GOOD, "refused", f"{count} refused acts wait for a decision.")


def certificates(patient: Inspected) -> Iterator[Finding]:
    """Look when each certificate ends: tablets stop talking to a server on that day."""
    if not patient.certificates:
        return
    from server.operations.tls import authority  # its library is large

    for path in patient.certificates:
        try:
            found = authority.read(path)
        except (OSError, ValueError) as error:
            yield Finding(BAD, "certificate", f"{path} cannot be read: {error}", "Make it anew.")
            continue
        day = f"{found.not_valid_after_utc:%Y-%m-%d}"
        left = found.not_valid_after_utc.timestamp() * 1_000 - patient.real_now
        own = authority.of_folder(patient.site.config.data)
        if left > ENDS_SOON:
            yield Finding(GOOD, "certificate", f"{path.name} is good until {day}.")
        elif path != own.certificate:
            say = f"{path} {'ends' if left > 0 else 'ended'} on {day}."
            yield Finding(BAD, "certificate", say, "Renew it; the server takes it up by itself.")
        else:
            if patient.repair:
                authority.renew(own, patient.real_now)
            say = f"The server's certificate {'ends' if left > 0 else 'ended'} on {day}."
            yield patient.wrong("certificate", say)
