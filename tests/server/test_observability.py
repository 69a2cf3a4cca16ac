"""Metrics, logs and health: an operator sees how the server is, without what people entered."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.acts.site import Site
from server.base.json_log import Lines
from server.clocks.periodic_tasks import Schedule
from server.cluster import link_loop
from server.http import slow_requests
from server.replication import devices
from tests.cast import Cast
from tests.clock import MINUTE, Clock
from tests.server.conftest import BOTH
from tests.server.served import Served, serving

PUSH = "/sync/demo/_bulk_docs"
TABLET = {devices.HEADER: json.dumps({"id": "device:01TEST", "version": "1", "waiting": 2})}


class Kept(logging.Handler):
    """Remembers lines as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Lines())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """The log, while a test runs."""
    kept, log = Kept(), logging.getLogger("floorwalk")
    level = log.level
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    yield kept.lines
    log.removeHandler(kept)
    log.setLevel(level)


def scraped(served: Served) -> dict[str, float]:
    """Return {sample with its labels: value} as an administrator reads it."""
    text = served.client("wu").get("/metrics").text
    found = [line.rpartition(" ") for line in text.splitlines() if line and line[0] != "#"]
    return {re.sub(r'process="\d+",?', "", name): float(value) for name, _, value in found}


def test_only_prometheus_and_an_administrator_read_metrics(site: Site) -> None:
    object.__setattr__(site.config, "metrics_token", "let me in")
    with serving(site) as served:
        right = {"authorization": "Bearer let me in"}
        assert served.client().get("/metrics", headers=right).status_code == 200
        assert served.client("wu").get("/metrics").status_code == 200
        for client in (served.client(), served.client("lin"), served.client("zhao")):
            assert client.get("/metrics").status_code == 404
        wrong = {"authorization": "Bearer let me"}
        assert served.client().get("/metrics", headers=wrong).status_code == 404


def test_without_a_token_no_bearer_is_right(served: Served) -> None:
    for given in ("x", "none"):
        headers = {"authorization": f"Bearer {given}"}
        assert served.client().get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_what_happens_is_counted(served: Served, cast: Cast, clock: Clock) -> None:
    lin = served.client("lin", **TABLET)
    wait = cast.lin.new("waiting")
    act = cast.lin.says("waiting.started", wait, place="place:lobby-1")
    refused = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:nowhere")
    lin.post(PUSH, json={"docs": [act, refused], "new_edits": False})
    served.site.now = lambda: clock() + 6 * MINUTE  # type: ignore[method-assign]
    found = scraped(served)
    served.site.now = clock  # type: ignore[method-assign]
    route = 'route="/sync/{site}/_bulk_docs"'
    assert found[f'floorwalk_requests_total{{method="POST",{route},status="201"}}'] == 1
    assert found[f'floorwalk_request_seconds_bucket{{le="+Inf",{route}}}'] == 1
    # The water of the one that was taken in, a minute late, and the one that was refused, five.
    assert found["floorwalk_clocks_overdue"] == 2
    assert found["floorwalk_clock_lateness_seconds"] == 300
    assert sum(n for name, n in found.items() if name.startswith("floorwalk_refused_acts")) == 1
    assert found["floorwalk_seq"] == served.site.hub.seq
    assert found["process_resident_memory_bytes"] > 1 << 20


def test_a_line_says_who_and_what_by_ids_and_nothing_of_what_they_entered(
    served: Served, cast: Cast, lines: list[dict[str, Any]]
) -> None:
    lin = served.client("lin", **TABLET)
    act = cast.lin.says(
        "waiting.started", cast.lin.new("waiting"), place="place:lobby-1", name="王小明"
    )
    answer = lin.post(PUSH, json={"docs": [act]}, headers={"X-Request-Id": "abc-12345"})
    assert answer.headers["X-Request-Id"] == "abc-12345"
    served.client("wu").get("/office/waiting?q=王小明")
    lin.get("/sync/demo/waiting:01M883F1D05D7NAKACYV7HJVZZ", headers={"X-Request-Id": "a b{}" * 9})
    asked = [line for line in lines if line["log"] == "floorwalk.request"]
    pushed = asked[0]
    assert (pushed["request"], pushed["person"]) == ("abc-12345", "person:lin")
    assert (pushed["device"], pushed["status"]) == ("device:01TEST", 201)
    assert pushed["route"] == "/sync/{site}/_bulk_docs"
    assert [line["route"] for line in asked[1:]] == ["/office/waiting", "/sync/{site}/{id}"]
    assert re.fullmatch(r"[0-9a-f]{16}", asked[2]["request"])
    everything = json.dumps(lines, ensure_ascii=False)
    assert "王" not in everything and "小明" not in everything


