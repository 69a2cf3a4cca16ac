"""Acts as documents: their ids (ULIDs), their envelope, and how one is made."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Any

Act = dict[str, Any]

VERSION = 1
# Crockford's base 32, without I, L, O and U, which people confuse.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# \Z, since $ would let a line break through at the end.
ACT_ID = re.compile(r"^act:[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
RECORD_ID = re.compile(r"^[a-z_]+:[A-Za-z0-9_.-]{1,80}\Z")
ENVELOPE = (
    *("_id", "act", "record", "at", "by", "device", "site", "v", "seen", "over", "data", "text"),
)


def ulid(at: int, random_bits: int) -> str:
    """Return 26 characters that sort by `at` (ms); `random_bits` is an integer of 80 bits."""
    number = (at << 80) | (random_bits & ((1 << 80) - 1))
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def ulid_time(identifier: str) -> int:
    """Return the moment (ms) in a ULID; a prefix such as `act:` may stay on."""
    number = 0
    for letter in identifier.rpartition(":")[2][:10]:
        number = number * 32 + ALPHABET.index(letter)
    return number


def derived_id(secret: str, at: int, *parts: str) -> str:
    """Return the id of an act of the server at `at` (ms): the same parts give the same id.

    `secret` is the site's: without it nobody can say an act first under an id that the server will
    need. "" gives the id that versions up to 0.2.0 gave, which anybody could work out.
    """
    text = "\x1f".join(parts).encode()
    if secret:
        digest = hmac.digest(secret.encode(), text, "sha256")
    else:
        digest = hashlib.sha256(text).digest()
    return "act:" + ulid(at, int.from_bytes(digest[:10], "big"))


def key_id(kind: str, values: Sequence[Any]) -> str:
    """Return the id that the key of a record gives, whoever makes it and where: it is no secret.

    `values` are those of the key's fields in their order, texts and whole numbers.
    """
    text = "\x1f".join([kind, *map(str, values)]).encode()
    number = int.from_bytes(hashlib.sha256(text).digest()[:15], "big")
    return f"{kind}:" + "".join(ALPHABET[(number >> shift) & 31] for shift in range(115, -1, -5))


def make(
    name: str,
    record: str,
    data: dict[str, Any],
    *,
    at: int,
    by: str,
    device: str,
    site: str,
    seen: str | None = None,
    over: dict[str, Any] | None = None,
    text: str | None = None,
    after: int | None = None,
    identifier: str | None = None,
    random_bits: Callable[[], int] | None = None,
) -> Act:
    """Return a whole act; give `identifier` for a derived id or `random_bits` for a new one.

    `at` is in ms. `after` is the moment of the last act of the record that its author has seen: an
    answer comes after what it answers, however the clocks of two tablets differ. `over` has the
    answers that the author saw and replaces (`guards.over`). Raises ValueError without either
    source of an id.
    """
    if after is not None:
        at = max(at, after + 1)
    if identifier is None:
        if random_bits is None:
            raise ValueError("an act needs an identifier or a source of random bits")
        identifier = "act:" + ulid(at, random_bits())
    act: Act = {
        "_id": identifier,
        "act": name,
        "record": record,
        "at": at,
        "by": by,
        "device": device,
        "site": site,
        "v": VERSION,
        "seen": seen,
        "data": data,
    }
    if over is not None:
        act["over"] = over
    if text is not None:
        act["text"] = text
    return act
