"""A7: a link names a record of the kinds it may point to, and opens a record to nobody else."""

from __future__ import annotations

import pytest

import sync
from server.acts import access
from server.acts.access import SYSTEM_ACTOR
from server.acts.site import Site
from sync import check_act
from sync.act import make
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH

OTHERS = ("person:zhao", "unit:east", "place:lobby-1", "doctor:x", "waiting:x", "x:y")


def test_a_record_is_not_opened_to_whom_its_place_names(site: Site, cast: Cast) -> None:
    """A7: `place: "person:zhao"` let Zhao read name, phone and complaint."""
    complaint = cast.lin.new("complaint")
    said = {"words": WORDS, "unsigned": "-", "phone": "13800138000"}
    verdict = cast.lin.does("complaint.taken", complaint, place="person:zhao", **said)
    assert not verdict.good
    assert not any(name == complaint for _, name in database_rows.offered(site, "complaint"))


def test_every_link_says_what_it_may_point_to_and_takes_nothing_else() -> None:
    """A7: of every kind; a link that may point to any record is no channel."""
    declarations = sync.declarations()
    for kind, declared in declarations["records"].items():
        for field in declared["fields"]:
            if field["kind"] != "link":
                continue
            is_channel = f"{{{field['name']}}}" in declared["channels"]
            assert field["of"] or field["name"] in ("about", "subject"), f"{kind}.{field['name']}"
            assert field["of"] or not is_channel, f"{kind}.{field['name']}"
            for other in OTHERS:
                is_right = not field["of"] or other.partition(":")[0] in field["of"]
                assert (check_act.CHECKS["link"](field, other) is None) == is_right


@pytest.mark.parametrize("value", ["person:zhao", "unit:east", "waiting:x", "place:nowhere"])
def test_channels_are_made_of_ids_of_the_right_kind_that_exist(site: Site, value: str) -> None:
    """A7: whatever a version before let into a record."""
    record = {"_id": "complaint:x", "type": "complaint", "state": "open", "place": value,
              "owner": value, "rungs": {}}  # fmt: skip
    known = site.reference()
    channels = access.channels_of(site.declarations, record, known.ancestors, known.knows)
    if value == "person:zhao":  # an owner is a person
        channels.remove(value)
    posts = [channel for channel in channels if channel.startswith("post:")]
    assert all(one in posts or one == f"absent:{value}" for one in channels), channels


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_place_that_comes_later_is_offered_what_was_said_of_it(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """A7: until then nobody is, by whatever name they are given rights."""
    places = {"places": ["place:lobby-1", "place:new"]}
    site.record_act("person.changed", "person:lin", places, by="system:site")
    waiting = cast.wu.new("waiting")
    act = make(
        "waiting.started",
        waiting,
        {"place": "place:new"},
        at=clock(),
        by="system:site",
        device="device:server",
        site=site.config.name,
        identifier="act:" + "1" * 26,
    )
    assert site.accept([act], SYSTEM_ACTOR)[0].good
    offered = {channel for channel, _ in database_rows.offered(site, "waiting")}
    assert "absent:place:new" in offered and "place:new" not in offered
    cast.wu.does("place.added", "place:new", name="新", kind="lobby", inside="place:floor-1")
    offered = {channel for channel, _ in database_rows.offered(site, "waiting")}
    assert {"place:new", "place:floor-1"} <= offered and "absent:place:new" not in offered
