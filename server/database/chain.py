"""The hash chain of all acts: a stored act that is changed, taken out or slipped in breaks it.

Each act's hash covers the one before it, its number, the moment it was taken in, and the SHA-256 of
its body as stored. The hash of the body stands for the body: where private values were erased, the
hash of what was there before is kept and the chain still adds up (`erasures` in tables.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from struct import Struct
from typing import Any

START = bytes(32)  # what stands before the first act
_PLACE = Struct(">QQ")  # number, and the moment of its arrival in ms


def link(before: bytes, number: int, received_at: int, body_digest: bytes) -> bytes:
    """Return the hash of an act: `before` is that of the act before it, `number` counts from 1."""
    return hashlib.sha256(before + _PLACE.pack(number, received_at) + body_digest).digest()


def linked(
    rows: Sequence[Sequence[Any]], number: int, head: bytes, received_at: int, body: int
) -> tuple[list[tuple[Any, ...]], int, bytes]:
    """Return rows of acts with number and hash added, and the number and head after them.

    `number` and `head` are those of the newest act; `received_at` and `body` say in which column
    these stand.
    """
    chained = []
    for row in rows:
        number += 1
        digest = hashlib.sha256(row[body]).digest()
        head = link(head, number, row[received_at], digest)
        chained.append((*row, number, head))
    return chained, number, head


def named(number: int, head: bytes) -> str:
    """Return a head as people keep it elsewhere: 1204:9f86d0…"""
    return f"{number}:{head.hex()}"


def parsed(text: str) -> tuple[int, bytes]:
    """Return number and hash of a head; raises ValueError when it is none."""
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != 2 * len(START):
        raise ValueError(f"{text.strip()} is no head, such as 1204:9f86d0… with 64 letters.")
    return int(number), bytes.fromhex(digest)
