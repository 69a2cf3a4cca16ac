"""Client of one database in a CouchDB cluster; the only module that uses `ibmcloudant`.

It is imported when a client is made. What goes wrong is a ClusterTrouble whose kind says what to
do: wait, ask a person, or leave one document behind.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

CONNECTS_WITHIN = 10  # s
ANSWERS_WITHIN = 60  # s
FAST = 3  # zlib's level: half the time of the usual one for a tenth more bytes
HISTORY = 50  # sessions in a checkpoint; E2.3: as many as CouchDB's replicator keeps
SMALLEST_BATCH = 65_536  # bytes, however often the cluster says 413

Doc = dict[str, Any]

# Kinds of trouble by HTTP status; any other is `away` or `bad_document`.
KINDS = {401: "locked_out", 403: "not_allowed", 404: "no_database", 413: "too_large"}
# Kinds that are about a document, not about the cluster.
DOCUMENT = ("too_large", "bad_document")


class ClusterTrouble(Exception):
    """The cluster did not do what was asked; `kind` says why.

    Kinds: away (no network, a cluster that is busy or broken: wait), locked_out (name or password
    are wrong: never try them again), locked_for_now (too many wrong guesses by somebody),
    not_allowed, no_database, taken_over (another server writes there), no_client (ibmcloudant is
    not installed), too_large, bad_document. `wait` is the Retry-After of the cluster, in s.
    """

    def __init__(self, kind: str, reason: str, wait: float | None = None) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind, self.reason, self.wait = kind, reason, wait


class Failure(NamedTuple):
    """A document that the cluster refused."""

    id: str
    error: str
    reason: str


class Changes(NamedTuple):
    """One page of the feed; `pending` is the number of changes after it, 0 when unknown."""

    rows: list[Doc]
    last_seq: str
    pending: int


@dataclass(frozen=True)
class Account:
    """A cluster's address and credentials; without a name it is used without signing in."""

    url: str
    name: str = ""
    password: str = field(default="", repr=False)


