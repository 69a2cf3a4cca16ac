"""The command `floorwalk doctor`: every check in turn, one line a finding; exit code 0 or 1."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from server.acts.site import Site
from server.base import clock, config, folder_lock
from server.base.config import Config
from server.database import engines
from server.operations.backup import copying
from server.operations.diagnosis import (
    blobs,
    chained_acts,
    feed_rows,
    machine,
    refold,
    stored_records,
    tick_and_jobs,
)
from server.operations.diagnosis.finding import (
    BAD,
    GOOD,
    MENDED,
    Check,
    Finding,
    Inspected,
    Progress,
)
from server.operations.tls import FOLDER

# In this order: a later check relies on what an earlier one repaired.
CHECKS: tuple[Check, ...] = (
    chained_acts.check,
    stored_records.check,
    refold.check,
    feed_rows.check,
    tick_and_jobs.check,
    blobs.photos,
    blobs.refused,
    blobs.certificates,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    from server.acts.site_folder import add_site_options

    add_site_options(parser)
    parser.add_argument("--repair", action="store_true", help="mend what can be mended")
    parser.add_argument("--certificate", "--cert", action="append", type=Path, default=[])


def run(args: argparse.Namespace) -> int:
    """Check a site while its server may run; return 1 when something is left to do."""
    settings = config.from_environment(os.environ, data=args.data, name=args.site)
    if settings.is_sqlite and not settings.file.is_file():
        print(f"There is no database at {settings.file}.", file=sys.stderr)
        return 1
    left = mended = 0
    for finding in examine(settings, args.certificate, repair=args.repair, progress=_progress()):
        left += finding.level == BAD
        mended += finding.level == MENDED
        print(f"{finding.level:6} {finding.check:12} {finding.say} {finding.do}".rstrip())
    print(_summary(left, mended))
    return 1 if left else 0


def examine(
    settings: Config,
    certificates: list[Path],
    *,
    repair: bool,
    progress: Progress = lambda what, done, of: None,
) -> Iterator[Finding]:
    """Yield the findings of all checks; the deeper ones run only on a sound database."""
    yield from machine.ground(settings, repair=repair)
    engine = engines.connect(settings.database)
    try:
        findings = list(machine.whole(engine))
        yield from findings
        if any(each.level == BAD and each.check == "database" for each in findings):
            return
        with engines.reading(engine) as connection:
            version = copying.version_of(connection)
    finally:
        engine.dispose()
    if version > engines.VERSION:
        say = f"The database is of version {version}, this program knows {engines.VERSION}."
        yield Finding(BAD, "version", say, "Use the newer program.")
        return
    if version < engines.VERSION:
        say = f"The database is of version {version or 'none'}, not {engines.VERSION}."
        yield Finding(
            MENDED if repair else BAD, "version", say, "" if repair else "Run floorwalk migrate."
        )
        if not repair:
            return
    else:
        yield Finding(GOOD, "version", f"The tables are of version {version}.")
    site = Site(settings, clock.of_folder(settings.data).now)
    try:
        inspected = Inspected(
            site,
            repair,
            clock.real_now(),
            folder_lock.is_held(settings.data),
            (*certificates, *_own(settings)),
            progress,
        )
        for check in CHECKS:
            yield from check(inspected)
    finally:
        site.close()


def _own(settings: Config) -> Iterator[Path]:
    if settings.certificate:
        yield Path(settings.certificate)
    own = settings.data / FOLDER / "server.crt"
    if own.is_file() and own != Path(settings.certificate or ""):
        yield own


def _progress() -> Progress:
    """Return a function that shows progress on a terminal, or does nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda what, done, of: None

    def show(what: str, done: int, of: int) -> None:
        print(f"\r       {what:12} {done} of {of}\033[K", end="", file=sys.stderr)
        if done >= of:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    return show


def _summary(left: int, mended: int) -> str:
    if not left and not mended:
        return "All is well."
    repaired = f" {mended} mended;" if mended else ""
    return (
        f"To be done: {left}.{repaired}".rstrip(";") if left else f"Mended: {mended}. All is well."
    )
