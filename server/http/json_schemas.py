"""JSON schemas of the interface: of acts and records from the declarations, the rest by hand."""

from __future__ import annotations

from typing import Any

from sync import protocol
from sync.check_act import CHOICES

Json = dict[str, Any]

ABOUT = (
    "Acts are handed in with `POST /sync/{site}/_bulk_docs` and read with `_changes`, as with any "
    "CouchDB database. Every change is an act; a record is what its acts add up to. Moments are "
    "milliseconds since 1970-01-01 UTC. A problem is `{error, reason, code, say}`, where `say` is "
    "a sentence for the person, in their language."
)

TEXT: Json = {"type": "string"}
MOMENT: Json = {"type": "integer", "description": "ms since 1970-01-01 UTC"}
OBJECT: Json = {"type": "object"}
COUNT: Json = {"type": "integer"}
HASHES: Json = {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}


def of_keys(value: Json) -> Json:
    """Return the schema of a map that is kept key by key; null empties a key in an act."""
    keys = {"pattern": "^[a-z][a-z0-9_.-]{0,59}$"}
    return {"type": "object", "propertyNames": keys, "additionalProperties": value}


KINDS: dict[str, Json] = {
    "text": TEXT,
    "phone": {"type": "string", "pattern": "^[0-9+ -]{3,20}$"},
    "choice": TEXT,
    "choices": {"type": "array", "items": TEXT},
    "number": {"type": "integer"},
    "flag": {"type": "boolean"},
    "moment": MOMENT,
    "link": {"type": "string", "description": "the id of a record, such as place:lobby-1"},
    "blobs": HASHES,
    "voice": HASHES,
    "signature": {
        "type": "object",
        "required": ["strokes", "of"],
        "properties": {
            "strokes": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            "of": {"type": "string", "description": "SHA-256 of the text that was signed"},
        },
    },
    "names": {"type": "array", "items": TEXT},
    "people": {"type": "array", "items": TEXT},
    "days": {"type": "array", "items": {"type": "integer"}},
    "day": {"type": "integer", "description": "days since 1970-01-01"},
    "hour": {"type": "integer", "minimum": 0, "maximum": 1_440, "description": "min of the day"},
    "money": {"type": "integer", "description": "fen"},
    "rating": {"type": "integer", "minimum": 1, "maximum": 5},
    "ticks": of_keys(TEXT),
    "grid": of_keys(TEXT),
    "counts": of_keys({"type": "integer"}),
    "entries": of_keys(TEXT),
}
PROBLEM: Json = {
    "description": "What went wrong, and what to do",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PARAMETERS = {
    "site": "the site's name, such as demo",
    "id": "the id of a record or a document",
    "name": "the name of an attachment, as a document's `_attachments` has it",
    "sha256": "the hash of the file",
    "section": "waiting, visits or complaints",
    "kind": "a kind of record that has no section of its own",
    "verb": "the second half of an act's name, such as responded",
    "key": "the key of a setting, such as waiting.water_after",
}
CHANGES_QUERY: list[Json] = [
    {"name": name, "in": "query", "schema": kind}
    for name, kind in {
        "since": TEXT,
        "limit": {"type": "integer"},
        "include_docs": {"type": "boolean"},
        "feed": {"enum": list(protocol.FEEDS)},
        "style": {"enum": list(protocol.STYLES)},
        "heartbeat": {"type": "integer", "description": "ms; a line feed so often, and no end"},
        "timeout": {"type": "integer", "description": "ms of silence after which it ends"},
        "seq_interval": {"type": "integer", "description": "a `seq` in every so many rows only"},
        "filter": {
            "enum": [name for name in protocol.FILTERS if name],
            "description": "by `doc_ids` or by a `selector`, which are posted",
        },
        "slice": {"enum": ["now"], "description": "reference data and what is open first"},
        "removed": {"type": "boolean", "description": "also list what may no longer be seen"},
    }.items()
]
HAND_WRITTEN: Json = {
    "Anything": {},
    "Ok": {"type": "object", "properties": {"ok": {"const": True}}},
    "Parts": {
        "type": "object",
        "properties": {
            "ok": {"type": "boolean"},
            "offset": {"type": "integer", "description": "bytes that are here: go on from there"},
            "whole": {"type": "boolean"},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["error", "reason"],
        "properties": {"error": TEXT, "reason": TEXT, "code": TEXT, "say": TEXT},
    },
    "Health": {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}, "site": TEXT, "now": MOMENT},
    },
    "Welcome": {
        "type": "object",
        "properties": {"couchdb": TEXT, "version": TEXT, "uuid": TEXT, "vendor": OBJECT},
    },
    "Database": {
        "type": "object",
        "properties": {"db_name": TEXT, "update_seq": TEXT, "instance_start_time": TEXT},
    },
    "Credentials": {
        "type": "object",
        "required": ["name", "password"],
        "properties": {"name": TEXT, "password": TEXT},
    },
    "Session": {
        "type": "object",
        "properties": {
            "ok": {"type": "boolean"},
            "userCtx": OBJECT,
            "person": {"$ref": "#/components/schemas/Record"},
            "site": TEXT,
            "now": MOMENT,
            "seal": OBJECT,
        },
    },
    "HandedIn": {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}, "taken": COUNT, "refused": COUNT},
    },
    "Changes": {
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "seq": TEXT,
                        "id": TEXT,
                        "changes": {"type": "array", "items": OBJECT},
                        "doc": {"$ref": "#/components/schemas/Record"},
                        "removed": {"type": "boolean"},
                    },
                },
            },
            "last_seq": TEXT,
            "pending": {"type": "integer"},
        },
    },
    "List": {
        "type": "object",
        "properties": {
            "total_rows": {"type": "integer"},
            "offset": {"type": ["integer", "null"]},
            "rows": {"type": "array", "items": OBJECT},
        },
    },
    "Push": {
        "type": "object",
        "required": ["docs"],
        "properties": {
            "docs": {"type": "array", "items": {"$ref": "#/components/schemas/Act"}},
            "new_edits": {"const": False},
        },
    },
    "Verdicts": {
        "type": "array",
        "description": "only what was not taken in, when new_edits is false",
        "items": {
            "type": "object",
            "properties": {"id": TEXT, "error": TEXT, "reason": TEXT, "say": TEXT},
        },
    },
}
STEP: Json = {
    "type": "object",
    "properties": {"rung": {"type": "integer"}, "at": MOMENT, "due_at": MOMENT, "late_by": MOMENT},
}
RECORD: Json = {
    "type": "object",
    "required": ["_id", "_rev", "type", "state", "acts"],
    "properties": {
        "_id": TEXT,
        "_rev": TEXT,
        "type": TEXT,
        "state": TEXT,
        "place": TEXT,
        "owner": TEXT,
        "title": TEXT,
        "opened_at": MOMENT,
        "due_at": MOMENT,
        "rungs": {"additionalProperties": {"type": "array", "items": STEP}},
        "unsettled": {"type": "array", "items": OBJECT},
        "setters": OBJECT,
        "acts": OBJECT,
        "_attachments": OBJECT,
    },
    "additionalProperties": True,
}


