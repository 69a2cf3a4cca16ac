"""Request bodies compressed with gzip, as IBM's client sends them, and malformed ones (E3)."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from server.http import middleware
from server.http.gunzip import unpacked
from server.http.problems import Trouble
from tests.cast import Cast
from tests.databases import USUAL
from tests.server import database_rows
from tests.server.served import Served

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)

DB = "/sync/demo"


@pytest.fixture
def lin(served: Served) -> httpx.Client:
    """Lin's program."""
    return served.client("lin")


def packed(client: httpx.Client, raw: bytes, packing: str = "gzip") -> httpx.Response:
    said = {"content-type": "application/json", "content-encoding": packing}
    return client.post(f"{DB}/_bulk_docs", content=raw, headers=said)


def test_a_body_may_be_packed(lin: httpx.Client, cast: Cast, site: Site) -> None:
    acts = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        for _ in range(300)
    ]
    raw = json.dumps({"docs": acts, "new_edits": False}).encode()
    assert packed(lin, gzip.compress(raw)).json() == []
    assert len(database_rows.records(site, "waiting")) == 300


MUCH = b" " * (20 << 20)
PACKED = (
    (b"x", 400),
    (b"", 400),
    (gzip.compress(b"{}")[:-3], 400),
    (gzip.compress(b"{}") + b"x", 400),
    (zlib.compress(b"{}"), 400),
    (gzip.compress(gzip.compress(MUCH)), 400),
    (gzip.compress(MUCH), 413),
    (gzip.compress(b" " * middleware.MOST_BYTES + b'{"docs":[]}'), 413),
    (gzip.compress(b" " * (middleware.MOST_BYTES - 11) + b'{"docs":[]}'), 201),
)


def test_a_packed_body_that_is_none(lin: httpx.Client) -> None:
    for number, (raw, status) in enumerate(PACKED):
        assert packed(lin, raw).status_code == status, number
    for packing in ("deflate", "br", "zstd", "compress"):
        answer = packed(lin, b"x", packing)
        assert (answer.status_code, answer.json()["error"]) == (415, "bad_content_type")
    assert lin.get(DB).status_code == 200


def test_a_bomb_is_met_where_it_passes_the_limit(database: str) -> None:
    """It is not even read to its end."""
    bomb = gzip.compress(MUCH)
    pieces = [bomb[at : at + 1_024] for at in range(0, len(bomb), 1_024)]
    taken = []

    async def receive() -> dict[str, Any]:
        taken.append(pieces[len(taken)])
        more = len(taken) < len(pieces)
        return {"type": "http.request", "body": taken[-1], "more_body": more}

    async def read() -> int:
        size, more = 0, unpacked(receive, 1 << 20)
        with pytest.raises(Trouble) as refused:
            while True:
                size += len((await more())["body"])
        assert refused.value.problem.status == 413
        return size

    with ThreadPoolExecutor() as elsewhere:  # a browser's test may have left a loop in this thread
        assert elsewhere.submit(asyncio.run, read()).result(60) <= 1 << 20
    assert len(taken) == len(pieces), "but for its sender, who is to hear the answer"


def test_only_the_database_takes_packed_bodies(served: Served) -> None:
    said = {"content-encoding": "gzip"}
    answer = served.client().post("/sign-in", content=gzip.compress(b"x"), headers=said)
    assert answer.status_code == 415
