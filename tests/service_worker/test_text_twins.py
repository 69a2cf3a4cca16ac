"""Both ends fold, spell and order alike: every letter of Unicode, every character of the table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync import search_words, text_folding
from tests.service_worker.node import Node

FOLDING = "service_worker/rules/text_folding.js"
WORDS = "service_worker/rules/search_words.js"
BLOCK = 1_024  # letters that one call folds, each after a letter that it must not melt with
NAMES = (
    "曾国强",
    "尉迟恭",
    "万俟卨",
    "阿卜杜热西提·麦麦提",
    "吕绿",
    "欧阳㛃珺",
    "ＺＥＮＧ",
    "曾　琦",
)


def blocks() -> list[str]:
    """Return every letter of Unicode in some long texts, half surrogates too."""
    codes = range(sys.maxunicode + 1)
    some = (codes[at : at + BLOCK] for at in range(0, len(codes), BLOCK))
    return ["".join(f"|{chr(code)}" for code in block) for block in some]


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("folded", text_folding.folded),
        ("visible", text_folding.visible),
        ("foldedWords", text_folding.folded_words),
    ],
)
def test_every_letter_of_unicode_is_folded_alike_on_both_ends(
    node: Node, name: str, twin: Callable[[str], Any]
) -> None:
    texts = blocks()
    said = node.calls(FOLDING, name, [[text] for text in texts])
    differ = [text for text, one in zip(texts, said, strict=True) if one["value"] != twin(text)]
    assert differ == []


def test_both_ends_read_every_character_of_the_table_alike(
    node: Node, generated: Path, tmp_path: Path
) -> None:
    table = (generated / "pinyin.txt").read_text("utf-8")
    readings = search_words.readings_in(table)
    module = tmp_path / "asked.mjs"
    rules = (Path(__file__).parents[2] / WORDS).as_uri()
    module.write_text(
        f'import * as words from "{rules}"\n'
        "export const asked = (table, names) => { const readings = words.readingsIn(table)\n"
        "  return names.map(name => [words.pinyinKeys(readings, name),"
        " words.sortingKey(readings, name)]) }\n",
        "utf-8",
    )
    names = [*NAMES, *readings.of, *(f"{one}国" for one in readings.surnames)]
    said = node.call(module, "asked", [table, names])
    assert said == [
        [search_words.pinyin_keys(readings, name), search_words.sorting_key(readings, name)]
        for name in names
    ]
