"""What a record is found by, and in which order names stand: the same on both ends.

Whatever a person may type for a name finds it: every reading of its characters, surname's and
common one, and the initials of each. Twin: service_worker/rules/search_words.js; the table of
readings is made by service_worker/build/pinyin_table.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from sync.check_act import Declarations, Record
from sync.field_kinds import is_number
from sync.text_folding import folded, folded_words

SPELLINGS = 16  # of one name at most; the later characters are spelt as usual then
NAME = 12  # characters; what is longer is a sentence, and is spelt one way
LONGEST = 60  # characters; nobody types more of a text as pinyin
FIRST = 0x3400  # of the ideographs
LETTERS = 0x100  # the letter that stands for the table's first syllable

ENTRY = re.compile("([0-9]*)([^0-9])")
SURNAME = re.compile("([^a-z ]+)([a-z]+)")
DASHES = re.compile("[\u2010-\u2015\u2212-]")
IN_NUMBERS = re.compile("(?<=[0-9]) (?=[0-9])")
# Of a long text: what is written with a blank between a number and an ideograph is asked without.
BESIDE_HAN = re.compile("(?<=[\x80-\U0010ffff]) | (?=[\x80-\U0010ffff])")
# China's before a number of its own; nobody types it in a search for what was written without.
COUNTRY = re.compile(r"\A(?:\+86|(?:00)?86(?=1[0-9]{10}\Z))")


@dataclass(frozen=True)
class Readings:
    """The table: {character: syllables, the commonest first}, {surname: how it is spelt}."""

    of: dict[str, list[str]]
    surnames: dict[str, str]


def readings_in(table: str) -> Readings:
    """Return the table that pinyin_table.py wrote."""
    said, surnames, *lines = table.split("\n")
    syllables = said.split(" ")
    of: dict[str, list[str]] = {}
    for line in lines:
        letter = FIRST - 1
        for gap, syllable in ENTRY.findall(line):
            letter += int(gap or 1)
            of.setdefault(chr(letter), []).append(syllables[ord(syllable) - LETTERS])
    return Readings(of, dict(SURNAME.findall(surnames)))


def pinyin_keys(readings: Readings, text: str) -> list[str]:
    """Return what a person may type for a text: every spelling, then every row of initials.

    A character of several readings gives several; ü is typed v, u or yu; dots are not typed, nor is
    a character that the table does not know.
    """
    return _spelt(readings, folded(text))


def _spelt(readings: Readings, plain: str) -> list[str]:
    if plain.isascii():
        return []
    letters = [letter for letter in plain[:LONGEST] if _is_typed(readings, letter)]
    if not any(letter in readings.of for letter in letters):
        return []
    syllables = [_typed(readings, letter) for letter in letters]
    most = SPELLINGS if len(letters) <= NAME else 1
    while _count(syllables) > most:
        last = max(at for at, one in enumerate(syllables) if len(one) > 1)
        syllables[last] = syllables[last][:1]
    spelt = [list(parts) for parts in product(*syllables)]
    whole = ["".join(parts) for parts in spelt]
    initials = ["".join(part[:1] for part in parts) for parts in spelt]
    return list(dict.fromkeys([*whole, *initials]))


def sorting_key(readings: Readings, name: str) -> str:
    """Return a text that sorts as a name does in a list: by pinyin, the surname read as one."""
    rest = folded(name)
    surname = next((rest[:n] for n in (2, 1) if rest[:n] in readings.surnames), "")
    first = [readings.surnames[surname] + " "] if surname else []
    return "".join(
        [*first, *(_sorted_as(readings, one) for one in rest[len(surname) :]), " ", rest]
    )


def searched_texts(declarations: Declarations, record: Record) -> list[str]:
    """Return the texts of a record that search reads, as its declaration says; numbers as text."""
    declared = declarations["records"].get(record["type"])
    if declared is None or not declared["finds"]:
        return []
    names = [*declared["finds"], "title"]
    found = (record.get(name) for name in names)
    return [str(one) for one in found if isinstance(one, str) or is_number(one)]


def full_texts(declarations: Declarations, record: Record) -> list[str]:
    """Return the texts of a record that search reads from end to end."""
    declared = declarations["records"].get(record["type"])
    names = declared["full_text"] if declared is not None else ()
    return [record[name] for name in names if isinstance(record.get(name), str)]


def search_words(readings: Readings, texts: Iterable[str], full: Iterable[str] = ()) -> list[str]:
    """Return what texts are found by: each folded, then its pinyin.

    Blanks in numbers and beside ideographs are away. A full text is found by its words and by the
    initials of all of it.
    """
    words: dict[str, None] = {}
    for text in texts:
        if text.isascii() and text.isdecimal():  # most texts that are no names
            words[text] = None
            continue
        plain = folded(text)
        words.update(dict.fromkeys([_unparted(plain), *_spelt(readings, plain)]))
    for text in full:
        plain = _unparted(folded(text))
        words.update(dict.fromkeys([plain, "".join(_initial(readings, one) for one in plain)]))
    return [word for word in words if word]


def asked_words(question: str) -> list[str]:
    """Return the words of a question; whatever has all of them in its search words is found."""
    words = [_asked(word) for word in folded_words(question)]
    return [word for word in words if word]


def marked(readings: Readings, text: str, question: str, most: int = 0) -> list[list[Any]]:
    """Return a text in parts, `[words, whether they were asked for]`: literally or as pinyin.

    Of a text that is longer than `most` letters only those about the first hit, with dots.
    """
    words, letters = asked_words(question), list(text)
    plain = [_joined(folded(letter)) for letter in letters]
    first = next((at for at in range(len(plain)) if _end_of_hit(readings, plain, at, words)), 0)
    begins = max(0, first - most // 4) if 0 < most < len(letters) else 0
    ends = min(len(letters), begins + most) if most else len(letters)
    parts: list[list[Any]] = [["…", False]] if begins else []
    hit = begins
    for at in range(begins, ends):
        hit = max(hit, _end_of_hit(readings, plain, at, words))
        if not parts or parts[-1][1] != (at < hit):
            parts.append(["", at < hit])
        parts[-1][0] += letters[at]
    return [*parts, ["…", False]] if ends < len(letters) else parts


# Private


def _end_of_hit(readings: Readings, plain: list[str], at: int, words: list[str]) -> int:
    """Return where the longest of the words that begins at a letter ends; 0 for none."""
    return max((_meets(readings, plain, at, word) for word in words), default=0)


def _meets(readings: Readings, plain: list[str], at: int, word: str, begun: bool = False) -> int:
    """Return where a word ends that begins at a letter: each is there, or its syllable, or the
    first letter of that; what folds to nothing lies between. 0 for a word that is not there.
    """
    if not word:
        return at
    while begun and at < len(plain) and not plain[at]:
        at += 1
    if at >= len(plain) or not plain[at]:
        return 0
    starts = [plain[at]]
    if (begun or len(word) > 1) and word[0].isascii() and plain[at] in readings.of:
        starts = [one for said in _typed(readings, plain[at]) for one in (said, said[0])]
    for start in starts:
        if word.startswith(start) and (
            end := _meets(readings, plain, at + 1, word[len(start) :], True)
        ):
            return end
    return 0


def _initial(readings: Readings, letter: str) -> str:
    said = readings.of.get(letter)
    return said[0][0] if said else letter if _is_typed(readings, letter) else " "


def _unparted(plain: str) -> str:
    return BESIDE_HAN.sub("", _joined(plain))


def _joined(plain: str) -> str:
    return IN_NUMBERS.sub("", DASHES.sub("", plain))


def _asked(word: str) -> str:
    return COUNTRY.sub("", DASHES.sub("", word).replace("\xfc", "v"))


def _is_typed(readings: Readings, letter: str) -> bool:
    return letter in readings.of or (letter.isascii() and letter.isalnum())


def _sorted_as(readings: Readings, letter: str) -> str:
    return readings.of[letter][0] + " " if letter in readings.of else letter


def _count(syllables: list[list[str]]) -> int:
    count = 1
    for one in syllables:
        count *= len(one)
    return count


def _typed(readings: Readings, letter: str) -> list[str]:
    found: list[str] = []
    for syllable in readings.of.get(letter, ()):
        found.append(syllable)
        if "v" in syllable:
            found += [syllable.replace("v", "u"), syllable.replace("v", "yu")]
    return found or [letter]
