"""Tables as files that a spreadsheet opens as they are meant: CSV and XLSX, in bounded memory.

A cell is never a formula. A number with a leading zero, or a long one, stays the text that it is: a
spreadsheet would eat a zero, and round what has more digits than it can count with.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from server.acts.security_log import SUMS
from sync.display_format import MINUTE, OFFSET, clock, date

Cell = str | int | tuple[str, int]  # a text, a number, or ("moment", ms)

BLANKS = " \u3000\xa0\ufeff\n"  # what a spreadsheet may overlook before a formula
EATEN = re.compile(r"[+-]?0\d+|\d{12,}")
FULL_WIDTH = tuple(chr(ord(one) + 0xFEE0) for one in "=+-@")  # which some read as the plain ones
MOST_ROWS = 1_048_576  # of a sheet in XLSX
MOST_LETTERS = 32_767  # of a cell, in UTF-16 as spreadsheets count
CUT = "\u2026"
UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML
SLICE = 256 << 10  # bytes of a file that are sent at once
EPOCH = datetime(1970, 1, 1)
MAY_BE_DATES = (datetime(1900, 3, 1), datetime(9999, 12, 31))  # that XLSX knows


def csv_parts(rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """Yield a CSV in UTF-8, with the mark by which a spreadsheet knows it."""
    text = io.StringIO()
    lines = csv.writer(text)
    text.write("\ufeff")
    for row in rows:
        lines.writerow([_written(cell) for cell in row])
        if text.tell() > SLICE:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _written(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return f"{date(cell[1])} {clock(cell[1])}"
    return str(cell) if isinstance(cell, int) else harmless(cell)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, nor for another number."""
    if text.lstrip(BLANKS).startswith((*SUMS, *FULL_WIDTH)) or EATEN.fullmatch(text):
        return f"'{text}"
    return text


def xlsx_parts(rows: Iterable[list[Cell]], name: str) -> Iterator[bytes]:
    """Yield an XLSX; rows beyond a sheet go on in the next one, below the same headings.

    They are written to a folder that goes with the file: whoever hangs up leaves nothing.
    """
    with tempfile.TemporaryDirectory(prefix="floorwalk-export-") as folder:
        path = Path(folder) / "table.xlsx"
        _write(path, folder, rows, name)
        with path.open("rb") as file:
            while part := file.read(SLICE):
                yield part


def _write(path: Path, folder: str, rows: Iterable[list[Cell]], name: str) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        every = iter(rows)
        head = next(every, [])
        sheet, at = None, MOST_ROWS
        for row in every:
            if at >= MOST_ROWS:
                sheet, at = _sheet(book, head, styles["head"], name), 1
            assert sheet is not None
            for column, cell in enumerate(row):
                _put(sheet, at, column, cell, styles)
            at += 1
        if sheet is None:
            _sheet(book, head, styles["head"], name)


def _sheet(book: Any, head: list[Cell], style: Any, name: str) -> Any:
    number = len(book.worksheets()) + 1
    plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:25] or "table"
    sheet = book.add_worksheet(plain if number == 1 else f"{plain} {number}")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(head) - 1), 18)
    for column, cell in enumerate(head):
        sheet.write_string(0, column, _fitting(str(cell)), style)
    return sheet


def _put(sheet: Any, row: int, column: int, cell: Cell, styles: dict[str, Any]) -> None:
    if isinstance(cell, tuple):
        moment = EPOCH + timedelta(milliseconds=cell[1] + OFFSET * MINUTE)
        if MAY_BE_DATES[0] <= moment <= MAY_BE_DATES[1]:
            sheet.write_datetime(row, column, moment, styles["moment"])
    elif isinstance(cell, int) and abs(cell) < 10**15:
        sheet.write_number(row, column, cell)
    elif cell != "":
        sheet.write_string(row, column, _fitting(str(cell)), styles["text"])


def _fitting(text: str) -> str:
    """Return a text as a cell can hold it; what is cut off is marked."""
    text = UNKEPT.sub("", text.encode("utf-8", "replace").decode())
    if len(text.encode("utf-16-le")) // 2 <= MOST_LETTERS:
        return text
    room = (MOST_LETTERS - 1) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT
