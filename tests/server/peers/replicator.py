"""CouchDB 3's replicator as a script: its requests in its order, and every check it stops at.

Every `assert` is a place where CouchDB's own job crashes, fails, or silently falls back to a slower
way; the numbers are those of E2 in sync/protocol.py's first lines.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

Doc = dict[str, Any]
Pulled = list[tuple[Doc, dict[str, bytes]]]


class Unauthorized(Exception):
    """The job is dead: replication_auth_error."""


@dataclass
class Target:
    """A database in memory that takes what is pulled: documents with their histories and files."""

    docs: dict[str, Doc] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    locals: dict[str, Doc] = field(default_factory=dict)

    def missing(self, rows: list[Doc]) -> list[tuple[str, str, list[str]]]:
        """Return (id, rev, possible ancestors) of what the feed names and is not here."""
        found = []
        for row in rows:
            have = self.docs.get(row["id"])
            history = revs_of(have) if have else []
            for change in row["changes"]:
                if change["rev"] not in history:
                    found.append((row["id"], change["rev"], history[:1]))
        return found

    def store(self, doc: Doc, files: dict[str, bytes]) -> None:
        """Write as new_edits=false does; E2.8: a stub must be known, or it is a missing_stub."""
        name = doc["_id"]
        before = self.docs.get(name, {}).get("_attachments", {})
        for attached, stub in doc.get("_attachments", {}).items():
            if stub.get("follows"):
                digest = hashlib.md5(files[attached], usedforsecurity=False).digest()
                assert stub["digest"] == "md5-" + b64(digest), "md5_mismatch"
                assert stub["length"] == len(files[attached])
                self.files[name, attached] = files[attached]
            else:
                assert stub["stub"] is True and attached in before, f"missing_stub {attached}"
                assert stub["digest"] == before[attached]["digest"]
            assert stub["revpos"] <= generation(doc["_rev"])
        self.docs[name] = doc


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def generation(rev: str) -> int:
    return int(rev.partition("-")[0])


def revs_of(doc: Doc) -> list[str]:
    """Return a document's revisions, the newest first."""
    start, ids = doc["_revisions"]["start"], doc["_revisions"]["ids"]
    return [f"{start - n}-{digest}" for n, digest in enumerate(ids)]


class Replicator:
    """One job between a server of ours and something in memory. `url` has name and password."""

    def __init__(self, url: str) -> None:
        split = urlsplit(url)
        self.root = f"{split.scheme}://{split.hostname}:{split.port}"
        self.url = self.root + split.path
        self.account = (split.username, split.password)
        self.http = httpx.Client(timeout=30, trust_env=False)
        self.http.headers["user-agent"] = "CouchDB-Replicator/3.5.0"
        self.headers: dict[str, str] = {}
        self.signed_in_by = ""
        self.max_age = 0
        self.fetched_singly: list[str] = []
        self.start_time = ""

    def close(self) -> None:
        self.http.close()

    def ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        said["headers"] = {**self.headers, **said.get("headers", {})}
        self.http.cookies.clear()  # it sends the one cookie it read by itself
        url = f"{self.url}/{path}" if path else self.url
        return self.http.request(method, url, **said)

    # E2.1

    def sign_in(self) -> None:
        """POST /_session at the root of the server, wherever the database is below it."""
        if self.account[0] is None:
            return
        form = {"name": self.account[0], "password": self.account[1]}
        answer = self.http.post(f"{self.root}/_session", data=form)
        asks_for_basic = answer.status_code == 401 and "www-authenticate" in answer.headers
        asks_for_basic = answer.status_code == 401 and "www-authenticate" in answer.headers
        if answer.status_code == 404 or asks_for_basic:
            self._basic()
        elif answer.status_code != 200:
            raise Unauthorized(f"{answer.status_code} {answer.text}")
        else:
            cookies = answer.headers.get_list("set-cookie")
            mine = [line for line in cookies if line.startswith("AuthSession=")]
            assert mine, "cookie_not_found"
            parts = [part.strip().partition("=") for part in mine[0].split(";")]
            ages = [value for name, _, value in parts if name.lower() == "max-age"]
            self.max_age = int(ages[0]) if ages else 0
            self.headers = {"Cookie": f"AuthSession={parts[0][2]}"}
            self.signed_in_by = "cookie"

    def _basic(self) -> None:
        said = base64.b64encode(":".join(map(str, self.account)).encode()).decode()
        self.headers = {"Authorization": f"Basic {said}"}
        self.signed_in_by = "basic"

    # E2.2, E2.3

    def open(self) -> Doc:
        """GET the database: both members, or db_not_found."""
        answer = self.ask("GET", "")
        if answer.status_code == 401:
            raise Unauthorized(answer.text)
        assert answer.status_code == 200, "db_not_found"
        info: Doc = answer.json()
        assert info.get("update_seq") is not None and info.get("instance_start_time") is not None
        self.start_time = info["instance_start_time"]
        return info

    def checkpoint(self, target: Target, name: str) -> Any:
        """Return the seq that both sides remember of the same session, or 0."""
        for older in ("v3", "v2", "v1"):
            answer = self.ask("GET", f"_local/{older}{quote(name, safe='')}")
            assert answer.status_code == 404 and answer.json()["error"] == "not_found"
        answer = self.ask("GET", f"_local/{quote(name, safe='')}")
        there = answer.json() if answer.status_code == 200 else {}
        here = target.locals.get(name, {})
        if there and there.get("session_id") == here.get("session_id"):
            return here["source_last_seq"]
        return 0

    def keep(self, target: Target, name: str, seq: Any, counts: dict[str, int]) -> None:
        """E2.9: commit, compare the start times, then write the checkpoint on both sides."""
        said = {"Content-Type": "application/json"}
        answer = self.ask("POST", "_ensure_full_commit", headers=said)
        assert answer.status_code == 201
        changed = answer.json()["instance_start_time"] != self.start_time
        assert not changed, "instance_start_time on source database has changed"
        path = f"_local/{quote(name, safe='')}"
        found = self.ask("GET", path)
        before = found.json() if found.status_code == 200 else {}
        session = secrets.token_hex(16)
        entry = {"session_id": session, "start_last_seq": seq, "end_last_seq": seq}
        entry |= {"recorded_seq": seq, "start_time": "x" * 29, "end_time": "x" * 29, **counts}
        doc = {"_id": f"_local/{name}", "session_id": session, "source_last_seq": seq}
        doc |= {"replication_id_version": 4, "history": [entry, *before.get("history", [])][:50]}
        if before:
            doc["_rev"] = before["_rev"]
        answer = self.ask("PUT", path, json=doc)
        assert answer.status_code == 201 and answer.json()["rev"]
        target.locals[name] = doc

    # E2.4

    def rows(self, since: Any, filtered: dict[str, Any] | None = None) -> tuple[list[Doc], str]:
        """Read the whole feed in one answer, without a limit, as a job that runs once does."""
        asked = {"feed": "normal", "style": "all_docs", "since": seq(since), "timeout": "10000"}
        if filtered is None:
            answer = self.ask("GET", "_changes", params=asked)
        else:
            asked["filter"] = "_doc_ids" if "doc_ids" in filtered else "_selector"
            answer = self.ask("POST", "_changes", params=asked, json=filtered)
        assert answer.status_code == 200, "changes_req_failed"
        said = answer.json()
        assert "last_seq" in said
        return said["results"], said["last_seq"]

    def follow(self, since: Any, timeout: int = 300) -> tuple[list[Doc], Doc]:
        """Read a continuous feed until it is quiet; its last line is not a row."""
        asked = {"feed": "continuous", "style": "all_docs", "since": seq(since)}
        asked["timeout"] = str(timeout)
        rows: list[Doc] = []
        with self.http.stream(
            "GET", f"{self.url}/_changes", params=asked, headers=self.headers
        ) as answer:
            assert answer.status_code == 200, "changes_req_failed"
            for line in answer.iter_lines():
                if line.strip():
                    rows.append(json.loads(line))
        assert rows and set(rows[-1]) == {"last_seq", "pending"}, "it must end, and cleanly"
        return rows[:-1], rows[-1]

    def pending(self, since: Any) -> int:
        asked = {"since": seq(since), "limit": "0"}
        said = self.ask("GET", "_changes", params=asked).json()
        assert said["results"] == [] and isinstance(said["pending"], int)
        return int(said["pending"])

    # E2.6, E2.7

    def pull(
        self, target: Target, name: str = "job+continuous", filtered: dict[str, Any] | None = None
    ) -> dict[str, int]:
        """Run one job to its end; return what it counted."""
        self.sign_in()
        self.open()
        since = self.checkpoint(target, name)
        rows, last = self.rows(since, filtered)
        missing = target.missing(rows)
        counts = {"docs_read": 0, "docs_written": 0, "missing_found": len(missing)}
        for start in range(0, len(missing), 100):
            for doc, files in self._fetch(missing[start : start + 100]):
                counts["docs_read"] += 1
                target.store(doc, files)
                counts["docs_written"] += 1
        assert self.pending(last) == 0
        if rows:
            self.keep(target, name, last, counts)
        return counts

    def _fetch(
        self, wanted: list[tuple[str, str, list[str]]]
    ) -> list[tuple[Doc, dict[str, bytes]]]:
        wanted = sorted(wanted)
        docs = [{"id": name, "rev": rev, "atts_since": since} for name, rev, since in wanted]
        asked = {"latest": "true", "revs": "true", "attachments": "false"}
        answer = self.ask(
            "POST",
            "_bulk_get",
            params=asked,
            json={"docs": docs, **{key: value == "true" for key, value in asked.items()}},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200, "it would fall back to one GET for each document"
        said = answer.json()
        assert list(said) == ["results"], "bulk_get_failed, invalid_results"
        assert len(said["results"]) == len(wanted)
        found: Pulled = []
        for (name, rev, since), result in zip(wanted, said["results"], strict=True):
            assert result["id"] == name and len(result["docs"]) == 1, "unexpected_bulk_get_response"
            doc = result["docs"][0].get("ok")
            assert doc is not None, f"bulk_get error {result['docs'][0]}"
            if doc.get("_attachments") or name.startswith("_design/"):
                self.fetched_singly.append(name)
                found += self._fetch_one(name, rev, since)
            else:
                found.append((doc, {}))
        for doc, _ in found:
            assert f"{doc['_revisions']['start']}-{doc['_revisions']['ids'][0]}" == doc["_rev"]
        return found

    def _fetch_one(self, name: str, rev: str, since: list[str]) -> Pulled:
        asked = {"revs": "true", "open_revs": json.dumps([rev]), "latest": "true"}
        if since:
            asked["atts_since"] = json.dumps(since)
        answer = self.ask(
            "GET", quote(name, safe=""), params=asked, headers={"Accept": "multipart/mixed"}
        )
        assert answer.status_code == 200
        kind = answer.headers["content-type"]
        assert kind.startswith("multipart/mixed; boundary="), "JSON here crashes the worker"
        found: Pulled = []
        for headers, body in parts(answer.content, kind):
            kind = headers["content-type"]
            if kind == 'application/json; error="true"':
                assert "missing" in json.loads(body)
            elif kind == "application/json":
                found.append((json.loads(body), {}))
            else:
                assert kind.startswith("multipart/related; boundary=")
                found.append(related(body, kind))
        return found

    # E2.5, E2.8

    def push(self, docs: list[Doc], name: str = "push") -> dict[str, Any]:
        """Push documents as a job does; return what it counted and who was refused."""
        self.sign_in()
        self.open()
        asked = {doc["_id"]: [doc["_rev"]] for doc in docs}
        answer = self.ask("POST", "_revs_diff", json=asked)
        assert answer.status_code == 200, "revs_diff_failed"
        wanted = answer.json()
        for missing in wanted.values():
            assert missing["missing"] and all("-" in rev for rev in missing["missing"])
        batch = [doc for doc in docs if doc["_id"] in wanted]
        plain = [doc for doc in batch if "_attachments" not in doc]
        failed: list[Doc] = self._flush(plain) if plain else []
        for doc in batch:
            if "_attachments" in doc:
                failed += self._put(doc)
        answer = self.ask(
            "POST", "_ensure_full_commit", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 201
        assert answer.json()["instance_start_time"] == self.start_time
        return {"written": len(batch) - len(failed), "failed": failed}

    def _flush(self, docs: list[Doc]) -> list[Doc]:
        body = {"new_edits": False, "docs": docs}
        answer = self.ask("POST", "_bulk_docs", json=body, headers={"X-Couch-Full-Commit": "false"})
        if answer.status_code == 413 and len(docs) > 1:
            half = len(docs) // 2
            return self._flush(docs[:half]) + self._flush(docs[half:])
        if answer.status_code == 413:
            return [{"id": docs[0]["_id"], "error": "too_large"}]
        assert answer.status_code in (201, 417), "bulk_docs_failed kills the job"
        rows: list[Doc] = answer.json()
        for row in rows:
            assert {"id", "error", "reason"} <= set(row)
        return rows

    def _put(self, doc: Doc) -> list[Doc]:
        boundary = secrets.token_hex(16)
        body = f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{json.dumps(doc)}"
        for attached in doc["_attachments"]:
            body += f'\r\n--{boundary}\r\nContent-Disposition: attachment; filename="{attached}"'
            body += "\r\nContent-Type: image/jpeg\r\nContent-Length: 1\r\n\r\nx"
        body += f"\r\n--{boundary}--"
        kind = f'multipart/related; boundary="{boundary}"'
        path = f"{quote(doc['_id'], safe='')}?new_edits=false"
        answer = self.ask("PUT", path, content=body.encode(), headers={"Content-Type": kind})
        if answer.status_code in (401, 403, 413, 415):
            return [{"id": doc["_id"], **answer.json()}]
        assert answer.status_code == 201, "anything else crashes the worker"
        return []


def seq(since: Any) -> str:
    return since if isinstance(since, str) else json.dumps(since)


# MIME, as couch_httpd:parse_multipart_request reads it


def parts(body: bytes, kind: str) -> list[tuple[dict[str, str], bytes]]:
    """Return the headers and bodies of a multipart message; asserts its frame to the byte."""
    boundary = b"--" + kind.partition("boundary=")[2].strip('"').encode()
    assert body.startswith(boundary + b"\r\n") and body.rstrip().endswith(boundary + b"--")
    found = []
    rest = body[len(boundary) :]
    while not rest.startswith(b"--"):
        assert rest.startswith(b"\r\n")
        head, mark, rest = rest[2:].partition(b"\r\n\r\n")
        assert mark
        inner, mark, rest = rest.partition(b"\r\n" + boundary)
        assert mark, "a part that does not end"
        lines = [line.partition(":") for line in head.decode().split("\r\n")]
        found.append(({name.lower(): value.strip() for name, _, value in lines}, inner))
    return found


def related(body: bytes, kind: str) -> tuple[Doc, dict[str, bytes]]:
    """Return a document and the files that follow it, which must be in the order it says."""
    (headers, first), *rest = parts(body, kind)
    assert headers["content-type"] == "application/json"
    doc: Doc = json.loads(first)
    follow = [name for name, stub in doc["_attachments"].items() if stub.get("follows")]
    assert len(follow) == len(rest)
    files = {}
    for name, (said, data) in zip(follow, rest, strict=True):
        assert said["content-disposition"] == f'attachment; filename="{name}"'
        assert said["content-type"] == doc["_attachments"][name]["content_type"]
        assert int(said["content-length"]) == len(data)
        files[name] = data
    return doc, files
