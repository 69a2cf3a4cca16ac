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
# What is shown, offered or asked, and changes no record: of a kind, of an act, of a field.
OF_A_KIND = {
    *("label", "called", "many", "icon", "path", "book", "section", "line", "side", "facts"),
    *("lists", "own_screens", "tiles", "form", "pages_for", "by_letter", "duty", "reads"),
    *("editors", "deciders", "channels", "hides", "unanswered"),
}
OF_AN_ACT = {"label", "icon", "path", "further", "in_office", "who"}
OF_A_FIELD = {
    *("label", "choices", "explains", "shown_when", "editable", "min", "max", "private"),
    *("among", "alone"),
}


def look_over(site: Site) -> int:
    """Look over the records of every kind that is declared otherwise than before, in pages.

    Return how many records were looked at. A new site has none.
    """
    folds = _changed(site, "folded", _of_fold)
    offers = _changed(site, "offered", lambda kind: [kind["channels"], kind["hides"]])
    # What is folded again is offered anew by that.
    looked = sum(_each_page(site, kind, site.fold_again) for kind in folds)
    looked += sum(_each_page(site, kind, site.touch) for kind in offers if kind not in folds)
    _keep(site, {"folded": folds, "offered": offers})
    return looked


def _changed(site: Site, key: str, of: Callable[[Declared], Any]) -> dict[str, str]:
    """Return {kind: digest} of those of which `of` returns another value than the last time.

    `key` is the row of `meta` with the digests of the last time.
    """
    before = _digests(site, key)
    declared = {kind: _digest(of(one)) for kind, one in site.declarations["records"].items()}
    return {kind: digest for kind, digest in declared.items() if before.get(kind) != digest}


def _each_page(site: Site, kind: str, do: Callable[[Sequence[str]], object]) -> int:
    looked, after = 0, ""
    while True:
        with site.reading() as connection:
            page = Store(connection).ids_of(kind, after, PAGE)
        if not page:
            return looked
        do(page)
        looked += len(page)
        after = page[-1]


def _digests(site: Site, key: str) -> dict[str, str]:
    with site.reading() as connection:
        stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))
    found: dict[str, str] = orjson.loads(stored) if stored else {}
    return found


def _keep(site: Site, changed: dict[str, dict[str, str]]) -> None:
    """Keep the digests once everything is looked over: what broke off begins again."""
    for key, digests in changed.items():
        if not digests:
            continue
        now = {**_digests(site, key), **digests}
        text = orjson.dumps(now, option=orjson.OPT_SORT_KEYS).decode()
        with site.writing() as connection:
            change = sa.update(meta).where(meta.c.key == key).values(value=text)
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(meta).values(key=key, value=text))


def _of_fold(kind: Declared) -> Any:
    """Return what the records of a kind are folded by."""
    acts = [_without(act, OF_AN_ACT) for act in kind["acts"]]
    fields = [_without(field, OF_A_FIELD) for field in kind["fields"]]
    states = [value for value, _label in kind["states"]]
    rest = _without(kind, OF_A_KIND | {"acts", "fields", "states"})
    return [FOLDED_BY, rest, states, acts, fields]


def _without(declared: Declared, names: set[str]) -> Declared:
    return {name: value for name, value in declared.items() if name not in names}


def _digest(what: Any) -> str:
    text = orjson.dumps(what, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]
