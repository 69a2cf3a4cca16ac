"""Search of records: in what everybody reads, in names, and in private numbers as a whole.

A number that is private may not be found out digit by digit: of a phone number counts the whole, a
part of it that is long enough (`search.digits_at_least`), or the end that its mask shows anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.base import pinyin
from server.office.page_parts.office_request import Desk, Record
from sync.display_format import mask_phone
from sync.search_words import asked_words
from sync.text_folding import folded

BETWEEN_DIGITS = re.compile(r"[\s+()-]+")


def finds(desk: Desk, record: Record, text: str, names: Iterable[str] | None = None) -> bool:
    """Say whether a record matches a search: each word in its texts, pinyin or numbers.

    `names` are the fields to look into besides those that are declared for it; None means all.
    """
    declared = desk.declarations["records"][record["type"]]
    fields = {field["name"]: field for field in declared["fields"]}
    looked = fields if names is None else {*declared["finds"], *names} & fields.keys()
    given = [(fields[name], record[name]) for name in sorted(looked) if record.get(name)]
    whole = pinyin.found_by(
        (
            part
            for field, value in given
            if not field["private"]
            or (field["kind"] == "text" and field["name"] in declared["finds"])
            for part in _texts(value)
        ),
        [record[name] for name in declared["full_text"] if record.get(name)],
    )
    numbers = [str(value) for field, value in given if field["private"] and _is_number(field)]
    least = int(desk.settings["search.digits_at_least"]["value"] or 0)
    return all(
        word in whole or any(_has_number(number, word, least) for number in numbers)
        for word in words(text)
    )


def words(text: str) -> list[str]:
    """Return the words of a search; a number that is typed in groups is one word."""
    close = BETWEEN_DIGITS.sub("", folded(text))
    return asked_words(close if close.isdecimal() else text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif not isinstance(value, dict):
        yield str(value)


def _is_number(field: dict[str, Any]) -> bool:
    return bool(field["kind"] == "phone")


def _has_number(number: str, word: str, least: int) -> bool:
    digits = "".join(asked_words(BETWEEN_DIGITS.sub("", folded(number))))
    asked = BETWEEN_DIGITS.sub("", word)
    if not asked.isdecimal():
        return False
    shown = mask_phone(number).rpartition("*")[2]
    return asked in (digits, shown) or (len(asked) >= least and asked in digits)
