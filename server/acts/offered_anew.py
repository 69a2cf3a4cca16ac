"""Offers records anew after an upgrade that changed who is offered a kind of record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from server.database.tables import meta, records

if TYPE_CHECKING:
    from server.acts.site import Site

KEY = "offered"  # in meta: what was declared when the records were offered last
PAGE = 500  # records of one transaction: what a push waits behind


def offer(site: Site) -> int:
    """Compute channels and hidings of every kind that declares others than before, in pages.

    Return how many records were looked at. A new site has none.
    """
    declared = {kind: _digest(one) for kind, one in site.declarations["records"].items()}
    with site.reading() as connection:
        stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == KEY))
    before = orjson.loads(stored) if stored else {}
    kinds = [kind for kind, digest in declared.items() if before.get(kind) != digest]
    looked = sum(_again(site, kind) for kind in kinds)
    if kinds:
        text = orjson.dumps(declared, option=orjson.OPT_SORT_KEYS).decode()
        with site.writing() as connection:
            change = sa.update(meta).where(meta.c.key == KEY).values(value=text)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(meta).values(key=KEY, value=text))
    return looked


def _again(site: Site, kind: str) -> int:
    looked, after = 0, ""
    while True:
        wanted = sa.select(records.c.id).where(records.c.type == kind, records.c.id > after)
        with site.reading() as connection:
            page = list(connection.scalars(wanted.order_by(records.c.id).limit(PAGE)))
        if not page:
            return looked
        site.touch(page)
        looked += len(page)
        after = page[-1]


def _digest(declared: dict[str, Any]) -> str:
    what = orjson.dumps([declared["channels"], declared["hides"]], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(what).hexdigest()[:16]
