"""Two tablets contradict each other about one record; Wu decides, both see the result."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lin(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Lin, in the lobby."""
    return holds_a_tablet("lin")


@pytest.fixture(scope="module")
def chen(holds_a_tablet: Callable[[str], Guide]) -> Guide:
    """Chen, her supervisor, with a tablet too."""
    return holds_a_tablet("chen")


@pytest.fixture(scope="module")
def wu(at_a_desk: Callable[[str], Desk]) -> Desk:
    """Wu, in the office."""
    return at_a_desk("wu")


def test_lin_says_a_patient_went_in_and_chen_says_he_left(
    hospital: Hospital, lin: Guide, chen: Guide, wu: Desk
) -> None:
    wait = lin.seats("王小明")
    lin.syncs()
    chen.syncs()
    lin.goes_offline()
    chen.goes_offline()
    lin.ends(wait, "seen")
    chen.ends(wait, "left")
    lin.comes_back()
    chen.comes_back()

    record = hospital.comes_to_have(wait, outcome="seen")
    [question] = record["unsettled"]
    assert (question["by"], question["data"]["outcome"]) == ("person:chen", "left")
    assert "待核对" in chen.looks_at("/floor/sync")
    chen.sees("离开了", f"/floor/sync/{key(question['act'])}")

    listed = wu.opens(f"/office/reconcile?about={question['act']}")
    assert "林小美" in listed and "陈静" in listed
    wu.decides(question["act"], "accept", "两人都问过，是走了")
    hospital.comes_to_have(wait, outcome="left", unsettled=[])
    for guide in (lin, chen):
        guide.syncs()
        assert guide.view(wait) == hospital.record(wait)
        guide.sees("离开了", f"/floor/waiting/{key(wait)}")
        assert "办公室已核对" in guide.tablet.text()
    assert "待核对" not in chen.looks_at("/floor/sync")


def test_lin_and_chen_answer_one_complaint_each_in_their_own_words(
    hospital: Hospital, lin: Guide, chen: Guide, wu: Desk
) -> None:
    complaint, _number = lin.takes_a_complaint("问了三个人都说不知道", signed=False)
    lin.syncs()
    chen.syncs()
    lin.goes_offline()
    chen.goes_offline()
    lin.answers(complaint, "已经道歉，带去了三诊室")
    chen.answers(complaint, "已经道歉，换了医生")
    chen.comes_back()
    lin.comes_back()

    record = hospital.comes_to_have(complaint, "response", "unsettled")
    [question] = until(lambda: (hospital.record(complaint) or {})["unsettled"], "the question")
    first = hospital.acts(complaint, "complaint.responded")[0]
    assert question["reason"] == "changed_meanwhile"
    assert record["attempts"] == 1 and record["responded_at"] == first["at"]

    wu.decides(question["act"], "keep", "先答的算")
    hospital.comes_to_have(complaint, unsettled=[], response=first["data"]["response"])
    for guide in (lin, chen):
        guide.syncs()
        assert guide.view(complaint) == hospital.record(complaint)
        guide.sees(first["data"]["response"], f"/floor/complaint/{key(complaint)}")
    assert len(hospital.acts(complaint, "complaint.decided")) == 1
