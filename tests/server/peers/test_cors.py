"""CORS: pages of another origin get nothing, unless the configuration names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Playwright

from server.acts.site import Site
from server.base import config, origins
from server.http import accounts
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.cast import Cast
from tests.databases import USUAL
from tests.esbuild import bundle
from tests.server import database_rows
from tests.server.feed import sits_down
from tests.server.served import Served, serving

pytestmark = pytest.mark.parametrize("database", [USUAL], indirect=True)

DB = "/sync/demo"
OURS = "http://127.0.0.1:5999"
ALLOWED = {"origin": OURS, "sec-fetch-site": "same-site"}
OTHERS = ("https://evil.example", "null", "http://127.0.0.1:59990", "http://127.0.0.1", "*")

CLIENT = """
import http from "pouchdb-adapter-http"
import idb from "pouchdb-adapter-idb"
import PouchDB from "pouchdb-core"
import replication from "pouchdb-replication"

PouchDB.plugin(http).plugin(idb).plugin(replication)
self.sync = async (root, acts) => {
  const credentials = { name: "lin", password: "floorwalk" }
  const signed = await fetch(`${root}/_session`, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(credentials),
  })
  if (!signed.ok) return { status: signed.status }
  const remote = new PouchDB(`${root}/demo`)
  const local = new PouchDB("local", { adapter: "idb" })
  const outbox = new PouchDB("outbox", { adapter: "idb" })
  await outbox.bulkDocs(acts)
  const pushed = await outbox.replicate.to(remote)
  const pulled = await local.replicate.from(remote)
  const answer = await fetch(`${root}/demo`, { credentials: "include" })
  return {
    written: pushed.docs_written,
    ids: (await local.allDocs()).rows.map(row => row.id),
    read: pulled.docs_read,
    now: Number(answer.headers.get("Floorwalk-Now")),
    cookie: document.cookie,
  }
}
"""


@pytest.fixture
def open_to_ours(site: Site, served: Served) -> Iterator[Served]:
    """The site, which pages of `OURS`, and of its closed twin, may speak to."""
    site.config = replace(site.config, origins=origins.parse_origins([OURS, served.address]))
    with serving(site) as found:
        yield found


def granted(answer: httpx.Response) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k.startswith("access-control-")}


def asked_before(client: httpx.Client, origin: str, path: str = DB) -> httpx.Response:
    said = {"origin": origin, "access-control-request-method": "POST"}
    return client.options(path, headers=said)


def test_nobody_may_unless_they_are_named(served: Served, open_to_ours: Served) -> None:
    closed = served.client("lin")
    for origin in (OURS, *OTHERS):
        assert asked_before(closed, origin).status_code == 405
        assert granted(closed.get(DB, headers={"origin": origin})) == {}
    lin = open_to_ours.client("lin")
    for origin in OTHERS:
        answers = [asked_before(lin, origin), lin.get(DB, headers={"origin": origin})]
        assert [granted(answer) for answer in answers] == [{}, {}], origin
        assert all("Origin" in answer.headers["vary"] for answer in answers)
        refused = lin.post(f"{DB}/_bulk_docs", json={"docs": []}, headers={"origin": origin})
        assert refused.status_code == 403, origin
    for path in ("/office/", "/sign-in", "/healthz"):
        assert granted(lin.get(path, headers=ALLOWED)) == {}, "only the database"
        assert asked_before(lin, OURS, path).status_code == 405
    assert lin.post("/sign-out", headers=ALLOWED).status_code == 403


def test_whoever_is_named_may_by_its_own_name(open_to_ours: Served, cast: Cast) -> None:
    lin = open_to_ours.client("lin")
    before = asked_before(lin, OURS)
    assert before.status_code == 204
    said = granted(before)
    assert said["access-control-allow-origin"] == OURS, "never all"
    assert said["access-control-allow-credentials"] == "true"
    assert "PUT" in said["access-control-allow-methods"]
    assert "Content-Type" in said["access-control-allow-headers"]
    for answer in (
        lin.get(DB, headers=ALLOWED),
        lin.get(f"{DB}/nobody", headers=ALLOWED),
        lin.post(f"{DB}/_bulk_docs", json={"docs": []}, headers=ALLOWED),
        lin.post(f"{DB}/_bulk_docs", content=b"{", headers=ALLOWED),
        open_to_ours.client().get(DB, headers=ALLOWED),
        lin.post(f"{DB}/_bulk_docs", content=b"x", headers={**ALLOWED, "content-encoding": "br"}),
    ):
        assert granted(answer)["access-control-allow-origin"] == OURS, answer.status_code
        assert "ETag" in granted(answer)["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]


def test_the_session_goes_to_another_website_over_https_only(site: Site) -> None:
    accounts.set_password(site, "person:lin", "lin", "floorwalk")
    said = {"name": "lin", "password": "floorwalk"}
    for secure, named, expected in (
        (False, [OURS], "lax"),
        (True, [], "lax"),
        (True, [OURS], "none"),
    ):
        site.config = replace(site.config, secure=secure, origins=origins.parse_origins(named))
        with serving(site) as served:
            answer = served.client().post("/sync/_session", json=said)
        cookie = answer.headers["set-cookie"].lower()
        assert f"samesite={expected}" in cookie and ("; secure" in cookie) is secure
        assert cookie.startswith("authsession=") and "httponly" in cookie


def test_only_origins_are_named(tmp_path: Path, database: str) -> None:
    said = {"FLOORWALK_DATA": str(tmp_path), "FLOORWALK_ORIGINS": "https://A.example/, " + OURS}
    assert config.from_environment(said).origins == ("https://a.example", OURS)
    assert config.from_environment({"FLOORWALK_DATA": str(tmp_path)}).origins == ()
    for wrong in ("*", "null", "a.example", "https://a.example/x", "https://*.example", "file://"):
        with pytest.raises(ValueError, match="is no origin"):
            config.from_environment({**said, "FLOORWALK_ORIGINS": wrong})


def run(page: Page, website: Served, served: Served, acts: list[Any]) -> Any:
    """Let a page of a website speak to a server; return what it says, or the error's text."""
    page.goto(f"{website.address}/sync/")
    page.add_script_tag(content=bundle(CLIENT))
    return page.evaluate(
        "async ([root, acts]) => { try { return await self.sync(root, acts) }"
        " catch (error) { return String(error) } }",
        [f"{served.address}/sync", acts],
    )


@pytest.mark.browser
def test_pouch_on_another_website(
    served: Served, open_to_ours: Served, site: Site, cast: Cast, playwright: Playwright
) -> None:
    accounts.set_password(site, "person:lin", "lin", "floorwalk")
    here = sits_down(cast.chen)
    mine = cast.lin.new("waiting")
    acts = [cast.lin.says("waiting.started", mine, place="place:lobby-1")]
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*LAUNCH_ARGUMENTS])
    page = browser.new_page(bypass_csp=True)  # the website has rules of its own
    said = run(page, served, open_to_ours, acts)
    assert isinstance(said, dict), said
    assert said["written"] == 1 and {here, mine} <= set(said["ids"])
    assert said["now"] == site.now() and said["cookie"] == "", "scripts do not see the session"
    assert database_rows.one(site, mine)["owner"] == "person:lin"
    assert "Failed to fetch" in run(page, open_to_ours, served, []), "that one names nobody"
    browser.close()