class Cluster:
    """One database; methods raise ClusterTrouble. Not for several threads at once."""

    def __init__(self, account: Account, database: str, batch_bytes: int = 1_000_000) -> None:
        try:
            from ibm_cloud_sdk_core import ApiException
            from ibm_cloud_sdk_core.authenticators import NoAuthAuthenticator
            from ibmcloudant import CouchDbSessionAuthenticator
            from ibmcloudant.cloudant_v1 import CloudantV1
        except ModuleNotFoundError:
            raise ClusterTrouble("no_client", "install floorwalk[link]") from None
        self.database = database
        self.batch_bytes = batch_bytes
        self._said_no: type[Exception] = ApiException
        self._session = (
            CouchDbSessionAuthenticator(account.name, account.password) if account.name else None
        )
        self._client: Any = CloudantV1(authenticator=self._session or NoAuthAuthenticator())
        self._client.set_service_url(account.url.rstrip("/"))
        self._client.set_http_config({"timeout": (CONNECTS_WITHIN, ANSWERS_WITHIN)})
        self._client.get_http_client().hooks["response"].append(_stop_when_refused)

    def of(self, database: str) -> Cluster:
        """Return another database of the cluster, through the same session."""
        other = copy.copy(self)
        other.database = database
        return other

    def close(self) -> None:
        """Close the connections."""
        self._client.get_http_client().close()

    # Databases

    def names(self) -> list[str]:
        """Return the names of the databases that the account may list."""
        names: list[str] = self._ask(self._client.get_all_dbs)
        return names

    def info(self) -> Doc:
        """Return CouchDB's information about the database."""
        info: Doc = self._ask(self._client.get_database_information, self.database)
        return info

    def create(self) -> None:
        """Create the database, for accounts that may."""
        self._ask(self._client.put_database, self.database)

    # Reading

    def changes(self, since: str, limit: int) -> Changes:
        """Return up to `limit` changes after `since`: ids and revisions, no documents."""
        answer = self._ask(self._client.post_changes, self.database, since=since, limit=limit)
        return Changes(answer["results"], str(answer["last_seq"]), answer.get("pending") or 0)

    def revisions(self, ids: Sequence[str]) -> dict[str, str]:
        """Return {id: winning revision} of those documents that exist."""
        answer = self._ask(self._client.post_all_docs, self.database, keys=list(ids))
        return {
            row["id"]: row["value"]["rev"]
            for row in answer["rows"]
            if "error" not in row and not row["value"].get("deleted")
        }

    def documents(self, ids: Sequence[str], *, revs: bool = False) -> dict[str, Doc]:
        """Return {id: document}, with `_revisions` if asked."""
        wanted = [{"id": identifier} for identifier in ids]
        answer = self._ask(self._client.post_bulk_get, self.database, wanted, revs=revs)
        documents = (
            entry["ok"] for row in answer["results"] for entry in row["docs"] if "ok" in entry
        )
        return {doc["_id"]: doc for doc in documents if not doc.get("_deleted")}

    def page(self, after: str, before: str, limit: int, *, docs: bool) -> list[Doc]:
        """Return documents between two ids in order, or only `{"_id"}` of each."""
        answer = self._ask(
            self._client.post_all_docs,
            self.database,
            start_key=after,
            end_key=before,
            limit=limit,
            include_docs=docs,
        )
        return [row["doc"] if docs else {"_id": row["id"]} for row in answer["rows"]]

    def attachment(self, identifier: str, name: str) -> bytes:
        """Return the bytes of a photo or recording."""
        answer = self._ask(self._client.get_attachment, self.database, identifier, name)
        content: bytes = answer if isinstance(answer, bytes) else answer.content
        return content

    # Writing

    def send(self, docs: Sequence[tuple[str, bytes]]) -> list[Failure]:
        """Write documents given as (id, JSON with `_rev` and `_revisions`); return the refused
        ones.

        They go in batches of `batch_bytes`. One that is refused as a whole is halved, down to the
        single document that is to blame, so that it harms no other.
        """
        failures: list[Failure] = []
        start = 0
        while start < len(docs):
            end, size = start + 1, len(docs[start][1])
            while end < len(docs) and size + len(docs[end][1]) <= self.batch_bytes:
                size += len(docs[end][1])
                end += 1
            failures += self._send(docs[start:end])
            start = end
        return failures

    def _send(self, docs: Sequence[tuple[str, bytes]]) -> list[Failure]:
        body = b'{"new_edits":false,"docs":[' + b",".join(doc for _, doc in docs) + b"]}"
        try:
            rows = self._ask(
                self._client.post_bulk_docs,
                self.database,
                gzip.compress(body, FAST),
                headers={"Content-Encoding": "gzip"},
            )
        except ClusterTrouble as trouble:
            if trouble.kind not in DOCUMENT:
                raise
            if len(docs) == 1:
                return [Failure(docs[0][0], trouble.kind, trouble.reason)]
            if trouble.kind == "too_large":
                self.batch_bytes = max(len(body) // 2, SMALLEST_BATCH)
            half = len(docs) // 2
            return self._send(docs[:half]) + self._send(docs[half:])
        return [
            Failure(str(row.get("id")), row["error"], str(row.get("reason", "")))
            for row in rows or ()
            if "error" in row
        ]

    # Local documents, which are not replicated

    def local(self, name: str) -> Doc | None:
        """Return a `_local` document, or None."""
        try:
            answer = self._ask(self._client.get_local_document, self.database, name)
        except ClusterTrouble as trouble:
            if trouble.kind != "no_database" or "no_db_file" in trouble.reason:
                raise
            return None
        document: Doc = answer if isinstance(answer, dict) else json.loads(answer.content)
        return document  # pouchdb-server calls it text

    def put_local(self, name: str, doc: Doc) -> None:
        """Write a `_local` document; the last writer wins."""
        current = self.local(name)
        if current is not None and "_rev" in current:
            doc = {**doc, "_rev": current["_rev"]}
        self._ask(self._client.put_local_document, self.database, name, doc)

    # Asking

    def _ask(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a request; a session that expired is renewed once, a wrong password never tried
        twice.
        """
        for renewed in (False, True):
            try:
                return method(*args, **kwargs).get_result()
            except SignInRefused as refused:
                self._begin_anew()
                raise _trouble(refused.response.status_code, refused.response) from None
            except self._said_no as error:
                if error.status_code == 401 and self._session and not renewed:  # type: ignore[attr-defined]
                    self._begin_anew()
                    continue
                if error.status_code == 401 and renewed:  # type: ignore[attr-defined]
                    # Signing in has just succeeded, so the 401 is about the database.
                    why = f"401 {_reason(error.http_response)}"  # type: ignore[attr-defined]
                    raise ClusterTrouble("not_allowed", why) from None
                raise _trouble(error.status_code, error.http_response) from None  # type: ignore[attr-defined]
            except StopIteration:
                self._begin_anew()
                raise ClusterTrouble("away", "signing in was answered without a cookie") from None
            except OSError as error:
                raise ClusterTrouble("away", _short(error)) from None
        raise AssertionError

    def _begin_anew(self) -> None:
        """Forget the session: the next request signs in, at once."""
        if self._session:
            self._session.token_manager.expire_time = 0
            self._session.token_manager.request_time = 0


class SignInRefused(Exception):
    """The cluster did not take the name and password, or could not look; `response` says why."""

    def __init__(self, response: Any) -> None:
        super().__init__(response.status_code)
        self.response = response


def _stop_when_refused(response: Any, *_: Any, **__: Any) -> None:
    # CouchDB sends an empty cookie with its no. The client would keep that and ask all the same,
    # which counts as another guess of the password.
    if response.url.endswith("/_session") and response.status_code >= 400:
        response.content  # noqa: B018  read to its end, so that the connection can be used again
        raise SignInRefused(response)


def _trouble(status: int, response: Any) -> ClusterTrouble:
    """Return the trouble that a status and an answer mean."""
    reason = _reason(response)
    headers = getattr(response, "headers", {})
    wait = headers.get("Retry-After", "")
    kind = KINDS.get(status, "away")
    if status == 403 and "locked" in reason:
        kind = "locked_for_now"
    if 400 <= status < 500 and kind == "away" and status not in (408, 425, 429):
        kind = "bad_document"
    return ClusterTrouble(kind, f"{status} {reason}", float(wait) if wait.isdigit() else None)


def _reason(response: Any) -> str:
    try:
        error = json.loads(response.content)
        return f"{error['error']}: {error.get('reason', '')}"[:200]
    except (AttributeError, KeyError, TypeError, ValueError):
        return getattr(response, "reason", None) or "no answer that could be understood"


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


# Checkpoints


def replication_id(*parts: str) -> str:
    """Return the id of the checkpoint between two databases."""
    digest = hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False)
    return "floorwalk-" + digest.hexdigest()


def agreed(one: Doc | None, other: Doc | None) -> str:
    """Return the seq up to which both sides agree to have come; "0" when they do not agree.

    A side that was restored from a backup, or lost, knows less: the newest session that both have
    decides, and of its two entries the earlier. What came after is replicated again.
    """
    if one is None or other is None:
        return "0"
    theirs = {entry["session_id"]: entry for entry in other["history"]}
    for entry in one["history"]:
        if entry["session_id"] in theirs:
            both = (entry, theirs[entry["session_id"]])
            return str(min(both, key=lambda session: int(session["saves"]))["recorded_seq"])
    return "0"


class Checkpoint:
    """The progress of one direction, written to both sides, the target first.

    A crash in between then repeats work, and never skips any.
    """

    def __init__(
        self,
        name: str,
        source: tuple[Callable[[str], Doc | None], Callable[[str, Doc], None]],
        target: tuple[Callable[[str], Doc | None], Callable[[str, Doc], None]],
        at: int,
    ) -> None:
        self.name = name
        self._writers = (target[1], source[1])
        stored = (source[0](name), target[0](name))
        self.since = agreed(*stored)
        self._history = [] if self.since == "0" else list((stored[1] or {})["history"])
        self._session = secrets.token_hex(16)
        self._saves = 0
        self._started_at = at

    def save(self, since: str, at: int, **counts: int) -> None:
        """Store that everything up to `since` has arrived; `counts` are of this session."""
        self._saves += 1
        entry = {
            "session_id": self._session,
            "saves": self._saves,
            "recorded_seq": since,
            "start_time": self._started_at,
            "end_time": at,
            **counts,
        }
        doc: Doc = {
            "replicator": "floorwalk",
            "version": 1,
            "session_id": self._session,
            "source_last_seq": since,
            "history": [entry, *self._history][:HISTORY],
        }
        for write in self._writers:
            write(self.name, dict(doc))
        self.since = since


def batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Yield lists of at most `size` items."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
