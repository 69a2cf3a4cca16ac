"""No stored record makes a page fail: ghosts that nobody made, and acts that were half checked."""

from __future__ import annotations

from typing import Any

import pytest

import sync
from server.acts.site import Site
from tests.cast import Cast
from tests.clock import Clock
from tests.security.test_safe_acts import stores
from tests.server.office.test_tables import complains, waits
from tests.server.office.window import Window

DECLARED = sync.declarations()
# What a version before this one let through: of no form, of another, too much.
ODD: tuple[Any, ...] = (7, "x", [None], {"a": 1}, [["x"]])
PAGES = (
    *("/office", "/office/notices", "/office/waiting", "/office/visits", "/office/complaints"),
    *("/office/reconcile", "/office/people", "/office/settings", "/office/devices"),
    *("/office/replication", "/office/records", "/office/menu"),
)


def record_page(kind: str, identifier: str) -> str:
    """Return the address of a record's page."""
    section = DECLARED["records"][kind]["section"] or f"records/{kind}"
    return f"/office/{section}/{identifier.partition(':')[2]}"


def opens_all(window: Window, paths: list[str]) -> list[tuple[str, int]]:
    """Open pages; return those that failed."""
    statuses = [(path, window.client.get(path).status_code) for path in paths]
    return [(path, status) for path, status in statuses if status >= 500]


def test_a_record_that_nobody_made_fails_no_page(site: Site, cast: Cast, wu: Window) -> None:
    """A2: one push about person:ghost made the page of people answer 500 for ever."""
    ghosts = []
    for kind in DECLARED["records"]:
        record = f"{kind}:ghost"
        undo = cast.wu.says(f"{kind}.undone", record, undoes="act:" + "0" * 26)
        edit = cast.wu.says(f"{kind}.edited", record, field="name", old=None, new="x")
        stores(site, undo, edit)
        ghosts.append(record_page(kind, record))
    tables = [f"/office/records/{kind}" for kind in DECLARED["records"]]
    people = ["/office/people/ghost", "/office/settings/ghost"]
    assert opens_all(wu, [*PAGES, *tables, *ghosts, *people]) == []


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_half_checked_correction_fails_no_page(
    site: Site, cast: Cast, clock: Clock, wu: Window, odd: Any
) -> None:
    """A8: `edited` with an odd `old` made the record's page answer 500 for ever."""
    records = {"complaint": complains(cast), "waiting": waits(cast, "王小明")}
    paths = []
    for kind, record in records.items():
        for field in DECLARED["records"][kind]["fields"]:
            if field["editable"]:
                clock.passes(seconds=1)
                about = {"field": field["name"], "old": odd, "new": None}
                stores(site, cast.chen.says(f"{kind}.edited", record, **about, more=odd))
        paths.append(record_page(kind, record))
    questions = [
        f"/office/reconcile?about={question['act']}"
        for record in records.values()
        for question in (site.record(record) or {})["unsettled"]
    ]
    assert questions or odd is None
    assert opens_all(wu, [*paths, *PAGES, *questions]) == []
