"""Whoever is searched is found by every reading a person may type (found.md §1, §3.32)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sync.search_words import Readings, asked_words, readings_in, search_words, sorting_key

BUDGET = 18 * 1024  # bytes of the table, as gzip packs it


@pytest.fixture(scope="module")
def readings(generated: Path) -> Readings:
    """The build's table."""
    return readings_in((generated / "pinyin.txt").read_text("utf-8"))


def finds(readings: Readings, question: str, *texts: str) -> bool:
    words = search_words(readings, texts)
    return all(any(word in one for one in words) for word in asked_words(question))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("曾国强", "zengguoqiang cengguoqiang zgq cgq guoqiang ZGQ"),
        ("单雄信", "shanxiongxin danxiongxin sxx dxx"),
        ("仇英", "qiuying chouying qy cy"),
        ("覃辉", "qinhui tanhui qh th"),
        ("解缙", "xiejin jiejin xj jj"),
        ("查良镛", "zhaliangyong chaliangyong zly cly"),
        ("区楚良", "ouchuliang quchuliang ocl qcl"),
        ("朴贞爱", "piaozhenai puzhenai pza"),
        ("乐毅", "yueyi leyi yy ly"),
        ("尉迟恭", "yuchigong weichigong ycg wcg"),
        ("万俟卨", "moqi wanqi mqx"),
        ("阿卜杜热西提·麦麦提", "abudurexiti abodurexiti maimaiti abdrxtmmt"),
        ("吕绿", "lvlv lulu lyulyu lülü ll"),
        ("欧阳㛃珺", "ouyangjiejun oyjj oyj"),
        ("谭㮾", "tan t"),
        ("曹璟", "caojing cj"),
        ("郝\u200b丽华", "郝丽华 haolihua"),
        ("曾　琦", "曾琦 曾　琦 zengqi"),
        ("138 0013 8004", "13800138004 +8613800138004 8613800138004 0013"),
        ("+86 138-0013-8004", "13800138004"),
        ("１３８００１３８０００", "13800138000"),
        ("T-1130-470242", "T-1130-470242 470242 1130－47"),
    ],
)
def test_everything_a_person_may_type_finds_the_name(
    readings: Readings, name: str, typed: str
) -> None:
    assert [one for one in typed.split(" ") if not finds(readings, one, name)] == []


def test_words_with_blanks_between_are_all_wanted(readings: Readings) -> None:
    assert finds(readings, "内科 王", "王小明", "内科")
    assert not finds(readings, "内科 李", "王小明", "内科")
    assert finds(readings, "+86 138 0013 8004", "13800138004")
    assert asked_words("+86") == asked_words(" \u200b-") == []


def test_names_are_ordered_by_the_surnames_own_reading(readings: Readings) -> None:
    names = ["曾国强", "尉迟恭", "万俟卨", "伊力", "单雄信", "公孙", "农", "冯", "唐", "Smith"]
    ordered = sorted(names, key=lambda name: sorting_key(readings, name))
    assert ordered == [
        *("冯", "公孙", "万俟卨", "农", "单雄信", "Smith", "唐", "伊力", "尉迟恭", "曾国强"),
    ]


def test_the_table_fits_into_its_budget_and_knows_what_it_should(
    generated: Path, readings: Readings
) -> None:
    packed = gzip.compress((generated / "pinyin.txt").read_bytes(), 9)
    assert len(packed) <= BUDGET
    common = [bytes((row, cell)) for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    assert all(pair.decode("gb2312") in readings.of for pair in common)
    assert len(readings.of) >= 7_098
    assert sum(len(spelt) > 1 for spelt in readings.of.values()) >= 438


def test_a_sentence_is_spelt_one_way(readings: Readings) -> None:
    assert len(search_words(readings, ["单" * 13])) == 3
    assert len(search_words(readings, ["单" * 12])) <= 1 + 2 * 16
