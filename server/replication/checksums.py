"""What a device should hold: sums to compare, the revisions of a bucket, and ids to drop.

`_manifest?since=<token>` answers for a device that has come to the newest change that its person
sees; before that there is nothing to compare (`behind`). Ten letters do as long as all is well; 256
sums say where something is wrong, and the ids and revisions of that bucket what.
`_removed?since=<token>` is for programs whose `_changes` cannot say that something was taken back.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from server.http.problems import Trouble
from server.replication import feed_reader
from server.replication.couch_database import epoch_of
from server.replication.sync_request import SyncRequest, as_json
from sync import checksums, feed, protocol
from sync.feed import FeedPosition

log = logging.getLogger("floorwalk.manifest")

ASKED = {"since", "buckets", "bucket"}
MOST_BUCKETS = 64  # whoever has more wrong than that begins again


def compare(call: SyncRequest) -> Response:
    """GET _manifest"""
    given = call.request.query_params
    unknown = [name for name in given if name not in ASKED]
    if unknown:
        raise Trouble("bad_parameter", f"Unknown parameter: {unknown[0]}")
    wanted = _buckets(given.get("bucket"))
    with call.site.reading() as connection:
        place = _place(connection, call, given.get("since", "0"))
        if _is_behind(connection, place):
            return JSONResponse({"behind": True})
        rows = _visible(connection, place.channels)
    if wanted:
        revs = {name: rev for name, rev in rows if checksums.bucket_of(name) in wanted}
        return _json(call, {"revs": revs})
    sums = checksums.sums(rows)
    said: dict[str, Any] = {
        "count": len(rows),
        "sum": checksums.written(sum(sums) % checksums.WHOLE),
    }
    if given.get("buckets") == "true":
        log.warning("a tablet holds other rows", extra={"device": call.device})
        said["buckets"] = [checksums.written(one) for one in sums]
    return _json(call, said)


def removed(call: SyncRequest) -> Response:
    """GET _removed: rows of ids that the person sees no more, after `since`; at most `limit`."""
    try:
        given = dict(call.request.query_params)
        query = protocol.query({name: given[name] for name in given if name != "removed"})
    except protocol.BadQuery as error:
        raise Trouble(error.code, str(error)) from None
    with call.site.reading() as connection:
        place = _place(connection, call, query.since)
        if place.anew:
            return Response(feed_reader.BEGIN_AGAIN, media_type="application/json")
        declarations = call.site.declarations
        source = feed_reader.FeedReader(
            connection, declarations, place, tell_removed=True, only_removed=True
        )
        page = source.page(query.most)
        last = page.last
        if page.exhausted:
            newest = max(last.seq, feed_reader.newest_in(connection, place.channels))
            last = feed.Token(newest, last.rights, last.epoch)
    rows = [{"id": row.id, "seq": row.seq} for row in page.offers]
    return _json(call, {"results": rows, "last_seq": str(last), "more": not page.exhausted})


def _json(call: SyncRequest, said: dict[str, Any]) -> Response:
    return as_json(orjson.dumps(said), call.request)


def _buckets(text: str | None) -> set[int]:
    if text is None:
        return set()
    numbers = {int(part) for part in text.split(",") if part.isascii() and part.isdigit()}
    if not numbers or len(numbers) > MOST_BUCKETS or max(numbers) >= checksums.BUCKETS:
        raise Trouble("bad_parameter", "bucket must be some numbers of buckets")
    return numbers


def _place(connection: sa.Connection, call: SyncRequest, since: str) -> FeedPosition:
    reference = call.site.reference()
    try:
        place, _ = feed_reader.position_of(
            connection,
            since,
            call.rights.channels,
            call.id,
            epoch_of(call),
            lambda digest: feed_reader.held_by(reference, call.id, digest),
            sliced=False,
        )
    except feed.BadToken:
        raise Trouble("bad_parameter", "Malformed sequence supplied in 'since'") from None
    return place


def _is_behind(connection: sa.Connection, place: FeedPosition) -> bool:
    """Say whether the device has yet to hear of something: then it may well hold other rows."""
    token = place.token
    if place.anew or token.before or token.phase is not None:
        return True
    return feed_reader.newest_in(connection, place.channels) > token.seq


def _visible(connection: sa.Connection, channels: frozenset[str]) -> list[tuple[str, str]]:
    """Return (id, rev) of every record in some channels, from the index of the log."""
    marks = ", ".join("?" * len(channels)) or "null"
    statement = (
        "select r.id, r.rev from (select distinct record from changes"  # noqa: S608
        f" where channel in ({marks}) and removed = 0) as x join records as r on r.id = x.record"
    )
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    rows: Any = connection.exec_driver_sql(statement, tuple(channels))
    return [(row[0], row[1]) for row in rows]
