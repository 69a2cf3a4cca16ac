"""PouchDB 9 in Chromium, on IndexedDB: it pulls a site live and pushes acts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from server.http import accounts
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.cast import Cast
from tests.clock import Clock
from tests.esbuild import bundle
from tests.server import database_rows
from tests.server.served import Served

PATIENCE = 20.0  # s

CLIENT = """
import http from "pouchdb-adapter-http"
import idb from "pouchdb-adapter-idb"
import PouchDB from "pouchdb-core"
import replication from "pouchdb-replication"

PouchDB.plugin(http).plugin(idb).plugin(replication)
const remote = new PouchDB(new URL("/sync/demo", location.href).href)
const local = new PouchDB("pulled", { adapter: "idb" })
const outbox = new PouchDB("outbox", { adapter: "idb" })
const seen = { errors: [], denied: [], paused: 0 }

self.pouch = {
  pull() {
    local.replicate
      .from(remote, { live: true, retry: true })
      .on("paused", () => seen.paused++)
      .on("error", error => seen.errors.push(String(error)))
  },
  async push(acts) {
    await outbox.bulkDocs(acts)
    const going = outbox.replicate.to(remote)
    going.on("denied", row => seen.denied.push((row.doc ?? row).reason))
    return (await going).docs_written
  },
  async revs() {
    const { rows } = await local.allDocs()
    return Object.fromEntries(rows.map(row => [row.id, row.value.rev]))
  },
  seen: () => seen,
}
"""


def asked(page: Page, what: str, *args: Any) -> Any:
    return page.evaluate("([what, args]) => self.pouch[what](...args)", [what, list(args)])


def until_here(page: Page, record: str, rev: str) -> None:
    ends = time.monotonic() + PATIENCE
    while asked(page, "revs").get(record) != rev:
        assert time.monotonic() < ends, f"{record} did not arrive: {asked(page, 'seen')}"
        page.wait_for_timeout(50)


@pytest.mark.browser
def test_pouch_in_chromium(
    served: Served, cast: Cast, clock: Clock, playwright: Playwright, tmp_path: Path
) -> None:
    site = served.site
    there = cast.chen.new("waiting")
    cast.chen.does("waiting.started", there, place="place:lobby-1", name="张晓丽")
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium_path(),
        args=[*LAUNCH_ARGUMENTS],
        bypass_csp=True,  # a foreign client brings a script of its own
        service_workers="block",
    )
    cookie = {"name": accounts.cookie_name(site), "value": served.token("person:lin")}
    context.add_cookies([{**cookie, "url": served.address}])  # type: ignore[list-item]
    page = context.pages[0]
    page.goto(f"{served.address}/sync/")
    page.add_script_tag(content=bundle(CLIENT))
    asked(page, "pull")
    until_here(page, there, database_rows.one(site, there)["_rev"])

    mine = cast.lin.new("waiting")
    clock.passes(minutes=1)
    acts = [
        cast.lin.says("waiting.started", mine, place="place:lobby-1"),
        cast.lin.says("waiting.water_given", there),
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2"),
    ]
    assert asked(page, "push", acts) == 2
    for record in (mine, there):
        until_here(page, record, database_rows.one(site, record)["_rev"])
    assert database_rows.one(site, there)["water_by"] == "person:lin"
    seen = asked(page, "seen")
    assert (seen["denied"], seen["errors"]) == (["not_your_place"], [])
    context.close()
