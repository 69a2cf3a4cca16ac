"""GET /metrics: gauges of the site and counters of this process, in Prometheus's format.

Only the token of FLOORWALK_METRICS_TOKEN and signed-in administrators may read it; for everybody
else the address does not exist.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from server.cluster import link_loop
from server.http import accounts
from server.http.problems import Trouble
from server.http.request_counts import BUCKETS, RequestCounts
from server.operations import site_stats
from sync.posts import ADMINS

if TYPE_CHECKING:
    from prometheus_client import Metric

    from server.acts.site import Site
    from server.clocks.periodic_tasks import Schedule


def metrics(request: Request) -> Response:
    """GET /metrics; raises Trouble `missing` for others."""
    state = request.app.state
    if not may_read(request):
        raise Trouble("missing")
    # Imported on the first scrape: most servers are never scraped, and its memory counts.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
    from prometheus_client import generate_latest as text

    registry = CollectorRegistry()
    registry.register(Collected(state.site, state.request_counts, state.schedule))
    ProcessCollector(registry=registry)
    return Response(text(registry), media_type=CONTENT_TYPE_LATEST)


def may_read(request: Request) -> bool:
    """Say whether the request has the token, or comes from an administrator."""
    site: Site = request.app.state.site
    scheme, _, bearer_token = request.headers.get("authorization", "").partition(" ")
    token = site.config.metrics_token
    if scheme.lower() == "bearer":
        return bool(token) and hmac.compare_digest(bearer_token.encode(), token.encode())
    person = accounts.current_person(request)
    return person is not None and site.rights(person["_id"]).hold(*ADMINS)


class Collected:
    """Collects at each scrape; a process reports its own counters under its own id."""

    def __init__(
        self, site: Site, request_counts: RequestCounts, schedule: Schedule | None
    ) -> None:
        self.site = site
        self.request_counts = request_counts
        self.schedule = schedule
        self.process = str(os.getpid())

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield from self._of_process()
        yield from self._of_site()
        yield from self._of_link()

    def _of_process(self) -> Iterator[Metric]:
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        requests = CounterMetricFamily(
            "floorwalk_requests",
            "Requests that were answered",
            labels=("process", "route", "method", "status"),
        )
        for (route, method, status), n in sorted(self.request_counts.requests().items()):
            requests.add_metric((self.process, route, method, str(status)), n)
        yield requests
        seconds = HistogramMetricFamily(
            "floorwalk_request_seconds",
            "How long requests took that are not held for news",
            labels=("process", "route"),
        )
        for route, one in sorted(self.request_counts.lengths().items()):
            buckets, below = [], 0
            for bound, n in zip(BUCKETS, one.within, strict=True):
                below += n
                buckets.append((str(bound / 1_000), float(below)))
            buckets.append(("+Inf", float(one.count)))
            seconds.add_metric((self.process, route), buckets, one.total_ms / 1_000)
        yield seconds
        held = GaugeMetricFamily(
            "floorwalk_held_requests", "Requests that wait for news", labels=("process", "what")
        )
        for what, n in sorted(self.request_counts.holding().items()):
            held.add_metric((self.process, what), n)
        yield held
        if self.schedule is not None:
            jumps = CounterMetricFamily(
                "floorwalk_clock_jumps",
                "How often this machine's clock jumped",
                labels=("process",),
            )
            jumps.add_metric((self.process,), self.schedule.jumps)
            yield jumps

    def _of_link(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        link = link_loop.status(self.site)
        if not link["configured"]:
            return
        for name, meaning, value in (
            (
                "lag_seconds",
                "Since the cluster was reached, while something waits",
                link["lag"] / 1_000,
            ),
            ("waiting_up", "Records that the cluster lacks", link["waiting_up"]),
            ("stopped", "Whether the link waits for somebody to mend it", int(link["stopped"])),
        ):
            yield GaugeMetricFamily(f"floorwalk_link_{name}", meaning, value=value)

    def _of_site(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        now = site_stats.read(self.site)
        for name, meaning, value in (
            ("devices", "Tablets that were ever heard of", now.devices),
            ("devices_silent", "Tablets heard of in the last day, but not lately", now.silent),
            ("unsent_acts", "Acts that tablets said they still hold", now.unsent),
            ("unsent_oldest_seconds", "Age of the oldest of them", now.oldest_unsent / 1_000),
            ("sessions", "Sessions that have not ended", now.sessions),
            ("jobs_waiting", "Reactions and notices that are to be done now", now.jobs_waiting),
            ("jobs_failed", "Reactions and notices that were given up", now.jobs_failed),
            ("clocks_overdue", "Clocks that ran out and nobody was told yet", now.overdue),
            ("clock_lateness_seconds", "How late the latest of them is", now.lateness / 1_000),
            ("seq", "The newest change", now.seq),
            ("database_bytes", "Size of the database", now.database_bytes),
            ("lost_claims", "Acts of the server whose id was taken first", now.lost_claims),
        ):
            yield GaugeMetricFamily(f"floorwalk_{name}", meaning, value=value)
        if now.tick_age is not None:
            yield GaugeMetricFamily(
                "floorwalk_tick_age_seconds",
                "Since the clocks were looked after",
                value=now.tick_age / 1_000,
            )
        refused = GaugeMetricFamily(
            "floorwalk_refused_acts", "Refused acts nobody decided about", labels=("code",)
        )
        for code, n in now.refused.items():
            refused.add_metric((code,), n)
        yield refused
