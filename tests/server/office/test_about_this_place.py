"""C-24, row 17: "about this place" counts what a complaint is about, not where it was taken."""

from __future__ import annotations

import re

from server.acts.site import Site
from tests.cast import WORDS, Cast
from tests.server.in_process import inside


def taken(cast: Cast, about: str | None) -> str:
    complaint = cast.lin.new("complaint")
    where = {"about_place": about} if about else {}
    said = {"place": "place:lobby-1", "words": WORDS, **where}
    assert cast.lin.does("complaint.taken", complaint, **said).good
    return complaint.partition(":")[2]


def test_alike_are_those_about_the_same_place(site: Site, cast: Cast) -> None:
    one = taken(cast, "place:area-2")
    for about in ("place:area-2", "place:area-2", "place:lobby-2", None):
        taken(cast, about)
    lobby = taken(cast, None)
    with inside(site) as inner:
        about_area = inner.ask("wu", "GET", f"/office/complaints/{one}").text
        about_lobby = inner.ask("wu", "GET", f"/office/complaints/{lobby}").text
    assert "/office/complaints?place=place:area-2" in about_area
    assert number_of_others(about_area) == 2
    assert number_of_others(about_lobby) == 1


def number_of_others(page: str) -> int:
    """Return the number in the link to complaints about the same place."""
    link = page.partition("/office/complaints?place=")[2].partition("</a>")[0]
    words = re.sub(r"<[^>]*>", " ", link.partition(">")[2])
    return int(re.findall(r"\d+", words)[-1])
