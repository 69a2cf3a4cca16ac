"""Pinyin of names, so that a search for zxl or zhangxiaoli finds the person."""

from __future__ import annotations

import os
from functools import lru_cache

# Only single characters are looked up; the phrase table would cost 30 MB of memory.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin

from sync.check_act import Declarations, Record

LONGEST = 60  # characters; nobody types more of a text as pinyin
FIRST_IDEOGRAPH = chr(0x3400)  # of CJK Extension A, the lowest block


def of_record(declarations: Declarations, record: Record) -> str | None:
    """Return initials and full pinyin of a record's searched texts; None without any."""
    declared = declarations["records"][record["type"]]
    words: dict[str, None] = {}
    for name in (*declared["finds"], "title"):
        value = record.get(name)
        if isinstance(value, str) and not value.isascii():
            words.update(dict.fromkeys(_typed(value[:LONGEST])))
    return " ".join(words) or None


@lru_cache(maxsize=4_096)
def _typed(text: str) -> tuple[str, ...]:
    has_any = any(letter >= FIRST_IDEOGRAPH for letter in text)
    return of_text(text) if has_any else ()


def of_text(text: str) -> tuple[str, str]:
    """Return ("zxl", "zhangxiaoli") for a name of three characters; others are dropped."""
    syllables = [_syllable(letter) for letter in text]
    return "".join(part[:1] for part in syllables), "".join(syllables)


@lru_cache(maxsize=8_192)
def _syllable(letter: str) -> str:
    if letter < FIRST_IDEOGRAPH:
        return letter.lower() if letter.isascii() and letter.isalnum() else ""
    readings = lazy_pinyin(letter, style=Style.NORMAL, errors="ignore", v_to_u=False)
    return readings[0] if readings else ""
