"""Measures what a pull costs when the log is long, beside the same server with a short log.

    python -m tests.bench.quiet_pull [--acts 1000000] [--rounds 300] [--database URL]

*Nothing new* is asked over one connection by somebody who has everything: as memory answers it, and
as the database does when memory does not reach back. *5,000 behind* is read in pages of 1,000 with
documents by somebody who sees the whole site. The long log is written as rows, copies of a few real
ones: 1,000,000 acts make 600,000 records. Times are of the whole request, with the client's part.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.access import Actor
from server.database import engines, tables
from server.database.store import Store
from server.http import accounts
from sync.act import ulid
from tests.bench.support.crowd_people import bare_hospital, settle, sits_down
from tests.bench.support.process_memory import pss
from tests.bench.support.pushes import cpu
from tests.cast import SITE
from tests.clock import MORNING
from tests.journeys.hospital import Hospital

BEHIND = 5_000
PART = 20_000  # records that one statement writes
RECORDS = 0.6  # made by an act


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--acts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--database")
    options = parser.parse_args()
    os.environ["FLOORWALK_REQUESTS_A_SECOND"] = "0"  # one client asks as fast as it can
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="floorwalk-bench-")))
        hospital = bare_hospital(folder, options.database)
        people = settle(hospital, 12)
        cookies = [cookie for cookie, _ in people.values()]
        with hospital._site(MORNING) as site:
            idle = accounts.begin_session(site, "person:zhao", "device:bench", "bench")
            person, choose = next(iter(people)), random.Random(1)
            for n in range(12):  # who waited and was seen: nothing is left open
                act = sits_down(person, f"place:bench-{n}", MORNING, choose, n)
                assert site.accept([act], Actor(site.person(person), "device:bench"))[0].good
                over = {"outcome": "seen"}
                assert site.record_act(
                    "waiting.ended", act["record"], over, by=person, at=MORNING + 1
                ).good
            idle_cookie = f"{accounts.cookie_name(site)}={idle}"
        found: list[dict[str, float]] = []
        for size in (20_000, options.acts):
            began = time.monotonic()
            lengthen(hospital, size)
            print(f"\n{size:,} acts, written as rows in {time.monotonic() - began:.0f} s")
            hospital.start()
            try:
                found.append(measured(hospital, cookies[0], idle_cookie, options.rounds))
            finally:
                hospital.stop()
        print()
        for what, short in found[0].items():
            print(f"| {what:<32} | {found[1][what] / short:5.2f} × of the short log")
    return 0


# The log


def lengthen(hospital: Hospital, size: int) -> None:
    """Write rows until the log has so many acts."""
    engine = engines.connect(hospital.database)
    choose = random.Random(size)
    with engines.reading(engine) as connection:
        here = connection.execute(sa.select(sa.func.count()).select_from(tables.acts)).scalar_one()
        newest = Store(connection).counter()[0]
        records, acts = tables.records, tables.acts
        waits = sa.select(records).where(records.c.type == "waiting", records.c.state != "open")
        models = [tuple(row) for row in connection.execute(waits.order_by("seq").limit(12))]
        started = sa.select(acts).where(acts.c.record.in_([model[0] for model in models]))
        model_acts = {row.record: tuple(row) for row in connection.execute(started)}
    lacking = max(0, round((size - here) * RECORDS))
    for start in range(0, lacking, PART):
        rows: dict[str, list[Any]] = {"records": [], "acts": [], "changes": []}
        for n in range(start, min(start + PART, lacking)):
            copy(models[n % len(models)], model_acts, newest + 1 + n, choose, rows, n)
        with engines.writing(engine) as connection:
            store = Store(connection)
            for name, found in rows.items():
                store._insert(name, found)
            store.next_seqs(len(rows["records"]), reference=False)
    engine.dispose()


def copy(
    model: tuple[Any, ...],
    acts: dict[str, tuple[Any, ...]],
    seq: int,
    choose: random.Random,
    rows: dict[str, list[Any]],
    n: int,
) -> None:
    """Add a record that is like another one, its rows of the log, and one or two acts."""
    columns = [column.name for column in tables.records.columns]
    old, name = model[0], f"waiting:{ulid(MORNING, choose.getrandbits(80))}"
    row = dict(zip(columns, model, strict=True))
    row |= {"id": name, "seq": seq, "body": bytes(row["body"]).replace(old.encode(), name.encode())}
    rows["records"].append(tuple(row.values()))
    rows["changes"] += [(channel, seq, name, 0) for channel in orjson.loads(row["channels"])]
    for _ in range(2 if n % 3 else 1):
        act = acts[old]
        own = f"act:{ulid(MORNING, choose.getrandbits(80))}"
        body = bytes(act[-1]).replace(act[0].encode(), own.encode())
        rows["acts"].append((own, name, *act[2:-1], body.replace(old.encode(), name.encode())))


# What is measured


def measured(hospital: Hospital, cookie: str, idle: str, rounds: int) -> dict[str, float]:
    """Print and return medians in ms."""
    assert hospital.process is not None
    pid = hospital.process.pid
    found: dict[str, float] = {}
    connection = http.client.HTTPConnection("127.0.0.1", hospital.port, timeout=60)
    newest = get(connection, cookie, "since=now")[1]["last_seq"]
    number = int(newest.split("-")[0])
    before = pss(pid)
    kinds = {
        "nothing new, from memory": [f"since={newest}"] * rounds,
        "nothing new, long poll": [f"feed=longpoll&timeout=0&since={newest}"] * rounds,
    }
    for what, queries in kinds.items():
        found[what] = report(what, connection, cookie, queries, pid)
    # Somebody for whom nothing ever came, asked from another place each time.
    queries = [f"since={number - 1 - n}" for n in range(rounds)]
    found["nothing new, from the database"] = report(
        "nothing new, from the database", connection, idle, queries, pid
    )
    times = []
    for turn in range(6):
        since, count, began = str(number - BEHIND - turn), 0, time.perf_counter()
        while True:
            asked = f"since={since}&limit=1000&include_docs=true"
            _, page = get(connection, cookie, asked)
            count, since = count + len(page["results"]), page["last_seq"]
            if len(page["results"]) < 1000:
                break
        times.append((time.perf_counter() - began) * 1_000)
    what, speed = f"{BEHIND:,} behind", BEHIND / statistics.median(times)
    found[what] = statistics.median(times)
    print(f"| {what:<32} | median {found[what]:7.1f} ms, {count:,} rows, {speed:.0f} a ms |")
    print(f"| {'memory, PSS':<32} | {before:.0f} → {pss(pid):.0f} MiB |")
    return found


def report(
    what: str, connection: http.client.HTTPConnection, cookie: str, queries: list[str], pid: int
) -> float:
    """Ask, print, and return the median in ms."""
    times, size, used = [], 0, cpu(pid)
    get(connection, cookie, queries[0])
    for query in queries:
        began = time.perf_counter()
        size, page = get(connection, cookie, query)
        times.append((time.perf_counter() - began) * 1_000)
        assert page["results"] == [], page
    each = (cpu(pid) - used) / len(queries) * 1_000
    late = sorted(times)[int(len(times) * 0.95)]
    middle = statistics.median(times)
    print(
        f"| {what:<32} | p50 {middle:5.2f}  p95 {late:5.2f} ms, CPU {each:.2f} ms,"
        f" {size:,} bytes with headers |"
    )
    return middle


def get(connection: http.client.HTTPConnection, cookie: str, query: str) -> tuple[int, Any]:
    """Return the size in bytes of an answer, and its JSON."""
    connection.request("GET", f"/sync/{SITE}/_changes?{query}", headers={"Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 19
    return head + len(body), orjson.loads(body)


if __name__ == "__main__":
    raise SystemExit(main())
