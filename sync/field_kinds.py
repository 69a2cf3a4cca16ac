"""What a value of each kind of field may be: `CHECKS` has a check for each, that returns a code.

A map is kept key by key: plain values under keys that begin with a letter, since JavaScript puts
what looks like a number before all other keys. Twin: service_worker/rules/field_kinds.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sync.act import RECORD_ID
from sync.memoize import memoize
from sync.text_folding import folded, is_blank

STARTS = 1_577_836_800_000  # ms, 2020-01-01: no act of ours is older
ENDS = 4_102_444_800_000  # ms, 2100-01-01
# NUL, which PostgreSQL refuses, and half a surrogate pair, which a cut through an emoji leaves.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
LONGEST_PHONE = 60  # letters as they are stored, those that nobody sees included
FIRST_DAY, LAST_DAY = -25_567, 47_481  # 1900-01-01, where births begin, and 2099-12-31
MINUTES = 1_440  # of a day; midnight at its end is one of them
MOST_MONEY = 10_000_000_000  # fen
FACES = 5  # from the worst, 1, to the best
MAPS = ("ticks", "counts", "entries", "grid")
MOST_KEYS = 200  # of a map
KEY = re.compile(r"[a-z][a-z0-9_.-]{0,59}")

Check = Callable[[dict[str, Any], Any], str | None]


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def is_moment(value: Any) -> bool:
    return type(value) is int and STARTS <= value < ENDS


def is_text(value: Any) -> bool:
    """Say whether a value is text that JSON and every database can carry."""
    if not isinstance(value, str):
        return False
    return "\0" not in value if value.isascii() else UNSTORABLE.search(value) is None


def _text(field: dict[str, Any], value: Any) -> str | None:
    if not is_text(value):
        return "not_text"
    if len(value) > (field["max"] or 2_000):
        return "too_long"
    return None


def _phone(field: dict[str, Any], value: Any) -> str | None:
    if not is_text(value) or len(value) > LONGEST_PHONE:
        return "not_a_phone"
    return None if re.fullmatch(r"[0-9+ -]{3,20}", folded(value)) else "not_a_phone"


def _choice(field: dict[str, Any], value: Any) -> str | None:
    return None if isinstance(value, str) and value in values_of(field) else "not_a_choice"


@memoize
def values_of(field: dict[str, Any]) -> frozenset[str]:
    """Return the values that may be chosen for a declared field."""
    return frozenset(choice[0] for choice in field["choices"])


def _choices(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 50:
        return "not_a_list"
    return next((code for item in value if (code := _choice(field, item))), None)


def _number(field: dict[str, Any], value: Any) -> str | None:
    if not is_number(value):
        return "not_a_number"
    if field["min"] is not None and value < field["min"]:
        return "too_small"
    if field["max"] is not None and value > field["max"]:
        return "too_big"
    return None


def _flag(field: dict[str, Any], value: Any) -> str | None:
    return None if isinstance(value, bool) else "not_a_flag"


def _moment(field: dict[str, Any], value: Any) -> str | None:
    return None if is_moment(value) else "not_a_moment"


def _link(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, str) or not RECORD_ID.match(value):
        return "not_an_id"
    if (kinds := field.get("of")) and value.partition(":")[0] not in kinds:
        return "not_an_id"
    return None


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _blobs(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > (field["max"] or 20):
        return "too_many"
    return None if all(map(_is_hash, value)) else "not_a_photo"


def _signature(field: dict[str, Any], value: Any) -> str | None:
    """Check `{"strokes": [[x, y, x, y, …], …], "of": <sha256 of the signed text>}`, integers."""
    if not isinstance(value, dict) or not isinstance(value.get("strokes"), list):
        return "not_a_signature"
    if not _is_hash(value.get("of")):
        return "not_a_signature"
    strokes = value["strokes"]
    if len(strokes) > 500 or sum(len(s) for s in strokes if isinstance(s, list)) > 40_000:
        return "too_long"
    good = all(isinstance(s, list) and len(s) % 2 == 0 and all(map(is_number, s)) for s in strokes)
    if not good or not strokes:
        return "not_a_signature"
    return None if is_written(strokes) else "too_little_ink"


# A dot is no signature. Of the pad's 600 × 160 units: the way of the pen, in all, and the longer
# side of what it covers. The shortest names and a small cross have more; a tap, a slip of the
# finger less.
INK, SPREAD = 120, 30


def is_written(strokes: list[list[int]]) -> bool:
    """Say whether strokes are more than a dot; the way is counted along both sides."""
    ink = sum(abs(s[n] - s[n - 2]) for s in strokes for n in range(2, len(s)))
    sides = [[x for s in strokes for x in s[first::2]] for first in (0, 1)]
    spread = max((max(side) - min(side) for side in sides if side), default=0)
    return ink >= INK and spread >= SPREAD


def _names(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 200:
        return "not_a_list"
    good = all(is_text(item) and len(item) <= 100 and not is_blank(item) for item in value)
    return None if good else "not_text"


def _people(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > (field["max"] or 200):
        return "not_a_list"
    good = all(
        isinstance(one, str) and one.startswith("person:") and RECORD_ID.match(one) for one in value
    )
    return None if good else "not_an_id"


def _day(field: dict[str, Any], value: Any) -> str | None:
    """Check a day, in days since 1970-01-01: it has no zone and no clock."""
    return None if is_number(value) and FIRST_DAY <= value <= LAST_DAY else "not_a_day"


def _hour(field: dict[str, Any], value: Any) -> str | None:
    """Check a time of day, in minutes since midnight."""
    return None if is_number(value) and 0 <= value <= MINUTES else "not_an_hour"


def _money(field: dict[str, Any], value: Any) -> str | None:
    """Check an amount in fen; below nothing only where the field says so."""
    least, most = field["min"] or 0, field["max"] or MOST_MONEY
    return _number({"min": least, "max": most}, value)


def _rating(field: dict[str, Any], value: Any) -> str | None:
    return None if is_number(value) and 1 <= value <= FACES else "not_a_choice"


def _map(one: Callable[[dict[str, Any], Any], str | None]) -> Check:
    """Return the check of a map whose values `one` checks; none empties a key."""

    def check_map(field: dict[str, Any], value: Any) -> str | None:
        if not isinstance(value, dict) or len(value) > MOST_KEYS:
            return "not_a_map"
        rows = rows_of(field)
        for key, item in value.items():
            if not is_key(key) or (rows and key not in rows):
                return "not_a_key"
            if item is not None and (code := one(field, item)):
                return code
        return None

    return check_map


def is_key(value: Any) -> bool:
    """Say whether something may be a key of a map."""
    return isinstance(value, str) and KEY.fullmatch(value) is not None


@memoize
def rows_of(field: dict[str, Any]) -> frozenset[str]:
    """Return the keys that the map declares; none where its record has them, or any may be."""
    return frozenset(row[0] for row in field.get("rows", ()))


def _days(field: dict[str, Any], value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > 400:
        return "not_a_list"
    return None if all(map(is_number, value)) else "not_a_number"


CHECKS: dict[str, Check] = {
    "text": _text,
    "phone": _phone,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "flag": _flag,
    "moment": _moment,
    "link": _link,
    "blobs": _blobs,
    "voice": _blobs,
    "signature": _signature,
    "names": _names,
    "people": _people,
    "day": _day,
    "hour": _hour,
    "money": _money,
    "rating": _rating,
    "ticks": _map(_choice),
    "counts": _map(_number),
    "entries": _map(_text),
    "grid": _map(_choice),
    "days": _days,
}
