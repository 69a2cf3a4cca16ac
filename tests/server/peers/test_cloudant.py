"""IBM's client for CouchDB reads a site, follows its changes and hands in acts."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from ibm_cloud_sdk_core import ApiException
from ibmcloudant import CouchDbSessionAuthenticator
from ibmcloudant.cloudant_v1 import (
    AllDocsQuery,
    BulkDocs,
    BulkGetQueryDocument,
    CloudantV1,
    Document,
)
from ibmcloudant.features.changes_follower import ChangesFollower

from server.acts.site import Site
from sync import protocol
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.feed import sits_down
from tests.server.peers.conftest import photo
from tests.server.served import Served

DB = "demo"
PATIENCE = 20.0  # s


@pytest.fixture
def client(address: Callable[[str], str]) -> Callable[[str], CloudantV1]:
    """Return clients that sign in by name and password."""

    def of(name: str) -> CloudantV1:
        split = urlsplit(address(name))
        service = CloudantV1(authenticator=CouchDbSessionAuthenticator(name, "floorwalk"))
        service.get_http_client().trust_env = False
        service.set_service_url(f"http://{split.hostname}:{split.port}/sync")
        return service

    return of


def said(answer: Any) -> Any:
    return answer.get_result()


Client = Callable[[str], CloudantV1]


def test_it_reads_what_lin_sees(client: Client, cast: Cast, site: Site) -> None:
    here, elsewhere = sits_down(cast.chen), sits_down(cast.chen, "place:lobby-2")
    lin = client("lin")
    assert said(lin.get_up_information())["status"] == "ok"
    assert said(lin.get_server_information())["couchdb"] == "Welcome"
    assert said(lin.get_all_dbs()) == [DB]
    assert said(lin.get_session_information())["userCtx"]["name"] == "lin"
    assert lin.head_database(DB).get_status_code() == 200
    info = said(lin.get_database_information(DB))
    rows = said(lin.post_all_docs(DB, include_docs=True))
    names = [row["id"] for row in rows["rows"]]
    assert names == sorted(names) and here in names and elsewhere not in names
    assert rows["total_rows"] == info["doc_count"] == len(names)
    keys = [here, elsewhere, "nobody", here]
    rows = said(lin.post_all_docs(DB, keys=keys))["rows"]
    assert [row["key"] for row in rows] == keys
    assert [row.get("error") for row in rows] == [None, "not_found", "not_found", None]
    some = [AllDocsQuery(keys=[here]), AllDocsQuery(start_key="waiting:", limit=1)]
    lists = said(lin.post_all_docs_queries(DB, some))["results"]
    assert [[row["id"] for row in each["rows"]] for each in lists] == [[here], [here]]

    rev = database_rows.one(site, here)["_rev"]
    assert said(lin.get_document(DB, here, revs=True))["_revisions"]["start"] == 1
    head = lin.head_document(DB, here).get_headers()
    assert head["etag"] == f'"{rev}"'
    found = said(lin.post_bulk_get(DB, [BulkGetQueryDocument(id=here, rev=rev)], revs=True))
    assert found["results"][0]["docs"][0]["ok"]["_rev"] == rev
    with pytest.raises(ApiException) as refused:
        lin.get_document(DB, elsewhere)
    assert (refused.value.status_code, refused.value.message) == (404, "not_found: missing")
    with pytest.raises(ApiException) as refused:
        lin.get_database_information("other")
    assert refused.value.status_code == 404


def test_it_hands_in_acts_and_keeps_checkpoints(client: Client, cast: Cast, site: Site) -> None:
    lin = client("lin")
    good = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
    bad = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
    docs = [Document.from_dict({**act, "_rev": "1-abc"}) for act in (good, bad)]
    rows = said(lin.post_bulk_docs(DB, BulkDocs(docs=docs, new_edits=False)))
    assert [(row["id"], row["error"]) for row in rows] == [(bad["_id"], "forbidden")]
    one = cast.lin.says("waiting.water_given", good["record"])
    assert said(lin.put_document(DB, one["_id"], Document.from_dict(one)))["ok"]
    assert database_rows.one(site, good["record"])["water_by"] == "person:lin"
    revs = {good["_id"]: ["1-abc", "2-abc"], "act:nobody": ["1-a"]}
    missing = said(lin.post_revs_diff(DB, revs))
    assert missing == {good["_id"]: {"missing": ["2-abc"]}, "act:nobody": {"missing": ["1-a"]}}
    checkpoint = Document.from_dict({"last_seq": "7"})
    assert said(lin.put_local_document(DB, "a/b+c", checkpoint))["rev"] == "0-1"
    assert said(lin.get_local_document(DB, "a/b+c"))["last_seq"] == "7"
    assert said(lin.delete_local_document(DB, "a/b+c"))["ok"]


def test_it_reads_what_is_attached(client: Client, served: Served, cast: Cast) -> None:
    body = photo()
    name = hashlib.sha256(body).hexdigest()
    kind = {"content-type": "image/jpeg"}
    served.client("chen").put(f"/sync/demo/_blob/{name}", content=body, headers=kind)
    record = cast.chen.new("complaint")
    about = {"place": "place:lobby-1", "words": WORDS, "photos": [name]}
    assert cast.chen.does("complaint.taken", record, **about).good
    lin = client("lin")
    doc = said(lin.get_document(DB, record))
    (attached, stub), *_ = doc["_attachments"].items()
    assert (stub["length"], stub["content_type"]) == (len(body), "image/jpeg")
    assert said(lin.get_attachment(DB, record, attached)).content == body
    head = lin.head_attachment(DB, record, attached).get_headers()
    assert head["etag"] == '"' + stub["digest"].removeprefix("md5-") + '"'
    assert int(head["content-length"]) == len(body)
    inline = said(lin.get_document(DB, record, attachments=True))["_attachments"][attached]
    assert set(inline) == {"content_type", "revpos", "digest", "data"}
    both = said(lin.get_document_as_related(DB, record, attachments=True))
    assert both.headers["content-type"].startswith("multipart/related") and body in both.content


def test_it_follows_the_changes(
    client: Client, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST_ROWS", 5)  # it asks for 10,000 at a time
    before = [sits_down(cast.lin) for _ in range(12)]
    lin = client("lin")
    once = [row.id for row in ChangesFollower(lin, db=DB, include_docs=True).start_one_off()]
    assert set(before) <= set(once) and len(once) == len(set(once))

    heard: list[str] = []
    follower = ChangesFollower(lin, db=DB, filter="_selector", selector={"type": "waiting"})
    listening = threading.Thread(target=lambda: heard.extend(row.id for row in follower.start()))
    monkeypatch.setattr(protocol, "LONGEST_WAIT", 500)  # its stop() waits for the poll to end
    listening.start()
    ends = time.monotonic() + PATIENCE
    while not heard and time.monotonic() < ends:
        clock.passes(minutes=1)
        sits_down(cast.lin)  # what came before it began to listen is not for it
        cast.chen.does("arrival.registered", cast.chen.new("arrival"), place="place:lobby-1")
        time.sleep(0.2)
    follower.stop()
    listening.join(PATIENCE)
    assert not listening.is_alive()
    assert heard and not set(heard) & set(before), "only what is new, and only what waits"
    assert {name.partition(":")[0] for name in heard} == {"waiting"}
