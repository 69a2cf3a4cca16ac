"""Streams a feed that is longer than one page, page after page in one answer.

E1, E2.4: CouchDB's replicator asks once, without a limit, and PouchDB takes an answer with fewer
rows than it asked for as the end of the feed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import StreamingResponse

from server.http.problems import Trouble
from server.replication.long_poll import Answer, Reader
from sync import protocol
from sync.protocol import Query


def is_longer(query: Query, answer: Answer) -> bool:
    """Say whether more rows were asked for than the first page has, and there are more."""
    return answer.is_full and (query.limit is None or query.limit > len(answer.page.rows))


def pages(request: Request, query: Query, answer: Answer, read: Reader) -> StreamingResponse:
    """Return an answer that goes on to the end of the feed, or to the limit asked for."""
    body = _rows(request, query, answer, read)
    return StreamingResponse(body, media_type="application/json")


async def _rows(
    request: Request, query: Query, answer: Answer, read: Reader
) -> AsyncIterator[bytes]:
    yield protocol.changes_head()
    comma = b""
    while True:
        rows = answer.page.rows
        if rows:
            yield comma + b",\n".join(rows)
            comma = b",\n"
        if query.limit is not None:
            query = replace(query, limit=query.limit - len(rows))
        if not answer.is_full or query.limit == 0:
            break
        try:
            answer = await read(request, query, str(answer.position.token))
        except Trouble:  # signed out meanwhile: `pending` says that it is not all
            break
    yield protocol.changes_tail(answer.page.last, answer.page.pending)
