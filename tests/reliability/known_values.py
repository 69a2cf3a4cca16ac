"""Names and values that a hospital knows, put in the place of what was made up for a request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa

import sync
from server.acts.site import Site
from server.database.tables import acts, records
from sync.act import ulid

MOST = 400  # records and acts that are looked at
ODD = (
    "", " ", "0", "-1", "7", "9" * 30, "1e9", "NaN", "true", "null", "[]", "{}", '["1-a"]', "\x00",
    "\U0001f600", "%", "'", '"', "<b>", "../..",
    "2026-11-25", "2026-13-45", "2026-11-25T09:00", "0000-00-00", "99999-01-01T00:00", "24:61",
    "x" * 5_000, "李", "_all", "all", "1-" + "a" * 32, "0-0", "\u202e", "²", "١", "1,2", "a:b:c",
)  # fmt: skip
# What pages, feeds and reads of documents ask of an address besides what is described.
QUERY = (
    "q", "page", "before", "view", "state", "stage", "place", "needs", "priority", "post", "here",
    "look", "add", "do", "edit", "about", "wall", "current", "language", "target", "set", "rev",
    "open_revs", "revs", "revs_info", "meta", "latest", "attachments", "atts_since", "conflicts",
    "since", "limit", "skip", "descending", "include_docs", "startkey", "endkey", "key", "keys",
    "start_key", "end_key", "inclusive_end", "update_seq", "style", "feed", "timeout", "heartbeat",
    "filter", "doc_ids", "selector", "slice", "removed", "bucket", "buckets", "offset", "size",
    "seq_interval", "sort", "columns", "column", "after", "period", "time", "row", "table",
)  # fmt: skip
FORM = (
    "act_id", "seen", "step", "field", "new", "old", "words", "undoes", "choice", "reason", "erase",
    "notice", "visit", "record", "key", "about", "read_at", "login", "password", "target", "value",
    "act", "open", "row", "format", "reveal", "query", "table", "name", "remove", "do",
)  # fmt: skip
FORMS = "application/x-www-form-urlencoded"
BROKEN = (
    b"", b"{", b'{"docs":[', b"nul", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 5_000, b"NaN", b"\x00",
)  # fmt: skip
FILES = ("image/jpeg", "image/png", "audio/webm", "audio/mp4", "video/mp4")
HEADS = (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"\x1aE\xdf\xa3", b"\0\0\0\x18ftypmp42")


@dataclass(frozen=True)
class Known:
    """What there is: ids of records and acts, and by kind the verbs and the fields."""

    site: str
    records: list[str]
    acts: dict[str, Any]
    values: list[Any]
    declared: dict[str, Any]
    now: int

    def fit(self, case: Any, luck: Random) -> Any:
        """Exchange names of a case for known ones, most of the time."""
        kind = self._path(case, luck)
        if luck.random() < 0.4:
            made = {self._of(QUERY, luck): self.value(luck) for _ in range(luck.randrange(1, 4))}
            case.query = {**(case.query or {}), **made}
        if case.media_type == FORMS and luck.random() < 0.8:
            case.body = self._form(kind, luck)
        elif case.media_type == "application/json":
            case.body = self._json(case, luck)
        elif case.media_type == "application/octet-stream" and luck.random() < 0.8:
            case.body = luck.choice(HEADS) + luck.randbytes(luck.randrange(200))
            case.headers = {"Content-Type": luck.choice(FILES)}
            if luck.random() < 0.7:
                case.path_parameters["sha256"] = hashlib.sha256(case.body).hexdigest()
        return case

    def _json(self, case: Any, luck: Random) -> Any:
        """Return a body: as it was made, with other leaves, of acts that there are, or no JSON."""
        chance = luck.random()
        if chance < 0.08:
            return luck.choice(BROKEN)
        if chance < 0.35 and case.operation.path.endswith(("_bulk_docs", "{id}", "{name}")):
            docs = [self._act(luck) for _ in range(luck.randrange(1, 4))]
            whole = {"docs": docs, "new_edits": False}
            return whole if case.operation.path.endswith("_bulk_docs") else docs[0]
        return self._mixed(case.body, luck, 0.3) if chance < 0.7 else case.body

    def _act(self, luck: Random) -> Any:
        """Return an act that there is, as if it were another, with some leaves exchanged."""
        act = dict(self.acts[self._of(self.acts, luck)])
        if luck.random() < 0.8:
            act["_id"] = "act:" + ulid(self.now, luck.getrandbits(80))
        return self._mixed(act, luck, 0.06)

    def value(self, luck: Random) -> str:
        """Return a text that is known somewhere, or odd everywhere."""
        pool = luck.choice((ODD, self.values, self.records, list(self.acts)))
        value = luck.choice(pool or ODD)
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def _of(self, pool: Any, luck: Random) -> Any:
        return luck.choice(list(pool))

    def _path(self, case: Any, luck: Random) -> str:
        record = self._of(self.records, luck)
        kind, _, rest = record.partition(":")
        declared = self.declared["records"].get(kind) or {"section": "", "acts": []}
        below_sync = case.operation.path.startswith("/sync")
        known = {
            "site": self.site,
            "kind": kind,
            "section": declared["section"] or self._of(("waiting", "visits", "people"), luck),
            "id": luck.choice((record, self._of(self.acts, luck))) if below_sync else rest,
            "verb": self._of([act["name"] for act in declared["acts"]] or ["changed"], luck),
            "key": self._of(self.declared["settings"], luck),
            "sha256": f"{luck.getrandbits(256):064x}",
            "name": self.value(luck),
        }
        if case.operation.path.startswith("/office/people"):
            known["id"] = self._of(("chen", "zhao"), luck)
        for name in case.path_parameters or {}:
            if name in known and luck.random() < 0.85:
                case.path_parameters[name] = quote(known[name], safe="")
        return kind

    def _form(self, kind: str, luck: Random) -> dict[str, Any]:
        """Return a form: what belongs into the fields of a kind, and here and there something else.

        The names that pages of records send besides come as they would be sent.
        """
        fields = {f["name"]: f for f in self.declared["records"].get(kind, {}).get("fields", ())}
        form: dict[str, Any] = {
            "act_id": "act:" + ulid(self.now, luck.getrandbits(80)),
            "field": self._of([name for name in fields if fields[name]["editable"]] or FORM, luck),
            "undoes": self._of(self.acts, luck),
            "words": "等了一个小时",
        }
        for name in luck.sample(sorted(fields), min(len(fields), luck.randrange(12))):
            form[name] = self._fitting(fields[name], luck)
        for name in luck.sample(FORM, luck.randrange(5)):
            form[name] = self.value(luck)
        if luck.random() < 0.5:
            form[self._of(form, luck)] = luck.choice((self.value(luck), [self.value(luck)] * 3))
        return form

    def _fitting(self, field: dict[str, Any], luck: Random) -> Any:
        fits: dict[str, Any] = {
            "choice": [value for value, _ in field["choices"]],
            "choices": [[value] for value, _ in field["choices"]],
            "link": self.records,
            "number": ("1", "3", "20"),
            "flag": ("yes", "no"),
            "phone": ("13800138000",),
            "moment": ("2026-11-25T09:30", "2026-11-26T08:00"),
            "text": ("李", "等了很久", "x"),
        }
        return self._of(fits.get(field["kind"]) or ODD, luck)

    def _mixed(self, body: Any, luck: Random, share: float) -> Any:
        """Return a body with so many of its leaves exchanged."""
        if luck.random() < share / 3 or not isinstance(body, dict | list):
            other = luck.choice((self.value(luck), luck.choice(self.values), None, -1, [], {}))
            return other if luck.random() < share else body
        if isinstance(body, dict):
            return {name: self._mixed(value, luck, share) for name, value in body.items()}
        return [self._mixed(value, luck, share) for value in body]


def known_to(site: Site, *, without: tuple[str, ...]) -> Known:
    """Return what a site knows now; nothing is sent to the pages of records `without`."""
    with site.reading() as connection:
        bodies = connection.execute(sa.select(records.c.body).limit(MOST)).scalars().all()
        said = connection.execute(sa.select(acts.c.body).limit(MOST)).scalars().all()
    found = [orjson.loads(body) for body in bodies]
    return Known(
        site.config.name,
        sorted({record["_id"] for record in found} - set(without)),
        {act["_id"]: act for act in map(orjson.loads, said)},
        [value for record in found for value in record.values()],
        sync.declarations(),
        site.now(),
    )