def parameter(name: str) -> Json:
    """Return the OpenAPI description of a path parameter."""
    about = PARAMETERS.get(name, "the rest of the address")
    return {"name": name, "in": "path", "required": True, "schema": TEXT, "description": about}


def all_schemas(declarations: dict[str, Any]) -> Json:
    """Return {name: schema} of everything: written by hand, and of declared acts and records."""
    acts: Json = {}
    for name, act in declarations["acts"].items():
        acts[f"act.{name}"] = _act(declarations, name, _data(declarations, name, act))
    for kind in declarations["records"]:
        # Acts of the engine exist for every kind, though no declaration lists them.
        for verb, data in _engine_acts().items():
            acts[f"act.{kind}.{verb}"] = _act(declarations, f"{kind}.{verb}", data)
    records = {
        f"record.{kind}": _record(declared) for kind, declared in declarations["records"].items()
    }
    one_of = [{"$ref": f"#/components/schemas/{name}"} for name in acts]
    kinds = [{"$ref": f"#/components/schemas/{name}"} for name in records]
    together = {
        "Act": {"oneOf": one_of, "discriminator": {"propertyName": "act"}},
        "Record": {"anyOf": kinds},
    }
    return {**HAND_WRITTEN, **together, **records, **acts}


def _act(declarations: dict[str, Any], name: str, data: Json) -> Json:
    kind = name.partition(".")[0]
    return {
        "type": "object",
        "required": ["_id", "act", "record", "at", "by", "device", "site", "v", "seen", "data"],
        "additionalProperties": False,
        "properties": {
            "_id": {"type": "string", "pattern": "^act:[0-7][0-9A-HJKMNP-TV-Z]{25}$"},
            "_rev": TEXT,
            "_revisions": OBJECT,
            "act": {"const": name},
            "record": {"type": "string", "pattern": f"^{kind}:"},
            "at": MOMENT,
            "by": {"type": "string", "description": "the person's id"},
            "device": TEXT,
            "site": TEXT,
            "v": {"type": "integer", "minimum": 1},
            "seen": {"type": ["string", "null"]},
            "over": {"type": "object", "description": "the answers it replaces, by field, as seen"},
            "data": data,
            "text": TEXT,
        },
    }


