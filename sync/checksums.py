"""Whether a device holds what its person sees, in ten letters; and where it does not.

A revision's hash is that of its record, id and all, so what stands for a set of records is the sum
of the first digits of their hashes. A set is cut into buckets by id, so that one wrong row is found
by comparing few letters. `service_worker/rules/checksums.js` counts in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

BUCKETS = 256
DIGITS = 10  # of a hash, 4 bits each: a sum stays exact in JavaScript
WHOLE = 1 << (4 * DIGITS)
LAST = 6  # letters of an id that say its bucket; those before are kind and moment

Row = tuple[str, str]  # id, rev


def bucket_of(identifier: str) -> int:
    """Return in which bucket a record is counted."""
    number = 0
    for letter in identifier[-LAST:]:
        number = (number * 31 + ord(letter)) % BUCKETS
    return number


def weight(rev: str) -> int:
    """Return what a revision adds to a sum."""
    return int(rev.partition("-")[2][:DIGITS], 16)


def sums(rows: Iterable[Row]) -> list[int]:
    """Return the sum of each bucket."""
    found = [0] * BUCKETS
    for identifier, rev in rows:
        bucket = bucket_of(identifier)
        found[bucket] = (found[bucket] + weight(rev)) % WHOLE
    return found


def written(number: int) -> str:
    """Return a sum as it is sent."""
    return f"{number:0{DIGITS}x}"
