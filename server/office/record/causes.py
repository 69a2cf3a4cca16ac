"""What a record is because of, and what it led to: what was said for rules, read both ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from server.database.store import Store
from server.office.page_parts.office_request import Desk, Record
from server.office.record import labels
from sync.statements import is_withdrawn


def groups(desk: Desk, record: Record) -> list[dict[str, Any]]:
    """Return the groups of links for a record's page, in the form of `related`.

    What the reader may not see is left out, as everywhere, and what a field links to: there it
    stands already.
    """
    _ = desk.words.gettext
    by = record.get("stated", {}).get("by", [])
    causes = [entry["scope"] for entry in by if entry["wanted"]]
    if desk.declarations["rules"]:
        with desk.site.reading() as connection:
            led = [row.record for row in Store(connection).led_to(record["_id"])]
    else:
        led = []
    fields = desk.declarations["records"][record["type"]]["fields"]
    known = {record["_id"], *(record.get(one["name"]) for one in fields if one["kind"] == "link")}
    found = (
        (_("Because of"), "corner-up-left", causes),
        (_("Led to"), "arrow-right", led),
    )
    return [
        {"title": title, "sign": sign, "waits": [], "links": links}
        for title, sign, ids in found
        if (links := _links(desk, [one for one in ids if one not in known]))
    ]


def _links(desk: Desk, ids: Iterable[str]) -> list[dict[str, str]]:
    with desk.site.reading() as connection:
        stored = Store(connection).records(dict.fromkeys(ids))
    records = [orjson.loads(stored[one].body) for one in dict.fromkeys(ids) if one in stored]
    links = []
    for record in filter(desk.sees, records):
        desk.site.reads.add(desk.person["_id"], 1, desk.now)
        label = desk.word(desk.declarations["records"][record["type"]]["label"])
        called = desk.called(record)
        links.append(
            {
                "href": desk.href(record["_id"]),
                "label": f"{label} {called}".strip(),
                "side": state(desk, record),
            }
        )
    return links


def state(desk: Desk, record: Record) -> str:
    """Return the label of a record's state, or that no rule wants it any more."""
    return desk.words.gettext("withdrawn") if is_withdrawn(record) else labels.state(desk, record)