def _data(declarations: dict[str, Any], name: str, act: dict[str, Any]) -> Json:
    fields = {
        field["name"]: field for field in declarations["records"][name.partition(".")[0]]["fields"]
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(act["needs"]),
        "properties": {
            asked: field_schema(fields[asked]) for asked in (*act["asks"], *act["rests_on"])
        },
        "description": f"{act['label']}; said by {', '.join(act['who'])}",
    }


def _engine_acts() -> dict[str, Json]:
    def made(required: list[str], **properties: Json) -> Json:
        return {
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": False,
        }

    number = {"type": "integer"}
    names, numbers = ({"type": "array", "items": one} for one in (TEXT, number))
    return {
        "undone": made(["undoes"], undoes=TEXT, reason=TEXT),
        "decided": made(
            ["about", "choice"], about=TEXT, choice={"enum": list(CHOICES["decided"])}, reason=TEXT
        ),
        "edited": made(["field", "new"], field=TEXT, old={}, new={}, reason=TEXT),
        "rung_reached": made(
            ["ladder", "rung", "due_at"],
            ladder=TEXT,
            rung=number,
            due_at=MOMENT,
            late_by=number,
            told=names,
            skipped=numbers,
            unfilled=names,
            passed={"type": "boolean"},
        ),
        "rung_annulled": made(["ladder", "rung"], ladder=TEXT, rung=number, act=TEXT),
        "filled": {"type": "object", "description": "fields that were to be copied from a link"},
        "merged": made(["into"], into=TEXT, reason=TEXT),
    }


def _record(declared: dict[str, Any]) -> Json:
    fields = {field["name"]: field_schema(field) for field in declared["fields"]}
    return {**RECORD, "properties": {**RECORD["properties"], **fields}, "title": declared["label"]}


def field_schema(field: dict[str, Any]) -> Json:
    """Return the JSON schema of a declared field's values."""
    schema = {**KINDS[field["kind"]], "title": field["label"]}
    if field["kind"] == "choice":
        schema["enum"] = [value for value, _ in field["choices"]]
    if field["kind"] == "choices":
        schema["items"] = {"enum": [value for value, _ in field["choices"]]}
    if field["kind"] in ("text", "number"):
        length = field["kind"] == "text"
        for name, limit in (("min", field["min"]), ("max", field["max"])):
            if limit is not None:
                schema[f"{name}Length" if length else f"{name}imum"] = limit
    return schema
