"""The tables of expected answers, asked of a real CouchDB where COUCHDB_URL names one.

Where none is named the run says so at its end, and what is tried is that we answer at all.
"""

from __future__ import annotations

import httpx
import pytest

from tests.databases import USUAL
from tests.peers.couch import database, real_couchdb
from tests.server.peers.test_quirks import BODIES, DB, ERRORS, JSON, UNKNOWN
from tests.server.served import Served

# Where a CouchDB answers otherwise: it has more, it has design documents, or it looks later.
OURS_ALONE = {
    *(("GET", "/_design%2Fx"), ("PUT", "/_design/x"), ("POST", "/_find"), ("GET", "/_security")),
    *(("PUT", "/_revs_limit"), ("GET", "/_local_docs"), ("POST", "/_local/x"), ("DELETE", "")),
    *(("DELETE", f"/{UNKNOWN}"), ("PUT", f"/{UNKNOWN}/photo.jpg"), ("GET", "/%FF")),
    *(("GET", f"/{UNKNOWN}?revs=maybe"), ("GET", "/_changes?feed=eventsource")),
    ("GET", "/_changes?descending=true"),
    *(("POST", "_revs_diff", '{"a":7}'), ("POST", "_changes?filter=_view&view=a/b", "{}")),
    ("POST", "_changes?filter=_selector", '{"selector":{"a":{"$regex":"x"}}}'),
}


@pytest.mark.parametrize("database", [USUAL], indirect=True)
def test_a_couchdb_says_the_same(served: Served) -> None:
    server = real_couchdb()
    if server is None:
        assert served.client("lin").get(DB).status_code == 200
        return
    said = {"accept": "application/json"}
    with (
        database(server, "quirks") as there,
        httpx.Client(headers=said, timeout=30, trust_env=False) as couch,
    ):
        for method, path, status, error, _ in ERRORS:
            if (method, path) not in OURS_ALONE:
                answer = couch.request(method, there.url + path)
                assert (answer.status_code, answer.json()["error"]) == (status, error), path[:80]
        for path, body, named in BODIES:
            if ("POST", path, body) not in OURS_ALONE:
                answer = couch.post(f"{there.url}/{path}", content=body, headers=JSON)
                assert (answer.status_code, answer.json()["error"]) == (400, named), (path, body)
