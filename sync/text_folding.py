"""Text as it is compared, checked and searched; what was typed stays what is shown.

Classes are written out, since `\\s` and Unicode itself differ between the two languages: Python
3.11 knows Unicode 14, a new browser 17. Only what both know is folded; the rest stays as it is.
Twin: service_worker/rules/text_folding.js.
"""

from __future__ import annotations

import re
import unicodedata

# Not folded: letters and marks newer than Unicode 14, and scripts beyond the first plane but for
# mathematical letters, enclosed ones and ideographs.
FOLDED = (
    r"\x00-\u088e\u0890-\u0896\u0898-\u1ace\u1b00-\u1c88\u1c8b-\ua7ca\ua7f2-\ud7ff\ue000-\uffff"
    r"\U0001d400-\U0001d7ff\U0001f100-\U0001f2ff\U00020000-\U0002a6df\U0002f800-\U0002fa1f"
)
# Letters that nobody sees: controls, joiners, variation selectors, and what turns the direction.
UNSEEN = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    r"\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
BLANK = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DOT = r"\xb7\u0387\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\uff65"
HAN = r"\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"

KNOWN = re.compile(f"[{FOLDED}]+")
INVISIBLE = re.compile(f"[{UNSEEN}]")
SEEN = re.compile(f"[^{UNSEEN}{BLANK}]")
BLANKS = re.compile(f"[{BLANK}]+")
DOTS = re.compile(f" ?[{DOT}] ?")
HAN_DOT = re.compile(f"(?<=[{HAN}]) ?\\. ?(?=[{HAN}])")
HAN_BLANK = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
SIMPLE = re.compile(r"[\u4e00-\u9fff]*")  # what folding leaves as it is
LONGEST_NUMBER = 15  # digits, as many as a whole number has in JavaScript


def folded(text: str) -> str:
    """Return a text as it is compared: width, case, blanks, dots, invisible letters are alike."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    if SIMPLE.fullmatch(text):
        return text
    text = KNOWN.sub(_normal, visible(text))
    text = KNOWN.sub(_normal, KNOWN.sub(_lower, text)).replace("\u03c2", "\u03c3")
    text = BLANKS.sub(" ", text).strip(" ")
    text = HAN_DOT.sub("\xb7", DOTS.sub("\xb7", text))
    return HAN_BLANK.sub("", text)


def is_blank(text: str) -> bool:
    """Say whether there is nothing to see in a text: blanks and invisible letters alone."""
    return SEEN.search(text) is None


def visible(text: str) -> str:
    """Return a text without letters that nobody sees, otherwise as it was typed."""
    return INVISIBLE.sub("", text)


def folded_words(text: str) -> list[str]:
    """Return the words of a text, each folded: between ideographs blanks part words here."""
    parts = map(folded, BLANKS.split(visible(text)))
    return [part for part in parts if part]


def whole_number(text: str) -> int | None:
    """Return the whole number that somebody typed, or None: `５００` is 500."""
    digits = folded(text)
    is_one = re.fullmatch(f"-?[0-9]{{1,{LONGEST_NUMBER}}}", digits)
    return int(digits) if is_one else None


# Private


def _normal(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def _lower(found: re.Match[str]) -> str:
    return "".join(letter.lower() for letter in found[0])  # a sigma at an end is like any other
