"""The bed map and leave of one's post, without a network and after it: Lin, Chen and Wu's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.act import key_id
from tests.clock import MORNING
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

UNIT, WARD, NUMBER = "unit:guides", "place:ward", 4711
BEDS = {f"place:bed-{n}": f"{n} 床" for n in (1, 2, 3)}
STAY = key_id("stay", [NUMBER])


@pytest.fixture(scope="module")
def hospital(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """The hospital with a ward of three beds in Lin's lobby, and a unit that Chen heads."""
    made = Hospital(tmp_path_factory.mktemp("hospital"), generated)
    ward = {"name": "骨科病区", "kind": "ward", "inside": "place:lobby-1"}
    lin = {"name": "林小美", "posts": ["guide"], "places": ["place:lobby-1"], "units": [UNIT]}
    said: list[tuple[str, str, dict[str, Any]]] = [
        ("unit.added", UNIT, {"name": "导医组", "kind": "group", "head": "person:chen"}),
        ("person.changed", "person:lin", lin),
        ("place.added", WARD, ward),
        *(
            ("place.added", bed, {"name": name, "kind": "bed", "inside": WARD})
            for bed, name in BEDS.items()
        ),
    ]
    with made._site(MORNING) as site:
        for act, record, data in said:
            assert site.record_act(act, record, data, by="system:site", at=MORNING).good
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def lin(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    return holds_a_tablet("lin")


@pytest.fixture(scope="module")
def chen(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    return holds_a_tablet("chen")


def test_lin_admits_to_a_free_bed_and_leaves_her_post_with_no_network(
    hospital: Hospital,
    lin: Guide,
    chen: Guide,
    at_a_desk: Callable[[str], Desk],
    tmp_path: Path,
) -> None:
    lin.syncs()
    lin.goes_offline()
    page = lin.tablet.page
    lin.tablet.open("/floor/stay")
    assert lin.tablet.text(".ward").count("空床") == 3, "beds alone, nothing imported"
    page.locator(".bedtile", has_text="2 床").tap()
    until(lambda: page.locator("[name=number]").count(), "the form")
    page.fill("[name=number]", str(NUMBER))
    page.fill("[name=name]", "欧阳若兰")
    lin.tap(".foot .act")
    until(lambda: "住院中" in lin.tablet.text(".who-head") or lin.view(STAY), "the stay's page")
    lin.tablet.open("/floor/stay")
    assert lin.tablet.text(".ward").count("空床") == 2
    page.screenshot(path=str(tmp_path / "beds.png"))
    record = lin.view(STAY)
    assert record is not None and record["bed"] == "place:bed-2", "the tile said which bed"

    lin.tablet.open("/floor/permit/new")
    page.fill("[name=minutes]", "20")
    lin.tap('label:has([name="why"][value="meal"])')
    before = set(lin._ids("permit"))
    lin.tap(".foot .act")
    permit = lin._new("permit", before)
    asked = lin.view(permit)
    assert asked is not None and asked["unit"] == UNIT, "her own unit stood there already"
    lin.comes_back()
    hospital.comes_to_have(STAY, ward=WARD, state="in_hospital")
    hospital.comes_to_have(permit, state="asked", head="person:chen")

    chen.syncs()
    chen.goes_offline()
    chen.tablet.open(f"/floor/permit/{key(permit)}")
    assert "同意" in chen.tablet.text(), "what is next for the head"
    assert chen.tablet.post(f"/floor/permit/{key(permit)}/allowed", {"answer": ""})["status"] < 400
    chen.comes_back()
    hospital.comes_to_have(permit, state="allowed", allowed_by="person:chen")
    assert "离岗" in at_a_desk("wu").opens(f"/office/records/permit/{key(permit)}")
