"""CouchDB's replication protocol without HTTP: parses requests and builds answers, in plain values.

Comments name the evidence that a line answers to: E1 what PouchDB 9 sends, E2 what CouchDB's own
replicator does (E2.9 its ninth step), E3 what IBM's client does, E4 the model of revisions, E5
answers that servers easily get wrong; each was seen in traffic or asked of a CouchDB 3.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync import selector_input

MOST_ROWS = 1_000  # of one page, whatever limit a client asks for
USUAL_WAIT = 60_000  # ms that a long poll is held without `timeout`; CouchDB's own
LONGEST_WAIT = 60_000  # ms, of `timeout` and of `heartbeat`
SHORTEST_BEAT = 1_000  # ms between two heartbeats
REV = re.compile(r"^[1-9][0-9]{0,8}-[0-9a-f]{1,64}$")
ANY_REV = re.compile(
    r"^[0-9]{1,9}-.{1,200}$", re.DOTALL
)  # E4: also of a peer with its own kind of hash

FEEDS = ("normal", "longpoll", "continuous")
STYLES = ("main_only", "all_docs")
FILTERS = ("", "_doc_ids", "_selector", "_design")
# Parameters that clients send and that change nothing here: there are no conflicts to show,
# and nothing is encoded.
IGNORED = {"conflicts", "att_encoding_info", "_nonce", "feed_id", "batch_size"}
KNOWN = IGNORED | {
    *("feed", "since", "limit", "include_docs", "heartbeat", "timeout", "style", "seq_interval"),
    *("descending", "last-event-id", "attachments", "filter", "doc_ids", "slice", "removed"),
}


class BadQuery(ValueError):
    """A parameter that is not understood; CouchDB answers 400 query_parse_error."""

    code = "bad_parameter"


class BadDocument(BadQuery):
    """A malformed body, revision or JSON parameter; CouchDB answers 400 bad_request."""

    code = "bad_request"


@dataclass(frozen=True)
class Query:
    """The parsed parameters of `_changes`; heartbeat and timeout in ms."""

    since: str = "0"
    feed: str = "normal"
    limit: int | None = None
    include_docs: bool = False
    heartbeat: int | None = None  # ms
    timeout: int = USUAL_WAIT
    seq_interval: int = 1
    sliced: bool = False
    removed: bool = False
    filter: str = ""
    doc_ids: frozenset[str] | None = None
    selector: Mapping[str, Any] | None = None

    @property
    def most(self) -> int:
        """How many rows a page may have."""
        return MOST_ROWS if self.limit is None else min(self.limit, MOST_ROWS)


def query(parameters: Mapping[str, str]) -> Query:
    """Return the parsed parameters of `_changes`; raises BadQuery."""
    unknown = [name for name in parameters if name not in KNOWN]
    if unknown:  # `view` would otherwise be ignored, which nobody would notice
        raise BadQuery(f"Unknown parameter: {unknown[0]}")
    feed = _one_of(parameters, "feed", FEEDS)
    _one_of(parameters, "style", STYLES)
    if flag(parameters, "descending"):
        raise BadQuery("descending is not offered")
    if flag(parameters, "attachments") and flag(parameters, "include_docs"):
        raise BadQuery("attachments are not offered in a feed; ask for the documents")
    limit = _number(parameters, "limit", least=-1)  # E5: -1 is no limit
    heartbeat = None
    if parameters.get("heartbeat") == "true":
        heartbeat = USUAL_WAIT
    elif parameters.get("heartbeat", "false") != "false":
        heartbeat = min(max(_beat(parameters), SHORTEST_BEAT), LONGEST_WAIT)
    wait = _number(parameters, "timeout", least=0)
    return Query(
        since=parameters.get("since", parameters.get("last-event-id", "0")) or "0",
        feed=feed,
        limit=None if limit == -1 else limit,
        include_docs=flag(parameters, "include_docs"),
        heartbeat=heartbeat,
        timeout=LONGEST_WAIT if wait is None else min(wait, LONGEST_WAIT),
        seq_interval=_number(parameters, "seq_interval", least=1) or 1,
        sliced=parameters.get("slice") == "now",
        removed=flag(parameters, "removed"),
        filter=_one_of(parameters, "filter", FILTERS),
        doc_ids=_ids(parameters["doc_ids"]) if "doc_ids" in parameters else None,
    )


def filtered(asked: Query, body: Any) -> Query:
    """E1, E2.4: return the query with its filter from the body; raises BadQuery."""
    members = body if isinstance(body, dict) else {}
    if asked.filter == "_doc_ids":
        ids = (
            _strings(members.get("doc_ids"), "doc_ids") if asked.doc_ids is None else asked.doc_ids
        )
        return replace(asked, doc_ids=frozenset(ids))
    if asked.filter == "_selector":
        if not isinstance(members.get("selector"), dict):
            raise BadDocument("Selector error: expected a JSON object")
        try:
            return replace(asked, doc_ids=None, selector=selector_input.plain(members["selector"]))
        except ValueError as error:
            raise BadDocument(str(error)) from None
    # There are no design documents.
    return replace(asked, doc_ids=frozenset() if asked.filter == "_design" else None)


def _ids(text: str) -> frozenset[str]:
    return frozenset(_strings(_json(text, "doc_ids"), "doc_ids"))


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadDocument(f"invalid UTF-8 JSON in {name}") from None


def _strings(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadDocument(f"{name} must be a list of strings")
    return value


def _one_of(parameters: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = parameters.get(name, choices[0])
    if value not in choices:
        raise BadQuery(f"{name} must be one of {', '.join(choices)}")
    return value


def flag(parameters: Mapping[str, str], name: str) -> bool:
    """Return a parameter that is true or false, false by default; raises BadQuery."""
    value = parameters.get(name, "false")
    if value not in ("true", "false"):
        raise BadQuery(f"{name} must be true or false")
    return value == "true"


def _number(parameters: Mapping[str, str], name: str, *, least: int) -> int | None:
    value = parameters.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,15}", value) or int(value) < least:
        raise BadQuery(f"{name} must be a whole number from {least} on")
    return int(value)


def _beat(parameters: Mapping[str, str]) -> int:
    try:
        return _number(parameters, "heartbeat", least=1) or 0
    except BadQuery as error:  # E5: CouchDB sees this later than the rest
        raise BadDocument(str(error)) from None


# Revisions


def hashes(history: bytes) -> list[str]:
    """Return the hex hashes of a record's revisions, newest first, from 16 bytes each."""
    return [history[at : at + 16].hex() for at in range(0, len(history), 16)]


