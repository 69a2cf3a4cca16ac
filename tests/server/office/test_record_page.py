"""A record's page in the office: its fields, its history, its deadlines, and the acts it offers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.datastructures import FormData

from server.acts.site import Site
from server.office.record import act_forms
from sync.display_format import text_hash
from tests.cast import WORDS, Cast
from tests.clock import DAY, Clock
from tests.server.office.test_tables import complains
from tests.server.office.window import Page, Window

Opening = Callable[..., Window]


@pytest.fixture
def record(cast: Cast) -> str:
    """A complaint that Lin took this morning."""
    return complains(cast, name="司徒青云", phone="13600007719", number="T-1125-000001")


@pytest.fixture
def address(record: str) -> str:
    """Where its page is."""
    return f"/office/complaints/{record.partition(':')[2]}"


def test_every_act_stands_there_with_who_and_on_which_tablet(
    clock: Clock, cast: Cast, wu: Window, record: str, address: str
) -> None:
    clock.passes(minutes=5)
    cast.chen.does("complaint.responded", record, response="马上去看")
    page = wu.opens(address)
    assert page.text.index("First response given") < page.text.index("Complaint taken")
    assert "马上去看" in page.text and "陈静" in page.text and "tablet 000C" in page.text


def test_an_act_that_waited_for_a_network_says_how_long(
    clock: Clock, cast: Cast, wu: Window, record: str, address: str
) -> None:
    cast.lin.says("complaint.responded", record, response="说过了")
    clock.passes(minutes=26)
    cast.lin.hands_in()
    assert "no network for 26 min, arrived 09:26" in wu.opens(address).text


def test_a_private_field_is_shown_by_an_act_that_is_kept(
    site: Site, wu: Window, record: str, address: str
) -> None:
    page = wu.opens(address)
    assert "13600007719" not in page.html and "136****7719" in page.text
    shown = wu.sends(f"{address}/reveal", field="phone")
    assert "13600007719" in shown.text and "司徒青云" not in shown.text
    stored = site.record(record)
    assert stored is not None and stored["acts"]["recent"][-1]["by"] == "person:wu"
    assert "Private details shown" in wu.opens(address).text
    assert "13600007719" not in wu.opens(address).html


def test_wu_settles_it_and_says_who_attended(
    site: Site, wu: Window, record: str, address: str
) -> None:
    form = wu.opens(f"{address}?do=settled")
    answer = wu.fills_in(form, "/do/settled", resolution="当面道歉", attended_by="吴建国")
    assert answer.address == address and answer.status == 200
    stored = site.record(record)
    assert stored is not None
    assert (stored["state"], stored["attended_by"]) == ("settled", "吴建国")


def test_a_form_that_is_not_filled_in_comes_back_with_all_that_was_typed(
    wu: Window, address: str
) -> None:
    form = wu.opens(f"{address}?do=settled")
    answer = wu.fills_in(form, "/do/settled", resolution="当面道歉")
    assert answer.status == 422
    assert "Fill this in." in answer.text and "当面道歉" in answer.html


def test_the_same_form_twice_is_one_act(site: Site, wu: Window, record: str, address: str) -> None:
    form = wu.opens(f"{address}?do=responded")
    for _ in range(2):
        assert wu.fills_in(form, "/do/responded", response="去看了").status == 200
    stored = site.record(record)
    assert stored is not None and stored["attempts"] == 1


def test_wu_passes_it_up_and_the_rung_moves(wu: Window, address: str) -> None:
    form = wu.opens(f"{address}?do=escalated")
    page = wu.fills_in(form, "/do/escalated", reason="病人不接受")
    assert "病人不接受" in page.text
    now = page.html.index('aria-current="step"')
    assert "propose a solution" in page.html[now : now + 300]


def test_a_note_about_a_kind_that_takes_none_is_not_found(wu: Window) -> None:
    """H1 found it: the server made a mistake."""
    form = {"words": "x", "act_id": "act:" + "0" * 26}
    assert wu.sends("/office/records/place/area-2/note", **form).status == 404


def test_a_note_changes_nothing_else(site: Site, wu: Window, record: str, address: str) -> None:
    before = site.record(record)
    page = wu.fills_in(wu.opens(address), "/note", words="给家属回了电话")
    assert "给家属回了电话" in page.text
    after = site.record(record)
    assert before is not None and after is not None
    assert {key for key in after if after[key] != before.get(key)} <= {
        "acts", "notes", "setters", "_rev",
    }  # fmt: skip


def test_a_correction_keeps_the_old_value_in_the_history(
    site: Site, wu: Window, record: str, address: str
) -> None:
    form = wu.opens(f"{address}?edit=severity")
    page = wu.fills_in(form, "/edit", severity="major")
    assert "Corrected: Severity" in page.text and "General → Major" in page.text
    stored = site.record(record)
    assert stored is not None and stored["severity"] == "major"


def test_two_people_who_correct_the_same_field_are_told(
    clock: Clock, cast: Cast, wu: Window, record: str, address: str
) -> None:
    form = wu.opens(f"{address}?edit=department")
    clock.passes(seconds=10)
    edit = {"field": "department", "old": None, "new": "骨科"}
    cast.wu.person = "person:other"
    cast.wu.site.record_act("person.added", "person:other", {
        "name": "李四", "posts": ["cs_agent"], "places": ["place:site"],
    }, by="system:site", at=clock() - 5_000)  # fmt: skip
    assert cast.wu.does("complaint.edited", record, **edit).good
    answer = wu.fills_in(form, "/edit", department="内科")
    assert answer.status == 422
    assert "李四 changed this meanwhile to: 骨科" in answer.text and "内科" in answer.html


def test_wu_takes_her_own_act_back(site: Site, wu: Window, record: str, address: str) -> None:
    wu.fills_in(wu.opens(f"{address}?do=escalated"), "/do/escalated", reason="弄错了")
    page = wu.opens(address)
    undone = page.form("/undo").fields
    act = next(
        entry["id"]
        for entry in (site.record(record) or {})["acts"]["recent"]
        if entry["act"] == "complaint.escalated"
    )
    assert wu.sends(f"{address}/undo", **{**undone, "undoes": act}).status == 200
    stored = site.record(record)
    assert stored is not None and stored["level"] == 1
    assert "Taken back" in wu.opens(address).text


def test_the_strip_of_days_says_why_the_deadline_is_that_day(wu: Window, address: str) -> None:
    page = wu.opens(address)
    # General: three working days from Wednesday on, so Monday at closing.
    assert "3 working days from today 09:00 on." in page.text or (
        "24 hours from today 09:00 on." in page.text
    )


def test_after_the_answer_the_solution_is_counted_down(
    cast: Cast, wu: Window, record: str, address: str
) -> None:
    cast.wu.does("complaint.responded", record, response="知道了")
    page = wu.opens(address)
    assert "3 working days from today 09:00 on." in page.text
    assert "Mon, 30 November 18:00" in page.text
    assert page.html.count('class="off"') >= 3  # the first day, Saturday and Sunday


def test_a_record_that_is_not_hers_answers_like_one_that_does_not_exist(
    site: Site, cast: Cast, window: Opening, address: str
) -> None:
    said = {"posts": ["deputy_director"], "places": ["place:lobby-2"]}
    site.record_act("person.changed", "person:chen", said, by="system:site")
    chen = window("chen")
    hidden = chen.opens(address)
    missing = chen.opens("/office/complaints/01M82SDV2CQ02A3T06F345F1ZM")
    assert hidden.status == missing.status == 404
    assert hidden.html == missing.html
    assert chen.sends(f"{address}/note", words="x", act_id="act:" + "0" * 26).status == 404


def test_the_signature_is_drawn_and_checked_against_the_text(cast: Cast, wu: Window) -> None:
    record = cast.lin.new("complaint")
    signature = {"strokes": [[1, 2, 130, 40]], "of": text_hash(WORDS)}
    cast.lin.does(
        "complaint.taken", record, place="place:lobby-1", words=WORDS, readback=WORDS,
        signature=signature, text=WORDS,
    )  # fmt: skip
    page = wu.opens(f"/office/complaints/{record.partition(':')[2]}")
    assert 'd="M1 2L130 40"' in page.html and "exactly the text read back" in page.text


def paper(wu: Window, address: str, name: str) -> Page:
    """Return one of the two documents."""
    return wu.opens(f"{address}/{name}")


def test_the_clients_slip_has_nothing_internal_on_it(
    cast: Cast, wu: Window, record: str, address: str
) -> None:
    cast.wu.does("complaint.escalated", record, reason="内部意见不外传")
    slip = paper(wu, address, "slip")
    assert "T-1125-000001" in slip.text and WORDS in slip.text
    for internal in ("内部意见不外传", "rung", "Severity", "吴建国", "司徒"):
        assert internal not in slip.text
    assert 'class="paper slip80"' in slip.html


def test_the_handling_form_is_marked_as_internal(
    cast: Cast, wu: Window, record: str, address: str
) -> None:
    cast.wu.does("complaint.escalated", record, reason="内部意见不外传")
    form = paper(wu, address, "form")
    assert form.text.index("Internal. Not for the client") < form.text.index("内部意见不外传")
    assert "13600007719" not in form.html


def test_a_clock_that_is_years_ahead_is_told_with_its_year(
    clock: Clock, cast: Cast, wu: Window, record: str, address: str
) -> None:
    wrong = clock() + 5 * 365 * DAY
    cast.lin.does("complaint.responded", record, at=wrong, response="说过了")
    assert "the tablet's clock said 2031-11-24 09:00" in wu.opens(address).text


def test_whoever_is_told_sees_no_name_before_asking_for_it(
    site: Site, cast: Cast, wu: Window, record: str
) -> None:
    notice = "notice:" + "0" * 26
    said = {"to": "person:wu", "about": record, "what": "complaint_response", "name": "司徒青云"}
    site.record_act("notice.told", notice, said, by="system:clock")
    page = wu.opens(f"/office/records/notice/{'0' * 26}")
    assert page.status == 200 and "司徒青云" not in page.html
    assert wu.sends(f"/office/records/notice/{'0' * 26}/reveal", field="name").status == 404
    assert page.links["吴建国"] == "/office/people/wu"
    assert wu.opens("/office/people/wu").status == 200


@pytest.mark.parametrize("kind", ["person/wu", "setting/waiting.water_after"])
def test_who_has_a_page_of_its_own_has_no_other(wu: Window, kind: str) -> None:
    assert wu.opens(f"/office/records/{kind}").status == 404


@pytest.mark.parametrize(
    ("typed", "kept", "problem"),
    [
        ("1,280", 1280, ""),
        ("\uff15\uff10\uff10", 500, ""),
        ("500.00", 500, ""),
        ("128.50", None, "not_whole"),
        ("many", None, "not_a_number"),
        ("-5", -5, ""),
    ],
)
def test_the_office_takes_an_amount_as_people_write_it(
    typed: str, kept: int | None, problem: str
) -> None:
    """Found, 1: the office took full width, the tablet did not; neither took `1,280`."""
    field = {"name": "amount", "kind": "number"}
    assert act_forms.parse(field, FormData([("amount", typed)])) == (kept, problem)


def test_a_link_to_what_was_merged_leads_to_what_it_is_now(
    cast: Cast, wu: Window, address: str
) -> None:
    first, second = (cast.lin.new("arrival") for _ in range(2))
    for visit in (first, second):
        assert cast.lin.does("arrival.registered", visit, place="place:lobby-1", name="张三").good
    case = complains(cast, subject=first)
    assert cast.wu.does("arrival.merged", first, into=second).good
    page = wu.opens(f"/office/complaints/{case.partition(':')[2]}")
    assert second.partition(":")[2] in page.html and first.partition(":")[2] not in page.html
    merged = wu.opens(f"/office/records/arrival/{first.partition(':')[2]}")
    assert "merged with another" in merged.text and "Merged with another entry" in merged.text
    cast.wu.does("arrival.merged", second, into=first)
    assert wu.opens(f"/office/complaints/{case.partition(':')[2]}").status == 200
