"""Looks records over after an upgrade that declares their kind otherwise.

What a kind is offered by, or how its acts fold, may be another than when the records were written:
they are offered anew, or folded again from their acts. So `refold` changes nothing after an upgrade
either, and a state that is new counts what was there before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from server.database.store import Store
from server.database.tables import meta

if TYPE_CHECKING:
    from server.acts.site import Site

Declared = dict[str, Any]

PAGE = 500  # records of one transaction: what a push waits behind
# Counts up when the code itself folds acts otherwise, or spells what records are found by.
FOLDED_BY = 2
# Of a kind, an act and a field: what is shown or asked, and changes no record.
SHOWN = {
    *("label", "called", "many", "icon", "path", "book", "section", "line", "side", "facts"),
    *("further", "in_office", "who", "lists", "own_screens", "tiles", "form", "pages_for"),
    *("choices", "explains", "shown_when", "editable", "min", "max", "private", "among", "alone"),
    *("editors", "deciders", "channels", "hides", "duty", "reads", "unanswered", "by_letter"),
}


def look_over(site: Site) -> int:
    """Look over the records of every kind that is declared otherwise than before, in pages.

    Return how many records were looked at. A new site has none.
    """
    looked = _again(site, "folded", lambda kind: [FOLDED_BY, _plain(kind)], site.fold_again)
    looked += _again(
        site, "offered", lambda kind: [kind["channels"], kind["hides"]], lambda ids: site.touch(ids)
    )
    return looked


def _again(
    site: Site, key: str, of: Callable[[Declared], Any], do: Callable[[Sequence[str]], object]
) -> int:
    """Do something to all records of the kinds of which `of` returns another value than before.

    `key` is the row of `meta` with the digests of what was declared the last time.
    """
    declared = {kind: _digest(of(one)) for kind, one in site.declarations["records"].items()}
    with site.reading() as connection:
        stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))
    before = orjson.loads(stored) if stored else {}
    kinds = [kind for kind, digest in declared.items() if before.get(kind) != digest]
    looked = 0
    for kind in kinds:
        after = ""
        while page := _page(site, kind, after):
            do(page)
            looked += len(page)
            after = page[-1]
    if kinds:
        text = orjson.dumps(declared, option=orjson.OPT_SORT_KEYS).decode()
        with site.writing() as connection:
            change = sa.update(meta).where(meta.c.key == key).values(value=text)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(meta).values(key=key, value=text))
    return looked


def _page(site: Site, kind: str, after: str) -> list[str]:
    with site.reading() as connection:
        return Store(connection).ids_of(kind, after, PAGE)


def _plain(declared: Any) -> Any:
    """Return a declaration without what is only shown."""
    if isinstance(declared, dict):
        return {name: _plain(value) for name, value in declared.items() if name not in SHOWN}
    return [*map(_plain, declared)] if isinstance(declared, list) else declared


def _digest(what: Any) -> str:
    text = orjson.dumps(what, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]