def revisions(gen: int, history: bytes) -> dict[str, Any]:
    """Return the `_revisions` member of a document."""
    return {"start": gen, "ids": hashes(history)}


def knows(rev: str, gen: int, history: bytes) -> bool:
    """Say whether a revision is in a record's history."""
    number, _, digest = rev.partition("-")
    if not REV.match(rev) or not 1 <= int(number) <= gen:
        return False
    ours = hashes(history)
    behind = gen - int(number)
    return behind < len(ours) and ours[behind] == digest


def checked(rev: str) -> str:
    """Return a revision; raises BadDocument for a malformed one."""
    if not ANY_REV.match(rev):
        raise BadDocument("Invalid rev format")
    return rev


def generation(rev: str) -> int:
    """Return the number of a revision that `checked` has accepted."""
    return int(rev.partition("-")[0])


def lacking(revs: Sequence[str], held: Iterable[str], leaf: str | None) -> dict[str, Any] | None:
    """E2.5: return the row of `_revs_diff` for a document, None when nothing is missing.

    E4: `leaf` is a possible ancestor of a missing revision that is newer.
    """
    here = set(held)
    missing = [checked(rev) for rev in revs if rev not in here]
    if not missing:
        return None
    if leaf is not None and generation(leaf) < max(map(generation, missing)):
        return {"missing": missing, "possible_ancestors": [leaf]}
    return {"missing": missing}


def wanted_revs(body: Any) -> dict[str, list[str]]:
    """Return {id: revisions} of a `_revs_diff` body; raises BadDocument."""
    if not isinstance(body, dict):
        raise BadDocument("an object of lists of revisions is expected")
    for revs in body.values():
        if not isinstance(revs, list) or not all(isinstance(rev, str) for rev in revs):
            raise BadDocument("an object of lists of revisions is expected")
    return body


@dataclass(frozen=True)
class Wanted:
    """One of the documents that `_bulk_get` asks for."""

    id: str | None
    rev: str | None
    atts_since: tuple[str, ...] = ()
    problem: str = ""  # why the request for it is malformed


