"""Makes the table of readings that both ends search and sort by, from pypinyin's dictionaries.

Its first line is all syllables (ü is v), its second the surnames that are read otherwise than the
character commonly is. Each line after that has characters in the order of Unicode, as the gap from
the one before (left out for 1) and a letter for the syllable, U+0100 for the first: the commonest
reading of every character in the first line, the second readings in the next, and so on.

It knows GB 2312, every character of pypinyin's words, and what names.txt has. A reading is in it
when it is a character's first, when a word uses it, or when names.txt says so: what nobody types
(yan for 癌) would make it a third longer.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from pathlib import Path

Readings = dict[str, list[str]]

MADE_FROM = "pypinyin"  # whose version, with this file, decides what the table is

FIRST = 0x3400  # of the ideographs; gaps begin before it
LETTERS = 0x100  # the letter for the first syllable
BASIC = range(0x4E00, 0xA000)  # the ideographs that fonts have

HAND_MADE = Path(__file__).with_name("names.txt")


def table() -> str:
    """Return the table as text."""
    surnames, further, names = _by_hand()
    words = _in_words()
    rare = [letter for letter in words if ord(letter) in BASIC]
    letters = sorted({*_common(), *rare, *"".join(surnames), *names})
    readings = {letter: _readings(letter, words) for letter in letters}
    for letter, spelt in readings.items():
        more = [surnames.get(letter, ""), *further.get(letter, ())]
        readings[letter] = [*dict.fromkeys([*spelt, *filter(None, more)])]
    return as_text(readings, surnames)


def as_text(readings: Readings, surnames: dict[str, str]) -> str:
    """Return the table of these readings, whose characters are sorted."""
    syllables = sorted({syllable for each in readings.values() for syllable in each})
    spelt = " ".join(name + spelt for name, spelt in sorted(surnames.items()))
    most = max(map(len, readings.values()))
    lines = [_line(readings, syllables, nth) for nth in range(most)]
    return "\n".join([" ".join(syllables), spelt, *lines])


def fingerprint() -> str:
    """Return a text that changes when the table might."""
    sources = Path(__file__).read_bytes() + HAND_MADE.read_bytes()
    return f"{metadata.version(MADE_FROM)} {hashlib.sha256(sources).hexdigest()}"


def _line(readings: Readings, syllables: list[str], nth: int) -> str:
    """Return the line of the nth readings."""
    last, parts = FIRST - 1, []
    for letter, spelt in readings.items():
        if nth < len(spelt):
            gap, last = ord(letter) - last, ord(letter)
            parts.append(str(gap) if gap > 1 else "")
            parts.append(chr(LETTERS + syllables.index(spelt[nth])))
    return "".join(parts)


def _by_hand() -> tuple[dict[str, str], Readings, list[str]]:
    """Return the surnames and how they are spelt, further readings, further characters."""
    lines = HAND_MADE.read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    surnames, further, names = (part.split() for part in text.strip().split("\n\n"))
    spelt = {name: reading for name, _, reading in (one.partition("=") for one in surnames)}
    more = {name: said.split(",") for name, _, said in (one.partition("=") for one in further)}
    return spelt, more, names


def _common() -> list[str]:
    """Return the characters of GB 2312."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [letter for pair in pairs if (letter := pair.decode("gb2312", "ignore"))]


def _in_words() -> dict[str, set[str]]:
    """Return {character: its readings in pypinyin's words}."""
    import pypinyin

    found: dict[str, set[str]] = {}
    path = Path(pypinyin.__file__).with_name("phrases_dict.json")
    for word, parts in json.loads(path.read_text("utf-8")).items():
        if len(word) == len(parts):
            for letter, spelt in zip(word, parts, strict=True):
                found.setdefault(letter, set()).add(_plain(spelt[0]))
    return found


def _readings(letter: str, words: dict[str, set[str]]) -> list[str]:
    """Return the readings of a character that somebody types, the commonest first."""
    from pypinyin import Style, pinyin

    (found,) = pinyin(letter, style=Style.NORMAL, heteronym=True, v_to_u=False)
    spelt = [part for part in dict.fromkeys(map(_plain, found)) if part.isascii()]
    return [part for at, part in enumerate(spelt) if at == 0 or part in words.get(letter, ())]


def _plain(spelt: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return str(to_normal(spelt, v_to_u=False)).replace("ü", "v").replace("ê", "e")
