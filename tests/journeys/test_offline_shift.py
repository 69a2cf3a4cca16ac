"""A shift without a network, from a cold start: everything works, and everything arrives once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide
from tests.tablet import until

pytestmark = pytest.mark.browser

GiveTablet = Callable[[str], Guide]
Seat = Callable[[str], Desk]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of an invoice, larger than it needs to be."""
    path = tmp_path / "invoice.jpg"
    Image.radial_gradient("L").resize((2000, 1500)).convert("RGB").save(path, quality=92)
    return path


def test_lin_works_a_shift_while_the_server_is_dead_and_all_of_it_arrives_once(
    hospital: Hospital, holds_a_tablet: GiveTablet, at_a_desk: Seat, photo: Path
) -> None:
    lin = holds_a_tablet("lin")
    lin.goes_offline()
    hospital.kill()
    lin.tablet.close()
    lin.tablet.start()

    lin.tablet.open("/floor/lobby")
    lin.taps = 0
    visit = lin.greets()
    assert lin.taps <= 3

    wait = lin.seats("王小明")
    lin.gives_water(wait)
    lin.enquires(wait)
    complaint, number = lin.takes_a_complaint("坐了一个小时没有人来", photo=photo)
    assert lin.view(complaint)["number"] == number  # type: ignore[index]
    assert "没有网" in lin.tablet.text("#truth")
    kept = lin.tablet.unsent()
    assert len(kept) >= 7

    hospital.start()
    lin.comes_back()
    assert lin.tablet.unsent() == []
    assert set(lin.fates().values()) == {"sent"}
    assert "已全部上传" in lin.looks_at("/floor/sync")

    arrived = [act for record in (visit, wait, complaint) for act in hospital.acts(record)]
    assert Counter(act["_id"] for act in arrived if act["by"] == "person:lin") == Counter(kept)
    waiting = hospital.record(wait)
    assert waiting is not None and waiting["unsettled"] == []
    assert {"water_at", "asked_at", "told_at", "explained_at"} <= set(waiting)
    taken = hospital.record(complaint)
    assert taken is not None and taken["number"] == number
    assert lin.looks_at(f"/floor/complaint/{complaint.partition(':')[2]}/receipt").count(number)

    [sha] = taken["photos"]
    wu = at_a_desk("wu")
    assert number in wu.opens(f"/office/complaints/{complaint.partition(':')[2]}")
    picture = wu.page.locator(f'img[src$="/_blob/{sha}"]').first
    until(lambda: picture.evaluate("image => image.naturalWidth") > 0, "the photo in the office")
    shown = wu.page.request.get(picture.get_attribute("src") or "")
    assert hashlib.sha256(shown.body()).hexdigest() == sha
