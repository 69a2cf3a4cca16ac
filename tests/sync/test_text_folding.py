"""Text is checked and compared as it is meant, not as it was typed (found.md §1)."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import sync
from sync.check_act import check
from sync.text_folding import folded, is_blank, visible, whole_number

EVERY_LETTER = [chr(code) for code in range(sys.maxunicode + 1)]


def problems(act: str, **data: Any) -> dict[str, str]:
    """Return what is wrong with an act of Lin's."""
    kind = act.partition(".")[0]
    envelope = {"_id": "act:" + "7".rjust(26, "0"), "act": act, "record": f"{kind}:A", "v": 1}
    who = {"by": "person:lin", "device": "device:1", "site": "demo", "at": 1_795_568_400_000}
    return check(sync.declarations(), {**envelope, **who, "seen": None, "data": data})


@pytest.mark.parametrize(
    "phone",
    [
        "１３８００１３８０００",
        "\u202d13800138000\u202c",
        "138 0013 8004",
        "+86 138-0013-8004",
        "13\u200b8００",
    ],
)
def test_a_phone_is_read_as_it_is_meant(phone: str) -> None:
    assert problems("arrival.registered", place="place:a", phone=phone) == {}


@pytest.mark.parametrize(
    "phone", ["1380013a", "\u202d\u202c", "12\u200b", "1" + "\u200b" * 60 + "23", "一二三"]
)
def test_what_is_no_phone_is_none_however_it_is_typed(phone: str) -> None:
    given = problems("arrival.registered", place="place:a", phone=phone)
    assert given == {"phone": "not_a_phone"}


@pytest.mark.parametrize(
    "words", [" ", "\u3000", "\u200b", "\u202d\u202c", "\ufeff \u2060", "\n\t"]
)
def test_words_of_blanks_and_invisible_letters_are_empty(words: str) -> None:
    said = problems("complaint.taken", place="place:a", severity="general", words=words)
    assert said == {"words": "required"}


def test_a_folded_text_is_folded_and_what_is_blank_is_empty() -> None:
    for letter in EVERY_LETTER:
        assert is_blank(letter) == (folded(letter) == ""), f"U+{ord(letter):04X}"
        once = folded(letter)
        assert folded(once) == once, f"U+{ord(letter):04X}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("郝\u200b丽华", "郝丽华"),
        ("曾　琦", "曾琦"),
        ("古丽米热•阿不都克里木", "古丽米热·阿不都克里木"),
        ("古丽米热 ・ 阿不都克里木", "古丽米热．阿不都克里木"),
        ("ＷＵ", "wu"),
        ("\u202d13800138000\u202c", "１３８００１３８０００"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("e\u0301", "É"),
        ("a  b\n", "A B"),
    ],
)
def test_what_looks_alike_is_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("曾琦", "曾崎"), ("a b", "ab"), ("3.5", "35"), ("王·明", "王明")]
)
def test_what_is_another_stays_another(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_what_was_typed_is_not_touched_but_for_what_nobody_sees() -> None:
    assert visible("\u202dＷu　１·\u200b") == "Ｗu　１·"


@pytest.mark.parametrize(
    ("typed", "number"),
    [("５００", 500), (" 5\u200b00 ", 500), ("－５", -5), ("500元", None), ("٣", None), ("", None)],
)
def test_a_number_is_read_as_it_is_meant(typed: str, number: int | None) -> None:
    assert whole_number(typed) == number
