"""Fair queueing of database work: in turn between people, a few at once, not for too long.

Work below /sync waits for a turn; a held long poll needs none. Each known sign-in has a queue of
its own, and the queues are served round robin: a tablet that sends a thousand requests waits for
itself. Sign-ins that are not known yet share one queue. A queue too long, or a wait too long, ends
in 503 with `Retry-After`; a device that asks too often hears 429. The office has a queue of its
own, so that a storm of tablets keeps nobody from a page.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import ParamSpec, TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from server.base.config import Config
from server.http import accounts, problems
from server.http.problems import Trouble

STRANGERS = ""  # the queue of sign-ins that were not seen to be good yet
MOST_KNOWN = 4_096  # sign-ins that are remembered, the last used ones
SOON, LATER = 2, 8  # s, Retry-After by chance between them: not all are to come back at once

P = ParamSpec("P")
T = TypeVar("T")


class FairQueue:
    """A round robin of queues in one event loop, one queue for each sign-in.

    `at_once` turns run together, `each` of one sign-in; `waiting` may wait, each for `patience` s.
    """

    def __init__(self, at_once: int, each: int, waiting: int, patience: float) -> None:
        self._at_once = at_once
        self._each = each
        self._most_waiting = waiting
        self._patience = patience
        self._running: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self.waiting = 0

    @property
    def running(self) -> int:
        """How many turns run now."""
        return self._running.total()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Hold a turn while the block runs; raises Trouble `busy` when it does not come in time."""
        if self.waiting or not self._may_run(who):
            await self._wait(who)
        else:
            self._running[who] += 1
        try:
            yield
        finally:
            self._give_back(who)

    def _give_back(self, who: str) -> None:
        self._running[who] -= 1
        if not self._running[who]:
            del self._running[who]
        self._call_next()

    def _may_run(self, who: str) -> bool:
        # Strangers share one queue, so it may take more than a single sign-in, but never all turns.
        most = max(1, self._at_once // 2) if who == STRANGERS else self._each
        return self.running < self._at_once and self._running[who] < most

    async def _wait(self, who: str) -> None:
        """Wait for a turn; `_call_next` counts it as running before it wakes the waiter."""
        # Strangers leave room for those who are known.
        most = self._most_waiting // 2 if who == STRANGERS else self._most_waiting
        if self.waiting >= most:
            raise busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, deque()).append(turn)
        self.waiting += 1
        self._call_next()
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if turn.cancelled():
                self._leave(who, turn)
            else:  # the turn came in the very moment in which the waiter gave up
                self._give_back(who)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def _leave(self, who: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(who, deque())
        if turn in queue:
            queue.remove(turn)
            self.waiting -= 1
        if who in self._queues and not queue:
            del self._queues[who]

    def _call_next(self) -> None:
        """Give turns to as many as may run, one of each queue in the ring."""
        while self.running < self._at_once:
            who = next((one for one in self._queues if self._may_run(one)), None)
            if who is None:
                return
            queue = self._queues[who]
            turn = queue.popleft()
            self.waiting -= 1
            if queue:
                self._queues.move_to_end(who)
            else:
                del self._queues[who]
            if not turn.cancelled():
                self._running[who] += 1
                turn.set_result(None)


class RateLimit:
    """A token bucket for each sign-in: `rate` requests a second, `burst` at once; rate 0 is off."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = max(1, burst)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, who: str) -> int:
        """Count a request; return how long to wait (s) when it is one too many, else 0."""
        if not self._rate:
            return 0
        now = self._clock()
        left, at = self._left.pop(who, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._rate)
        wait = 0 if left >= 1 else math.ceil((1 - left) / self._rate)
        self._left[who] = (left if wait else left - 1, now)
        if len(self._left) > MOST_KNOWN:
            self._left.popitem(last=False)
        return wait


class Admission:
    """The queues and limits of an application: of tablets, of the office, and who is known."""

    def __init__(self, config: Config) -> None:
        patience = config.patience_ms / 1_000
        self.sync = FairQueue(config.at_once, config.each_at_once, config.most_waiting, patience)
        desks = config.office_at_once
        self.office = FairQueue(desks, max(1, desks // 2), config.most_waiting, patience)
        self.limits = RateLimit(config.requests_a_second, config.requests_burst)
        self.threads = anyio.CapacityLimiter(config.at_once)
        self._proven: OrderedDict[str, None] = OrderedDict()

    def whose(self, request: Request) -> str:
        """Return the key of the queue that a request stands in."""
        who = key_of(request)
        return who if who in self._proven else STRANGERS

    def learn(self, request: Request) -> None:
        """Remember that the sign-in of a request is good, so that it gets a queue of its own."""
        who = key_of(request)
        if who:
            self._proven[who] = None
            self._proven.move_to_end(who)
            if len(self._proven) > MOST_KNOWN:
                self._proven.popitem(last=False)

    def count(self, request: Request) -> None:
        """Count a request of a known sign-in; raises Trouble `too_many` for one too many."""
        who = self.whose(request)
        wait = 0 if who == STRANGERS else self.limits.spend(who)
        if wait:
            raise Trouble("too_many", "Too many requests", Retry_After=str(wait))


def key_of(request: Request) -> str:
    """Return a digest that stands for a request's sign-in, STRANGERS for none."""
    credentials = request.headers.get("authorization") or request.cookies.get(
        accounts.cookie_name(request.app.state.site)
    )
    return hashlib.sha256(credentials.encode()).hexdigest()[:16] if credentials else STRANGERS


async def run_queued(
    request: Request, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run blocking work in a thread when this sign-in's turn comes; raises Trouble `busy`."""
    admission: Admission = request.app.state.admission
    async with admission.sync.turn(admission.whose(request)):
        result = await anyio.to_thread.run_sync(
            lambda: work(*args, **kwargs), limiter=admission.threads
        )
    admission.learn(request)
    return result


def busy() -> Trouble:
    """Return Trouble `busy` with a random Retry-After."""
    return Trouble("busy", Retry_After=str(random.randint(SOON, LATER)))  # noqa: S311


class OfficeAdmission:
    """Middleware that gives requests of the office a queue of their own."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self.app = app
        self.admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/office"):
            await self.app(scope, receive, send)
            return
        try:
            turn = self.admission.office.turn(key_of(Request(scope)))
            await turn.__aenter__()
        except Trouble as trouble:
            answer = problems.http_error(Request(scope), trouble)
            await answer(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            await turn.__aexit__(None, None, None)
