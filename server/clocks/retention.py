"""Retention: what nobody needs any more goes by itself, after as many days as a setting says."""

from __future__ import annotations

import sqlalchemy as sa

from server.acts import erasure
from server.acts.site import Site
from server.database.tables import blobs, quarantine, uses
from sync.worktime import DAY

AT_ONCE = 200  # refusals or photos of one run
REASON = "retention"
BLANKED = (b"", b"{}")  # what is left of a body: by this, and by an erasure


def tidy(site: Site) -> tuple[int, int]:
    """Erase decided refusals and photos that no record names; return how many of each."""
    return _refusals(site), _photos(site)


def _before(site: Site, key: str) -> int:
    return site.now() - int(site.settings()[key]["value"]) * DAY


def _refusals(site: Site) -> int:
    """Blank bodies that were refused and decided about; that they were, and why, stays."""
    kept = quarantine.c
    old = sa.select(kept.id, kept.refusal).where(
        kept.decided_at < _before(site, "refused.kept"), kept.body.not_in(BLANKED)
    )
    with site.reading() as connection:
        rows = connection.execute(old.limit(AT_ONCE)).all()
    names = list(dict.fromkeys(row.refusal for row in rows if row.refusal is not None))
    for name in names:
        if site.record(name) is not None:
            erasure.erase(site, name, by="system:site", reason=REASON, listed=False)
    with site.writing() as connection:
        change = sa.update(quarantine).where(kept.id.in_([row.id for row in rows]))
        connection.execute(change.values(body=b"", details="{}"))
    return len(names)


def _photos(site: Site) -> int:
    named = sa.select(uses.c.sha256).where(uses.c.sha256 == blobs.c.sha256).exists()
    old = sa.select(blobs.c.sha256).where(~named, blobs.c.at < _before(site, "blobs.unnamed_kept"))
    with site.writing() as connection:
        names = list(connection.scalars(old.limit(AT_ONCE)))
        erasure.forget_blobs(connection, names)
    erasure.remove_files(site.config.blobs, names)
    return len(names)
