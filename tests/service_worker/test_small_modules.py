"""Unit tests of the tablet's small pure modules, run in Node."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sync.act import ulid
from tests.service_worker.node import Node
from tests.sources import ROOT

ID_ENDS = "\x01"
BARE = re.compile("[0-9a-z ]*")


def segment(*lines: tuple[str, str]) -> str:
    """Return a segment as it is kept."""
    return "".join(f"\n{identifier}{ID_ENDS}{text}" for identifier, text in lines)


def _of_sort(text: str, *, spelt: bool) -> str:
    lines = [line.split(ID_ENDS) for line in text.split("\n")[1:]]
    words = [
        (identifier, [one for one in said.split("\x02") if bool(BARE.fullmatch(one)) is spelt])
        for identifier, said in lines
    ]
    return segment(*((identifier, "\x02".join(some)) for identifier, some in words))


def search(node: Node, segments: list[str | None], question: str, **options: Any) -> list[str]:
    """Search lines that are written as one: what is letters and digits alone is of another sort."""
    sorts = [[one and _of_sort(one, spelt=spelt) for one in segments] for spelt in (False, True)]
    found: list[str] = node.call(
        "service_worker/rules/search.js", "searchIn", [sorts, question, options]
    )
    return found


def test_every_word_must_be_in_the_line_and_the_newest_comes_first(node: Node) -> None:
    old = segment(("arrival:1", "王小明\x02138001"), ("arrival:2", "王大明\x02139002"))
    new = segment(("waiting:3", "王小红\x02wxh"))
    assert search(node, [old, new], "王") == ["waiting:3", "arrival:2", "arrival:1"]
    assert search(node, [old, new], "王 139") == ["arrival:2"]
    assert search(node, [old, new], "WXH") == ["waiting:3"]
    assert search(node, [old, new], "王", types=["arrival"]) == ["arrival:2", "arrival:1"]
    assert search(node, [old, new], "王", most=1) == ["waiting:3", "arrival:2"], "of each kind"
    assert search(node, [old, new], "  ") == []


def test_of_long_texts_those_with_the_words_in_their_title_come_first(node: Node) -> None:
    old = segment(("article:1", "医保报销\x02ybbx\x02带身份证"), ("article:2", "停车\x02医保"))
    new = segment(("article:3", "住院\x02押金和医保"), ("task:1", "停车\x02医保"))
    assert search(node, [old, new], "医保", types=["article"], ranked=["article"]) == [
        *("article:1", "article:2", "article:3")
    ]
    assert search(node, [old, new], "医保", types=["article"]) == [
        *("article:3", "article:2", "article:1")
    ]
    found = search(node, [old, new], "身份证 ybbx", types=["task", "article"], ranked=["article"])
    assert found == ["article:1"]


def test_a_words_letters_in_an_id_are_no_hit(node: Node) -> None:
    assert search(node, [segment(("arrival:138", "王小明"))], "138") == []
    assert search(node, [segment(("arrival:138", "王小明")), None], "arrival") == []


def test_a_line_is_cut_out_whole(node: Node) -> None:
    lines = [("arrival:1", "a"), ("arrival:12", "b"), ("arrival:2", "c")]
    for gone in lines:
        left = [line for line in lines if line != gone]
        cut = node.call("service_worker/rules/search.js", "withoutLine", [segment(*lines), gone[0]])
        assert cut == segment(*left)


KEPT = """
import { serialize } from "node:v8"
import { readFileSync } from "node:fs"
import { isFull, lineOf, searchIn, searchTexts } from "ROOT/rules/search.js"
import { readingsIn } from "ROOT/rules/search_words.js"
export function kept(titles, texts) {
  const readings = readingsIn(readFileSync("ROOT/generated/pinyin.txt", "utf8"))
  const [written, spelt] = searchTexts(readings, titles, texts)
  const line = lineOf("article:01M883EXM0011G000000000000", spelt)
  const isOver = isFull(["", "x".repeat(58_000)], 1)
  return { written, spelt, bytes: serialize(line).length, letters: line.length, isOver }
}
export function finds(texts, question) {
  const readings = readingsIn(readFileSync("ROOT/generated/pinyin.txt", "utf8"))
  const lines = texts.map(([title, words]) => searchTexts(readings, [title], [words]))
  const kept = sort => lines.map((one, n) => lineOf(`article:${n}`, one[sort])).join("")
  const sorts = [[kept(0)], [kept(1)]]
  return searchIn(sorts, question, { types: ["article"], ranked: ["article"] })
}
"""
TEXTS = [
    ["教务小教程", "本文是关于教务使用的一篇小教程，默认打开。你好世界"],
    ["CT 检查须知", "增强 CT 要空腹，MRI 3.0T 不用。A区取片"],
    ["默想园", "住院病人的花园，猫不能进"],
]
# What users of other knowledge bases reported, and what is found here.
REPORTED = [
    ("一篇", [0]),  # hextra 552, BookStack 778: a word in the middle of a sentence
    ("好世", [0]),  # nixnote2 132: letters that are no word of a dictionary
    ("猫", [2]),  # BookStack 778: one letter
    ("默想", [2]),  # omnivore 2240: not what has one of the letters
    ("CT检查", [1]),  # omni 83: Chinese and English in one title, with a blank or without
    ("检查 ct", [1]),  # flexsearch 207: both in one question
    ("增强ct", [1]),
    ("3.0t", [1]),  # a point in a word of letters and digits
    ("a区", [1]),
    ("mri kf", [1]),  # English and initials
    ("jwxjc", [0]),
    ("默认 花园", []),
    ("article", []),
]


def test_a_text_is_kept_in_two_lines_and_what_is_spelt_takes_a_byte_a_letter(
    node: Node, tmp_path: Path
) -> None:
    module = tmp_path / "kept.mjs"
    module.write_text(KEPT.replace("ROOT", str(ROOT / "service_worker")), "utf-8")
    texts = ["到 1 楼 CT 室，先空腹检查" * 40]
    said = node.call(module, "kept", [["CT 检查要空腹"], texts])
    written, spelt = (said[name].split("\x02") for name in ("written", "spelt"))
    assert written[0] == "ct检查要空腹" or written[0] == "ct 检查要空腹"
    assert written[1].startswith("到1楼ct室")
    assert {"ctjianchayaokongfu", "ctjcykf", "ct"} <= set(spelt)
    assert said["bytes"] < said["letters"] + 40, "of a text of two bytes a letter too"
    assert said["isOver"] is True


@pytest.mark.parametrize(("question", "found"), REPORTED)
def test_what_others_did_not_find_is_found(
    node: Node, tmp_path: Path, question: str, found: list[int]
) -> None:
    module = tmp_path / "kept.mjs"
    module.write_text(KEPT.replace("ROOT", str(ROOT / "service_worker")), "utf-8")
    assert node.call(module, "finds", [TEXTS, question]) == [f"article:{n}" for n in found]


def test_ids_of_a_gesture_are_pythons_and_count_on(node: Node) -> None:
    form = "act:" + ulid(1_000, 2**80 - 2)
    ids = [
        node.call("service_worker/rules/gesture_ids.js", "actIdOf", [form, 5_000, n])
        for n in range(3)
    ]
    assert ids == ["act:" + ulid(5_000, bits) for bits in (2**80 - 2, 2**80 - 1, 2**80)]
    assert node.call("service_worker/rules/gesture_ids.js", "isActId", [form]) is True
    for wrong in ("act:1", None, "arrival:" + ulid(1, 1), form + "0"):
        assert node.call("service_worker/rules/gesture_ids.js", "isActId", [wrong]) is False


def test_a_clock_is_believed_within_what_an_answer_leaves_open(node: Node) -> None:
    def after(*given: int | None) -> int:
        offset: int = node.call("service_worker/base/clock.js", "offsetAfter", list(given))
        return offset

    assert after(None, 10_050, 1_000, 1_100) == 9_000
    assert after(8_980, 10_050, 1_000, 1_100) == 8_980, "within 50 ms: as before"
    assert after(8_900, 10_050, 1_000, 1_100) == 9_000
    assert after(0, 1_050, 1_000, 1_100) == 0


def test_an_address_that_only_begins_like_ours_is_another_origin(node: Node) -> None:
    """A6: `ward.example.evil.example` passed, its form was kept as the guide's act."""

    def is_of(address: str, origin: str = "https://ward.example") -> bool:
        return bool(node.call("service_worker/base/origin.js", "isOf", [origin, address]))

    assert is_of("https://ward.example/floor/lobby") and is_of("https://ward.example")
    for other in (
        "https://ward.example.evil.example/",
        "https://ward.example@evil.example/",
        "https://ward.example:8443/",
        "http://ward.example/",
        "null",
        "about:client",
        "",
    ):
        assert not is_of(other), other
    assert not is_of("http://127.0.0.1:80001/", "http://127.0.0.1:8000")


