"""Counters of this process's HTTP requests: number, duration, held ones, and the slowest."""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# ms; bounds of the histogram, among them the budgets of the design: 3, 50, 100, 150, 200
BUCKETS = (3, 10, 25, 50, 100, 150, 200, 500, 1_000, 2_500, 5_000, 10_000)
SLOWEST = 20  # requests remembered until the schedule stores them


@dataclass
class Lengths:
    """How long the requests of one route took: a histogram over BUCKETS, in ms."""

    count: int = 0
    total_ms: float = 0.0
    within: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))

    def add(self, ms: float) -> None:
        """Count one request of `ms` milliseconds."""
        self.count += 1
        self.total_ms += ms
        for index, bound in enumerate(BUCKETS):
            if ms <= bound:
                self.within[index] += 1
                return


class RequestCounts:
    """Counters in memory, for any thread; read by /metrics, the slowest by the schedule."""

    def __init__(self, slow_ms: int) -> None:
        self.slow_ms = slow_ms
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._lengths: dict[str, Lengths] = {}
        self._held: Counter[str] = Counter()
        self._slow: list[tuple[float, int, dict[str, Any]]] = []
        self._n = 0

    def answered(self, route: str, method: str, status: int, ms: float | None) -> None:
        """Count an answer; `ms` is None for one that was held on purpose."""
        with self._lock:
            self._requests[route, method, status] += 1
            if ms is not None:
                self._lengths.setdefault(route, Lengths()).add(ms)

    def slow(self, ms: float, row: dict[str, Any]) -> None:
        """Remember a slow request, if it is among the SLOWEST."""
        with self._lock:
            self._n += 1
            heapq.heappush(self._slow, (ms, self._n, row))
            if len(self._slow) > SLOWEST:
                heapq.heappop(self._slow)

    def held(self, route: str, by: int) -> None:
        """Count one more (1) or one less (-1) request of a route that is held for news."""
        with self._lock:
            self._held[route] += by

    def take_slow(self) -> list[dict[str, Any]]:
        """Return the slowest requests since the last call, slowest first, and forget them."""
        with self._lock:
            slowest, self._slow = self._slow, []
        return [row for _, _, row in sorted(slowest, reverse=True)]

    def requests(self) -> dict[tuple[str, str, int], int]:
        """Return {(route, method, status): number of requests}."""
        with self._lock:
            return dict(self._requests)

    def lengths(self) -> dict[str, Lengths]:
        """Return {route: durations}, without requests that were held."""
        with self._lock:
            return {
                route: Lengths(one.count, one.total_ms, list(one.within))
                for route, one in self._lengths.items()
            }

    def holding(self) -> dict[str, int]:
        """Return {route: number of requests held now}."""
        with self._lock:
            return dict(self._held)
