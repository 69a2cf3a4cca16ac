"""The tablet's transactions after the server was restored from a backup."""

from __future__ import annotations

from typing import Any

import pytest

import sync
from sync import fold
from sync.act import Act, make, ulid
from tests.clock import MINUTE, MORNING
from tests.service_worker.node import Node

MODULE = "tests/service_worker/put_back.mjs"
WAITING = "waiting:" + ulid(MORNING, 1)


def said(name: str, number: int, at: int, /, **data: Any) -> Act:
    return make(
        name,
        WAITING,
        data,
        at=at,
        by="person:lin",
        device="device:1",
        site="demo",
        identifier="act:" + ulid(at, number),
    )


STARTED = said("waiting.started", 2, MORNING, place="place:lobby-1", name="张晓丽")
WATER = said("waiting.water_given", 3, MORNING + MINUTE)


@pytest.mark.parametrize("fate", ["refused", "sent"])
def test_what_the_server_has_no_more_is_not_shown_because_an_own_act_lay_over_it(
    node: Node, fate: str
) -> None:
    record = fold.fold(sync.declarations(), [STARTED])
    left = node.call(MODULE, "over", [record, WATER, fate])
    assert (left["shown"], left["under"]) == ([], [])
    assert left["act"]["state"] == fate
    assert "over" not in left["act"]


@pytest.mark.parametrize("fate", ["waiting", "sent", "refused"])
def test_everything_is_offered_again_and_stays_in_sight(node: Node, fate: str) -> None:
    left = node.call(MODULE, "offered", [STARTED, fate])
    act = left["act"]
    assert (act["state"], act["waiting"], act["over"]) == ("waiting", 2, WAITING)
    assert "refused" not in act and "code" not in act
    assert left["shown"] == ([] if fate == "refused" else [WAITING])
