"""Parses what CouchDB's clients ask of a document or of `_all_docs`, in plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync import protocol
from sync.protocol import BadDocument, BadQuery

MOST_QUERIES = 50  # in one request
ALL = "all"


@dataclass(frozen=True)
class Asked:
    """The parameters of `GET /db/id`: E1"""

    rev: str | None = None
    open_revs: tuple[str, ...] | str | None = None  # "all", or a list
    latest: bool = False
    revs: bool = False
    revs_info: bool = False
    attachments: bool = False
    atts_since: tuple[str, ...] = ()


def asked(parameters: Mapping[str, str]) -> Asked:
    """Return the parsed parameters of `GET /db/id`; raises BadQuery. Unknown ones are ignored."""
    rev = parameters.get("rev") or None
    meta = protocol.flag(parameters, "meta")
    return Asked(
        rev=None if rev is None else protocol.checked(rev),
        open_revs=_open_revs(parameters.get("open_revs")),
        latest=protocol.flag(parameters, "latest"),
        revs=protocol.flag(parameters, "revs"),
        revs_info=protocol.flag(parameters, "revs_info") or meta,
        attachments=protocol.flag(parameters, "attachments"),
        atts_since=_revs(parameters.get("atts_since"), "atts_since"),
    )


def _open_revs(text: str | None) -> tuple[str, ...] | str | None:
    return text if text in (None, ALL) else _revs(text, "open_revs")


def _revs(text: str | None, name: str) -> tuple[str, ...]:
    """Return a JSON list of revisions, each once, in order."""
    if text is None:
        return ()
    value = _value(text, name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadDocument("Invalid rev format")
    return tuple(dict.fromkeys(map(protocol.checked, value)))


def revs_info(gen: int, history: bytes) -> list[dict[str, str]]:
    """Return `_revs_info`: only the newest revision has a body."""
    return [
        {"rev": f"{gen - behind}-{digest}", "status": "missing" if behind else "available"}
        for behind, digest in enumerate(protocol.hashes(history))
    ]


def known_to(revs: Iterable[str], gen: int, history: bytes) -> int:
    """E2.7: return the generation of the newest of a reader's revisions that is ours, or 0.

    Newer attachments are sent, older ones are stubs.
    """
    ours = [protocol.generation(rev) for rev in revs if protocol.knows(rev, gen, history)]
    return max(ours, default=0)


class BadRange(ValueError):
    """A range that begins behind the end of the attachment; CouchDB answers 416."""


def span(header: str | None, length: int) -> tuple[int, int] | None:
    """E5: return (first, last) byte of a Range header, or None for all bytes.

    Several ranges at once, and what is no range, get the whole. Raises BadRange.
    """
    range_ = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", (header or "").replace(" ", ""))
    if range_ is None or not (range_[1] or range_[2]):
        return None
    if not range_[1]:
        first, last = max(length - int(range_[2]), 0), length - 1
    else:
        first, last = int(range_[1]), min(int(range_[2] or length - 1), length - 1)
    if first >= length or (range_[2] and range_[1] and int(range_[2]) < first):
        raise BadRange(header)
    return first, last


# Lists of documents


@dataclass(frozen=True)
class Listing:
    """The parameters of `_all_docs`: E3, E5"""

    keys: tuple[Any, ...] | None = None
    start: str = ""
    end: str | None = None
    inclusive_end: bool = True
    descending: bool = False
    include_docs: bool = False
    limit: int | None = None
    skip: int = 0


NAMES = {
    "startkey": ("startkey", "start_key", "startkey_docid", "start_key_doc_id"),
    "endkey": ("endkey", "end_key", "endkey_docid", "end_key_doc_id"),
}


def listing(query: Mapping[str, str], body: Any = None) -> Listing:
    """Return the parsed parameters of `_all_docs`, of its address and body; raises BadQuery.

    A body's values are JSON; in an address keys are JSON, and other values are words.
    """
    parameters: dict[str, Any] = {name: _word(name, text) for name, text in query.items()}
    if body is not None:
        if not isinstance(body, dict):
            raise BadDocument("Request body must be a JSON object")
        parameters.update(body)
    if parameters.get("attachments") is True and parameters.get("include_docs") is True:
        raise BadQuery("attachments are not offered in a list; ask for the documents")
    descending = _true(parameters, "descending")
    start, end = _key(parameters, "startkey"), _key(parameters, "endkey")
    if "key" in parameters:
        start = end = _text(parameters["key"], "key")
    if descending:
        start, end = end, start
    return Listing(
        keys=_keys(parameters.get("keys")),
        start=start or "",
        end=end,
        inclusive_end=parameters.get("inclusive_end", True) is not False,
        descending=descending,
        include_docs=_true(parameters, "include_docs"),
        limit=_count(parameters.get("limit"), "limit"),
        skip=_count(parameters.get("skip"), "skip") or 0,
    )


def queries(body: Any) -> list[Listing]:
    """Return the parsed queries of `_all_docs/queries`; raises BadQuery."""
    asked_queries = body.get("queries") if isinstance(body, dict) else None
    if not isinstance(asked_queries, list) or len(asked_queries) > MOST_QUERIES:
        raise BadDocument(f"queries must be a list of at most {MOST_QUERIES} objects")
    return [listing({}, each if each is not None else {}) for each in asked_queries]


def _word(name: str, text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if name in ("limit", "skip"):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text
    if name.endswith(("key", "keys")):
        return _value(text, name)
    return text


def _key(parameters: Mapping[str, Any], name: str) -> str | None:
    values = [parameters[each] for each in NAMES[name] if parameters.get(each) is not None]
    return _text(values[0], name) if values else None


def _keys(value: Any) -> tuple[Any, ...] | None:
    if value is not None and not isinstance(value, list):
        raise BadDocument("`keys` body member must be an array.")
    return None if value is None else tuple(value)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise BadQuery(f"{name} must be a string")
    return value


def _true(parameters: Mapping[str, Any], name: str) -> bool:
    value = parameters.get(name, False)
    if not isinstance(value, bool):
        raise BadQuery(f"{name} must be true or false")
    return value


def _count(value: Any, name: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadQuery(f"{name} must be a whole number from 0 on")
    return value


def _value(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadDocument(f"invalid UTF-8 JSON in {name}") from None