def test_what_is_logged_within_a_request_carries_its_id(
    served: Served, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*_given: Any) -> None:
        logging.getLogger("floorwalk.test").info("inside")
        raise RuntimeError

    monkeypatch.setattr("server.http.pages.render", said)
    served.client("wu").get("/office/waiting", headers={"X-Request-Id": "inside-it"})
    inside = next(line for line in lines if line["say"] == "inside")
    assert (inside["request"], inside["person"]) == ("inside-it", "person:wu")
    crashed = next(line for line in lines if line["log"] == "floorwalk.request")
    assert (crashed["status"], crashed["level"]) == (500, "warning")


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_the_office_sees_which_tablet_is_behind_what_was_refused_and_what_was_slow(
    site: Site, cast: Cast, clock: Clock
) -> None:
    object.__setattr__(site.config, "slow_ms", 0)
    with serving(site) as served:
        lin = served.client("lin", **TABLET)
        token = lin.get("/sync/demo/_changes?since=0").json()["last_seq"]
        lin.get("/sync/demo/_changes", params={"since": token})
        cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:lobby-1")
        bad = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:nowhere")
        lin.post(PUSH, json={"docs": [bad]})
        state = served.server.config.app.state  # type: ignore[union-attr]
        state.devices.write()
        schedule = Schedule(site)
        schedule.request_counts = state.request_counts
        schedule.write_slow()
        schedule.write_slow()
        assert {row.route for row in slow_requests.slowest(site, 0)} >= {"/sync/{site}/_bulk_docs"}
        clock.passes(minutes=20)
        page = served.client("wu").get("/office/replication")
        assert page.status_code == 200
        row = re.search(r'<tr><th scope="row">TEST</th>.*?</tr>', page.text, re.DOTALL)
        assert row is not None
        assert "over" in row.group() and "<b>2</b>" in row.group()
        assert "POST /sync/{site}/_bulk_docs" in page.text
        assert "/office/reconcile" in page.text
        for nobody in (served.client("chen"), served.client("lin")):
            assert nobody.get("/office/replication").status_code in (403, 404)


def test_what_was_slow_is_forgotten_after_a_week(site: Site, clock: Clock) -> None:
    row = {"request": "r", "ms": 900.4, "route": "/", "method": "GET", "status": 200}
    slow_requests.write(site, [{**row, "at": clock(), "person": None, "device": None}] * 2)
    assert [one.ms for one in slow_requests.slowest(site, 0)] == [900]
    slow_requests.forget(site, clock() + 1)
    assert slow_requests.slowest(site, 0) == []


LINK = {"configured": True, "lag": 7_200_000, "waiting_up": 41, "stopped": False, "error": "away"}


def test_the_link_to_other_hospitals_is_seen_where_there_is_one(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    wu = served.client("wu")
    assert "其他医院" not in wu.get("/office/replication").text
    monkeypatch.setattr(link_loop, "status", lambda site: LINK)
    page = wu.get("/office/replication").text
    assert "连不上集群" in page and "有 41 条记录等着上传" in page
    assert scraped(served)["floorwalk_link_lag_seconds"] == 7_200


def test_every_alert_asks_for_what_is_measured(
    served: Served, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_loop, "status", lambda site: LINK)
    schedule = Schedule(served.site)
    schedule.tick()
    served.server.config.app.state.schedule = schedule  # type: ignore[union-attr]
    text = served.client("wu").get("/metrics").text
    known = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | {"up"}
    known |= {f"{name}_{end}" for name in known for end in ("bucket", "total")}
    told = yaml.safe_load((repository / "docs/deploy/alerts.yml").read_text())
    rules = [rule for group in told["groups"] for rule in group["rules"]]
    assert len(rules) == len({rule["alert"] for rule in rules}) > 5
    for rule in rules:
        assert rule["annotations"]["summary"] and rule["for"]
        named = set(re.findall(r"\b(?:floorwalk_\w+|up\b)", rule["expr"]))
        assert named and named <= known, rule["alert"]
