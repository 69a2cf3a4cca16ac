"""Every declared kind is exported and printed with no line for it, and shows nobody what is hidden.

What peers were told by those who used their exports is tried here: formulas, zeros that Excel ate,
texts longer than a cell, tables longer than a sheet, and private details in a file.
"""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any
from urllib.parse import urlencode

import pytest

import sync
from server.acts.site import Site
from server.http import confirmations
from server.office.reports import sheet_files
from server.office.tables import row_pages
from tests.cast import Cast
from tests.server.office.test_any_table import OWNER, PHONE, Opening, _declared, finds
from tests.server.office.window import OURS, PASSWORD, Window

__all__ = ["_declared"]


def takes(window: Window, query: str = "", kind: str = "lost", **said: str) -> bytes:
    """Export a table; return the file."""
    form = {"query": query, "format": "csv", "table": f"/office/records/{kind}", **said}
    answer = window.client.post(f"/office/export/{kind}", data=form, headers=OURS)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def lines_of(file: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet reads it."""
    return [*csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))]


def sheet_of(file: bytes) -> str:
    """Return the XML of the first sheet of an XLSX."""
    return zipfile.ZipFile(io.BytesIO(file)).read("xl/worksheets/sheet1.xml").decode()


# ---------------------------------------------------------------------------------------- exports


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_export_is_what_the_view_shows_masked_and_logged(
    site: Site, cast: Cast, wu: Window
) -> None:
    finds(cast)
    cast.lin.does("lost.returned", finds(cast, "红色围巾"))
    file = takes(wu, "columns=item%2Cname%2Cphone%2C%3Astate%2C%3Asince&q=雨伞")
    assert file.startswith(b"\xef\xbb\xbf"), "by this Excel reads UTF-8"
    (row,) = lines_of(file)
    assert row["物品"] == "蓝色雨伞" and row["失主"] == "欧阳**" and "State" in row
    assert row["Opened"].startswith("2026-11-25 "), "the hospital's time, with its year"
    assert OWNER not in file.decode() and PHONE not in file.decode()
    events = wu.opens("/office/security?kind=exported")
    assert "table:lost" in events.text and "searched" in events.text
    assert "雨伞" not in events.html, "what was searched for may be a patient"
    assert lines_of(takes(wu, "place=%00&state=%ED%A0%80"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_private_details_leave_with_a_look_that_each_record_remembers(
    site: Site, cast: Cast, wu: Window
) -> None:
    record = finds(cast)
    (row,) = lines_of(takes(wu, "columns=item", reveal="yes"))
    assert row["失主"] == OWNER and row["失主电话"] == f"'{PHONE}", "the zero stays in Excel"
    found = site.record(record) or {}
    assert found["reveals"] == 1 and found["acts"]["recent"][-1]["by"] == "person:wu"
    (masked,) = lines_of(takes(wu, "columns=item%2Cname"))
    assert masked["失主"] == "欧阳**"
    assert (site.record(record) or {})["reveals"] == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_private_details_ask_for_the_password_again(
    cast: Cast, wu: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(cast)
    monkeypatch.setattr(confirmations, "is_fresh", lambda *_asked: False)
    assert lines_of(takes(wu)), "what is masked needs none"
    asked = wu.sends("/office/export/lost", format="csv", reveal="yes")
    assert asked.status == 422 and OWNER not in asked.html
    wrong = wu.fills_in(asked, "/office/export/lost", format="csv", confirm="nonsense")
    assert wrong.status == 422 and OWNER not in wrong.html
    right = wu.fills_in(wrong, "/office/export/lost", format="csv", confirm=PASSWORD)
    assert right.status == 200 and OWNER in right.html


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_xlsx_has_texts_as_texts_and_moments_as_moments(cast: Cast, wu: Window) -> None:
    finds(cast, "=1+1")
    file = takes(wu, "columns=item%2Cphone%2C%3Asince", format="xlsx", reveal="yes")
    sheet = sheet_of(file)
    assert "=1+1" in sheet and "<f>" not in sheet, "no formula"
    assert PHONE in sheet, "the zero stays"
    assert "<v>46351.375" in sheet, "2026-11-25 09:00 at the hospital"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" \u3000=1", "' \u3000=1"),
        ("\uff1d1", "'\uff1d1"),
        ("013900001111", "'013900001111"),
        ("310101199001011234", "'310101199001011234"),
        ("13900001111", "13900001111"),
        ("T-1125-000001", "T-1125-000001"),
        ("5 - 6", "5 - 6"),
    ],
)
def test_a_cell_is_no_formula_and_no_other_number(text: str, written: str) -> None:
    assert sheet_files.harmless(text) == written


def test_commas_quotes_lines_and_long_texts_come_back_as_they_were() -> None:
    odd = 'a,"b"\r\n;c\nd'
    parts = b"".join(sheet_files.csv_parts([["x"], [odd], ["y" * 40_000]]))
    assert [row["x"] for row in lines_of(parts)] == [odd, "y" * 40_000]
    long = "笑" * 32_760 + "😀" * 40
    file = b"".join(sheet_files.xlsx_parts(iter([["x"], [long], ["\x00\x0b"]]), "a/b:c*"))
    cell = sheet_of(file).partition("<t>")[2].rpartition("笑")[0]
    assert cell.count("笑") >= 32_000
    assert sheet_files._fitting("😀" * 20_000).endswith("😀…")
    assert len(sheet_files._fitting("笑" * 40_000).encode("utf-16-le")) // 2 == 32_767
    assert sheet_files._fitting("笑" * 32_767) == "笑" * 32_767


def test_more_rows_than_a_sheet_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_files, "MOST_ROWS", 3)
    file = b"".join(sheet_files.xlsx_parts(([str(n)] for n in range(6)), "表"))
    book = zipfile.ZipFile(io.BytesIO(file))
    sheets = [name for name in book.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 3


def test_rows_are_handed_out_as_they_are_read(
    site: Site, cast: Cast, wu: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No cap, and never more than a chunk in memory; what is lost on the way is not handed out."""
    monkeypatch.setattr(row_pages, "CHUNK", 5)
    monkeypatch.setattr(row_pages, "MOST_SORTED", 4)
    for n in range(23):
        finds(cast, f"雨伞{n:02}")
    rows = lines_of(takes(wu, "view=all"))
    assert sorted(row["物品"] for row in rows) == [f"雨伞{n:02}" for n in range(23)]
    assert len(lines_of(takes(wu, ""))) == 23, "too many to be ordered by their clocks"


# ------------------------------------------------------------------------------------------ paper


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_its_form_says_everything_in_words_and_masks_what_is_private(
    cast: Cast, wu: Window
) -> None:
    record = finds(cast)
    cast.lin.does("lost.returned", record, reason="本人来取")
    address = f"/office/lost/{record.partition(':')[2]}/form"
    paper = wu.opens(address)
    for said in ("失物", "蓝色雨伞", "欧阳**", "已归还", "捡到", "归还失主", "本人来取", "医院"):
        assert said in paper.text, said
    assert PHONE not in paper.html and OWNER not in paper.html
    assert 'class="paper a4"' in paper.html and "data:image/svg+xml" in paper.html
    whole = wu.fills_in(paper, "/form")
    assert whole.status == 200 and OWNER in whole.text and PHONE in whole.text
    assert "看过隐私" in wu.opens(address).text
    events = wu.opens("/office/security?kind=exported")
    assert events.text.count(record) == 3


# ------------------------------------------------------------------------------- every kind alike


def seeded(site: Site, cast: Cast, kind: str) -> None:
    """Make a record of a kind, with private values where it has some."""
    fields = {field["name"]: field for field in sync.declarations()["records"][kind]["fields"]}
    for act in sync.declarations()["records"][kind]["acts"]:
        if not act["creates"]:
            continue
        data: dict[str, Any] = {}
        for name in act["asks"]:
            field = fields[name]
            if field["kind"] == "text" and field["private"]:
                data[name] = OWNER
            elif field["kind"] == "phone":
                data[name] = PHONE
            elif name in act["needs"]:
                data[name] = _needed(field)
        if "place" in fields and "place" in act["asks"]:
            data["place"] = "place:lobby-1"
        verdict = site.record_act(
            f"{kind}.{act['name']}", f"{kind}:{'0' * 26}", data, by="system:site"
        )
        if verdict.good:
            return


def _needed(field: dict[str, Any]) -> Any:
    by_kind: dict[str, Any] = {
        "choice": (field["choices"] or [["x"]])[0][0],
        "link": "person:wu",
        "people": ["person:wu"],
        "number": 1,
        "days": [20_000],
        "moment": 1_795_000_000_000,
    }
    return by_kind.get(field["kind"], "x")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_person_may_not_see_leaves_on_no_way_whatever_the_kind(
    site: Site, cast: Cast, wu: Window, window: Opening
) -> None:
    """PR-03: table, export, several rows and paper ask the same as the record's own page."""
    declared, tried = sync.declarations()["records"], 0
    for kind, record in declared.items():
        seeded(site, cast, kind)
        for who, reader in (("wu", wu), ("chen", window("chen"))):
            table = reader.opens(f"/office/records/{kind}?view=all")
            if record["pages_for"]:
                assert table.status == 404
                assert reader.sends(f"/office/export/{kind}", format="csv").status == 404
                continue
            tried += 1
            page = reader.opens(f"/office/records/{kind}/{'0' * 26}")
            file = takes(reader, "view=all", kind).decode()
            paper = reader.opens(f"/office/records/{kind}/{'0' * 26}/form")
            sees = page.status == 200
            assert (f'id="{kind}:{"0" * 26}"' in table.html) == sees, (kind, who)
            assert paper.status == page.status, (kind, who)
            assert (len(lines_of(file.encode())) > 0) == sees or kind in ("place", "notice")
            for shown in (table.html, file, paper.html, page.html):
                assert OWNER not in shown and PHONE not in shown, (kind, who)
    assert tried >= 2 * 9


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_complaint_never_reaches_whom_it_is_about_by_table_export_or_paper(
    cast: Cast, wu: Window
) -> None:
    """PR-03, C-05: hidden is hidden, for rows that are chosen by hand too."""
    record = cast.chen.new("complaint")
    said = {"place": "place:lobby-1", "words": "关于吴建国的话", "about": ["person:wu"]}
    assert cast.chen.does("complaint.taken", record, **said).good
    assert "关于吴建国的话" not in wu.opens("/office/records/complaint?view=all").html
    assert "关于吴建国的话" not in takes(wu, "view=all", "complaint").decode()
    rest = record.partition(":")[2]
    assert wu.opens(f"/office/complaints/{rest}/form").status == 404
    asked = urlencode({"do": "responded", "row": record})
    several = wu.opens(f"/office/several/complaint?{asked}")
    assert "关于吴建国的话" not in several.html
    assert "It is not there for you any more." in several.text