def test_a_list_goes_by_several_fields_some_of_them_downwards(node: Node) -> None:
    """G-16: priority first, then who waits longest."""
    priority = {"name": "priority", "choices": [["normal", "N"], ["urgent", "U"]]}
    waits = {"name": "all", "by": ["-priority", "started_at"], "where": {}, "parts": ["place"]}
    kind = {"lists": [waits], "fields": [priority]}
    declared = {"records": {"wait": kind}, "ladders": {}}
    said = (
        ("late", "normal", 30),
        ("early", "normal", 20),
        ("urgent", "urgent", 40),
        ("none", None, 9),
    )
    keys = {}
    for name, level, at in said:
        record = {"_id": f"wait:{name}", "type": "wait", "place": "place:a", "started_at": at}
        record |= {} if level is None else {"priority": level}
        keys[name] = node.call("service_worker/rules/list_keys.js", "listKeys", [declared, record])[
            0
        ]
    assert sorted(keys, key=lambda name: keys[name]) == ["urgent", "early", "late", "none"]
    first, last = node.call(
        "service_worker/rules/list_keys.js", "listBounds", ["wait.all", ["place:a"]]
    )
    assert all(first <= key <= last for key in keys.values())


def test_a_list_by_one_moment_has_the_keys_that_tablets_hold_already(node: Node) -> None:
    kind = {"lists": [{"name": "all", "by": "at", "where": {}, "parts": []}], "fields": []}
    declared = {"records": {"wait": kind}, "ladders": {}}
    record = {"_id": "wait:A", "type": "wait", "at": 5}
    keys = node.call("service_worker/rules/list_keys.js", "listKeys", [declared, record])
    assert keys == ["wait.all\x01000000000000005\x01wait:A"]


def test_a_record_is_listed_under_what_it_is_because_of(node: Node) -> None:
    declared = {"records": {"recall": {"lists": [], "fields": []}}, "ladders": {}}
    said = {"rule": "call_back", "key": "1", "n": 1, "id": "act:1"}
    by = [
        {**said, "scope": "case:1", "wanted": True},
        {**said, "scope": "case:2", "wanted": False},
        {**said, "scope": "recall:1", "wanted": True},
    ]
    record = {"_id": "recall:1", "type": "recall", "opened_at": 5, "stated": {"by": by}}
    module = "service_worker/rules/list_keys.js"
    keys = node.call(module, "listKeys", [declared, record])
    assert [key.split("\x01")[:2] for key in keys] == [["led_to", "case:1"]]
    withdrawn = {**record, "stated": {"by": by, "withdrawn": True}}
    assert node.call(module, "listKeys", [declared, withdrawn]) == []
