"""An act said of what a table selects, on all its pages and not only the one that is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from server.acts.site import Site
from tests import invented_kind
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.window import OURS, Window

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MANY = 53  # more than a page has


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with invented_kind.declared():
        yield


def test_wu_says_it_of_all_that_fit_and_of_no_other(
    site: Site, cast: Cast, clock: Clock, wu: Window
) -> None:
    found = []
    for n in range(MANY + 1):
        clock.passes(seconds=1)
        found.append(cast.lin.new("lost"))
        item = "伞" if n else "手机"
        said = {"item": f"{item} {n}", "place": "place:lobby-1"}
        assert cast.lin.does("lost.found", found[-1], **said).good
    clock.passes(seconds=1)
    assert cast.lin.does("lost.returned", found[1]).good
    clock.passes(seconds=1)
    asked = "?table=%2Foffice%2Flost&query=q%3D%E4%BC%9E&do=returned&all=1"
    page = wu.opens(f"/office/several/lost{asked}")
    rows = re.findall(r'name="row" value="([^"]+)"', page.html)
    assert len(rows) == MANY - 1, "all that fit, and none that was given back"
    form = page.form("/office/several/lost").fields
    sent = {**{k: v for k, v in form.items() if k != "row"}, "row": rows}
    answer = wu.client.post("/office/several/lost", data=sent, headers=OURS)
    assert answer.status_code == 200
    states = [(site.record(one) or {})["state"] for one in found]
    assert states == ["kept"] + ["returned"] * MANY
