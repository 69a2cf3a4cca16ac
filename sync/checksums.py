"""Checksums of what a device holds: ten hex digits to compare, 256 buckets to find a difference.

A revision's hash is that of its record, id and all, so the sum of the first digits of hashes stands
for a set of records. A set is cut into buckets by id, so that one wrong row is found by comparing
few characters. Twin: service_worker/rules/checksums.js.
"""

from __future__ import annotations

from collections.abc import Iterable

BUCKETS = 256
DIGITS = 10  # of a hash, 40 bits: JavaScript is exact up to 53
WHOLE = 1 << (4 * DIGITS)
LAST = 6  # characters of an id that choose its bucket; those before are kind and moment

Row = tuple[str, str]  # id, rev


def bucket_of(identifier: str) -> int:
    """Return the number of the bucket in which a record is counted."""
    number = 0
    for letter in identifier[-LAST:]:
        number = (number * 31 + ord(letter)) % BUCKETS
    return number


def weight(rev: str) -> int:
    """Return what a revision adds to a sum: the first DIGITS of its hash."""
    return int(rev.partition("-")[2][:DIGITS], 16)


def sums(rows: Iterable[Row]) -> list[int]:
    """Return the sum of each bucket."""
    totals = [0] * BUCKETS
    for identifier, rev in rows:
        bucket = bucket_of(identifier)
        totals[bucket] = (totals[bucket] + weight(rev)) % WHOLE
    return totals


def written(number: int) -> str:
    """Return a sum as it is sent: DIGITS hex digits."""
    return f"{number:0{DIGITS}x}"