def wanted_docs(body: Any) -> list[Wanted]:
    """E2.6: return the documents that a `_bulk_get` body asks for, in order; raises BadDocument."""
    docs = body.get("docs") if isinstance(body, dict) else None
    if not isinstance(docs, list):
        raise BadDocument("Missing JSON list of 'docs'.")
    return [_wanted(doc) for doc in docs]


def _wanted(doc: Any) -> Wanted:
    if not isinstance(doc, dict):
        return Wanted(None, None, problem="document must be a JSON object")
    name, rev, since = doc.get("id"), doc.get("rev"), doc.get("atts_since") or []
    if not isinstance(name, str):
        return Wanted(None, None, problem="document id missed")
    rev = rev if isinstance(rev, str) and rev else None
    problem = "" if rev is None or ANY_REV.match(rev) else "Invalid rev format"
    return Wanted(name, rev, tuple(_strings(since, "atts_since")), problem)


def pushed_docs(body: Any) -> tuple[list[Any], bool]:
    """Return the documents of `_bulk_docs`, and `new_edits`; raises BadDocument."""
    docs = body.get("docs") if isinstance(body, dict) else None
    if not isinstance(docs, list):
        raise BadDocument("POST body must include `docs` parameter.")
    new_edits = body.get("new_edits", True)
    if not isinstance(new_edits, bool):
        raise BadDocument("new_edits must be true or false")
    return docs, new_edits


def refused(wanted: Wanted) -> dict[str, Any]:
    """Return the row of `_bulk_get` for a document that is not there or may not be seen."""
    error, reason = ("bad_request", wanted.problem) if wanted.problem else ("not_found", "missing")
    rev = None if wanted.id is None else wanted.rev or "undefined"
    return {"id": wanted.id, "rev": rev, "error": error, "reason": reason}


def database_info(name: str, count: int, update_seq: str, life: str) -> dict[str, Any]:
    """E2.2: update_seq and instance_start_time, which stays over restarts (E2.9)."""
    return {
        "db_name": name,
        "doc_count": count,
        "doc_del_count": 0,
        "update_seq": update_seq,
        "purge_seq": 0,
        "compact_running": False,
        "disk_format_version": 8,
        "instance_start_time": life,
        "sizes": {"file": 0, "external": 0, "active": 0},
        "props": {},
        "cluster": {"q": 1, "n": 1, "w": 1, "r": 1},
    }


def life(epoch: str) -> str:
    """E2.9: return `instance_start_time`, as digits, of an epoch. Only a restore changes it.

    A replicator that had pushed to the database before then fails its checkpoint and starts again
    from what both sides remember: what the restore lost is pushed again.
    """
    return str(int.from_bytes(epoch.encode()[:6], "big"))


def welcome(uuid: str, version: str) -> dict[str, Any]:
    """E1: the uuid is part of a replication's id; a new one makes every client start again."""
    return {
        "couchdb": "Welcome",
        "version": "3.5.0",
        "uuid": uuid,
        "features": [],
        "vendor": {"name": "Floorwalk", "version": version},
    }


def local_revision(previous: str | None) -> str:
    """E5: `_local` documents have no conflicts; a stale revision is incremented all the same."""
    number = (previous or "0-0").rpartition("-")[2]
    return f"0-{int(number) + 1 if number.isdigit() and len(number) < 10 else 1}"


def changes_head() -> bytes:
    """Return the beginning of a `_changes` answer."""
    return b'{"results":[\n'


def changes_row(
    seq: str | None, identifier: str, rev: str, body: bytes | None, *, doc: bool
) -> bytes:
    """Return a row of `_changes`. Ids, revisions and tokens have nothing that JSON would escape.

    A `removed` row is our own: the device forgets the record, nothing was deleted.
    """
    shown = f'"{seq}"' if seq is not None else "null"  # E1: null is legal with seq_interval
    head = f'{{"seq":{shown},"id":"{identifier}"'.encode()
    if body is None:
        return head + b',"changes":[],"removed":true}'
    changes = f',"changes":[{{"rev":"{rev}"}}]'.encode()
    return head + changes + (b',"doc":' + body + b"}" if doc else b"}")


def changes_tail(last: str, pending: int) -> bytes:
    """Return the end of a `_changes` answer."""
    return f'\n],\n"last_seq":"{last}","pending":{pending}}}\n'.encode()


def changes_end(last: str, pending: int) -> bytes:
    """E2.4: return the last line of a continuous feed that was quiet for its timeout."""
    return f'{{"last_seq":"{last}","pending":{pending}}}\n'.encode()
