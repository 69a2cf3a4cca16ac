"""Reads the changes feed page by page, as clients do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from server.acts.site import Site
from tests.cast import Tablet
from tests.server import database_rows

FEED = "/sync/demo/_changes"


def sits_down(tablet: Tablet, place: str = "place:lobby-1") -> str:
    act = tablet.says("waiting.started", tablet.new("waiting"), place=place)
    assert tablet.hands_in(act)[0].good
    return str(act["record"])


def asked(client: httpx.Client, **parameters: Any) -> Any:
    answer = client.get(FEED, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def pages(client: httpx.Client, since: str = "0", **parameters: Any) -> Iterator[Any]:
    """Yield pages until one is not full, as PouchDB does."""
    limit = parameters.setdefault("limit", 3)
    while True:
        page = asked(client, since=since, **parameters)
        yield page
        if len(page["results"]) < limit:
            return
        since = page["last_seq"]


def everything(client: httpx.Client, since: str = "0", **parameters: Any) -> tuple[list[Any], str]:
    rows, last = [], since
    for page in pages(client, since, **parameters):
        rows += page["results"]
        last = page["last_seq"]
    return rows, last


def ids(rows: list[Any], kind: str = "waiting") -> list[str]:
    return [row["id"] for row in rows if row["id"].startswith(kind)]


def moved(site: Site, person: str, **data: Any) -> None:
    seen = database_rows.one(site, person)["acts"]["last"]
    assert site.record_act("person.changed", person, data, by="person:wu", seen=seen).good
