"""Checksums by which a device finds out whether it holds exactly what its person may see.

`_manifest?since=<token>` answers for a device that has come to the newest change that its person
sees; before that there is nothing to compare (`behind`). One sum of ten hex digits does as long as
all is well; 256 sums say in which bucket something is wrong, and the ids and revisions of that
bucket what. `_removed?since=<token>` lists records that the person sees no more, for programs whose
`_changes` cannot say so.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from server.acts.access import is_hidden
from server.http.problems import Trouble
from server.replication import feed_reader
from server.replication.couch_database import epoch_of
from server.replication.sync_request import SyncRequest, as_json
from sync import checksums, feed_position, protocol
from sync.feed_position import FeedPosition

log = logging.getLogger("floorwalk.manifest")

ASKED = {"since", "buckets", "bucket"}
MOST_BUCKETS = 64  # of 256; a device with more buckets wrong replicates anew, which is cheaper


def compare(request: SyncRequest) -> Response:
    """GET _manifest: count and sum, on demand the sums of buckets, or the revisions in some of
    them.
    """
    parameters = request.http.query_params
    unknown = [name for name in parameters if name not in ASKED]
    if unknown:
        raise Trouble("bad_parameter", f"Unknown parameter: {unknown[0]}")
    wanted = _buckets(parameters.get("bucket"))
    with request.site.reading() as connection:
        position = _position(connection, request, parameters.get("since", "0"))
        if _is_behind(connection, position):
            return JSONResponse({"behind": True})
        rows = _visible(connection, position.channels, request.id)
    if wanted:
        revs = {name: rev for name, rev in rows if checksums.bucket_of(name) in wanted}
        return _json(request, {"revs": revs})
    sums = checksums.sums(rows)
    answer: dict[str, Any] = {
        "count": len(rows),
        "sum": checksums.written(sum(sums) % checksums.WHOLE),
    }
    # A device asks for buckets only after its own sum differed: a finding worth a line of the log.
    if parameters.get("buckets") == "true":
        log.warning("a tablet holds other rows", extra={"device": request.device})
        answer["buckets"] = [checksums.written(one) for one in sums]
    return _json(request, answer)


def removed(request: SyncRequest) -> Response:
    """GET _removed: rows of ids that the person sees no more after `since`; at most `limit`."""
    try:
        parameters = dict(request.http.query_params)
        query = protocol.query({name: parameters[name] for name in parameters if name != "removed"})
    except protocol.BadQuery as error:
        raise Trouble(error.code, str(error)) from None
    with request.site.reading() as connection:
        position = _position(connection, request, query.since)
        if position.anew:
            return Response(feed_reader.BEGIN_AGAIN, media_type="application/json")
        declarations = request.site.declarations
        reader = feed_reader.FeedReader(
            connection, declarations, position, tell_removed=True, only_removed=True
        )
        page = reader.page(query.most)
        last = page.last
        if page.exhausted:
            # Rows that were added are left out here, so at the end the token passes them too.
            newest = max(last.seq, feed_reader.newest_in(connection, position.channels))
            last = feed_position.Token(newest, last.rights, last.epoch)
    rows = [{"id": row.id, "seq": row.seq} for row in page.rows]
    return _json(request, {"results": rows, "last_seq": str(last), "more": not page.exhausted})


def _json(request: SyncRequest, answer: dict[str, Any]) -> Response:
    return as_json(orjson.dumps(answer), request.http)


def _buckets(text: str | None) -> set[int]:
    if text is None:
        return set()
    numbers = {int(part) for part in text.split(",") if part.isascii() and part.isdigit()}
    if not numbers or len(numbers) > MOST_BUCKETS or max(numbers) >= checksums.BUCKETS:
        raise Trouble("bad_parameter", "bucket must be some numbers of buckets")
    return numbers


def _position(connection: sa.Connection, request: SyncRequest, since: str) -> FeedPosition:
    reference = request.site.reference()
    try:
        position, _ = feed_reader.position_of(
            connection,
            since,
            request.rights.channels,
            request.id,
            epoch_of(request),
            lambda digest: feed_reader.held_by(reference, request.id, digest),
            sliced=False,
        )
    except feed_position.BadToken:
        raise Trouble("bad_parameter", "Malformed sequence supplied in 'since'") from None
    return position


def _is_behind(connection: sa.Connection, position: FeedPosition) -> bool:
    """Say whether changes are still to come to the device: until then its rows may well differ."""
    token = position.token
    if position.anew or token.before or token.phase is not None:
        return True
    return feed_reader.newest_in(connection, position.channels) > token.seq


def _visible(
    connection: sa.Connection, channels: frozenset[str], person: str
) -> list[tuple[str, str]]:
    """Return (id, rev) of every record in some channels, from the index of the change log.

    Without those that are hidden from the person.
    """
    marks = ", ".join("?" * len(channels)) or "null"
    statement = (
        "select r.id, r.rev, r.hides from (select distinct record from changes"  # noqa: S608
        f" where channel in ({marks}) and removed = 0) as x join records as r on r.id = x.record"
    )
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    rows: Any = connection.exec_driver_sql(statement, tuple(channels))
    return [(row[0], row[1]) for row in rows if not is_hidden(row[2], person)]
