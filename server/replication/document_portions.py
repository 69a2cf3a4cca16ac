"""Documents in portions that fit into memory, for answers that name thousands of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.database.store import Store
from server.replication.sync_request import SyncRequest

LONGEST_ID = 300  # characters; no id of ours is longer, so none is looked up
TOGETHER = 500  # documents of one transaction
PORTION = 2 << 20  # bytes of them, if they are long


def in_portions(request: SyncRequest, names: list[Any]) -> Iterator[list[Any]]:
    """Yield names in their order, so many at a time that their documents fit into memory.

    What is no name, or no document's, counts for nothing; one that is named twice counts once.
    """
    for start in range(0, len(names), TOGETHER):
        some = names[start : start + TOGETHER]
        texts = {n for n in some if isinstance(n, str) and len(n) <= LONGEST_ID}
        with request.site.reading() as connection:
            sizes = Store(connection).sizes(texts)
        portion: list[Any] = []
        size = 0
        for name in some:
            size += sizes.pop(name, 0) if isinstance(name, str) else 0
            if size > PORTION and portion:
                yield portion
                portion, size = [], 0
            portion.append(name)
        if portion:
            yield portion
