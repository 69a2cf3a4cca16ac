"""What a record is because of, and what it led to, on its page in the office."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from server.acts.site import Site
from server.rules import settle, waking
from tests import ruled_kinds
from tests.cast import Cast
from tests.clock import Clock
from tests.server.office.window import Window


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with ruled_kinds.declared():
        yield


def test_both_ways_and_what_was_withdrawn_is_said(
    site: Site, cast: Cast, clock: Clock, window: Callable[[str], Window]
) -> None:
    waking.start(site)
    case = cast.lin.new("case")
    address = f"/office/records/case/{case.partition(':')[2]}"
    cast.lin.does("case.taken", case)
    clock.passes(minutes=1)
    cast.lin.does("case.settled", case)
    settle.work(site)
    wu = window("wu")
    page = wu.opens(address)
    assert "Led to" in page.text
    call = next(link for link in page.links.values() if "/recall/" in link)
    there = wu.opens(call)
    assert address in there.links.values()
    assert "Because of" not in there.text, "its own field says it, once"
    clock.passes(minutes=1)
    cast.lin.does("case.reopened", case)
    settle.work(site)
    assert "withdrawn" in wu.opens(address).text
