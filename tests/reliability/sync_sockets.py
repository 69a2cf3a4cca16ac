"""S4: pushes over real sockets through a proxy that cuts one in ten each way and duplicates."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from random import Random

import orjson

from server.http import accounts
from sync.act import Act, make, ulid
from tests import loop
from tests.cast import SITE
from tests.clock import MORNING, Clock
from tests.reliability import mutants
from tests.reliability.hospital_template import PEOPLE, House, in_memory, template
from tests.reliability.registry import Property, Result, Trial
from tests.reliability.sync_histories import quiet
from tests.server.served import serving

TABLETS = 20
CUT = 0.1  # of requests, and of answers
DOUBLED = 0.1
MOST_TRIES = 60
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Passes one request a connection on to a port, with faults drawn by lot."""

    def __init__(self, port: int, luck: Random) -> None:
        self.port, self.luck = port, luck
        self.counts: Counter[str] = Counter()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await _message(reader)
            self.counts["requests"] += 1
            fate = self.luck.random()
            if fate < CUT:
                self.counts["cut"] += 1
                await self._asks(request[: self.luck.randrange(len(request))], wait=False)
            else:
                if fate < CUT + DOUBLED:
                    self.counts["doubled"] += 1
                    await self._asks(request)
                answer = await self._asks(request)
                if self.luck.random() < CUT:
                    self.counts["lost"] += 1
                    answer = answer[: self.luck.randrange(len(answer))]
                writer.write(answer)
                await writer.drain()
        writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    async def _asks(self, request: bytes, *, wait: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        await writer.drain()
        try:
            return await _message(reader) if wait else b""
        finally:
            writer.transport.abort()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].partition(b":")[2]))


class Tablet:
    """Pushes until an answer comes back whole."""

    def __init__(self, number: int, port: int, person: str, cookie: str) -> None:
        self.name, self.port = f"device:{number:026d}", port
        self.person, self.cookie = person, cookie
        self.luck = Random(number)
        self.acked: list[str] = []
        self.made: dict[str, Act] = {}
        self.gave_up = 0

    def acts(self) -> list[Act]:
        """Make one to three acts."""
        found = []
        for _ in range(self.luck.randrange(1, 4)):
            record = f"waiting:{ulid(MORNING, self.luck.getrandbits(80))}"
            data = {"place": PEOPLE[self.person]["places"][0], "name": "张晓丽"}
            act = make(
                "waiting.started",
                record,
                data,
                at=MORNING,
                by=self.person,
                device=self.name,
                site=SITE,
                identifier="act:" + ulid(MORNING, self.luck.getrandbits(80)),
            )
            self.made[act["_id"]] = act
            found.append(act)
        return found

    async def pushes(self, many: int) -> None:
        """Push so many times, each until it is acknowledged."""
        for _ in range(many):
            acts = self.acts()
            body = orjson.dumps({"docs": acts, "new_edits": False})
            for _ in range(MOST_TRIES):
                if await self._pushed(body):
                    self.acked += [act["_id"] for act in acts]
                    break
                await asyncio.sleep(0.002)
            else:
                self.gave_up += 1

    async def _pushed(self, body: bytes) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(
                f"POST /sync/{SITE}/_bulk_docs HTTP/1.1\r\nHost: tablet\r\n"
                f"Cookie: {self.cookie}\r\nContent-Type: application/json\r\n"
                f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            answer = await _message(reader)
            return answer.startswith(b"HTTP/1.1 201") and answer.endswith(b"\r\n\r\n[]")
        except (OSError, asyncio.IncompleteReadError):
            return False
        finally:
            writer.transport.abort()


async def _all(
    port: int, cookies: dict[str, str], many: int, luck: Random
) -> tuple[Proxy, list[Tablet]]:
    proxy = Proxy(port, luck)
    server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
    between = server.sockets[0].getsockname()[1]
    whose = list(cookies.items())
    tablets = [Tablet(n, between, *whose[n % len(whose)]) for n in range(TABLETS)]
    await asyncio.gather(*(tablet.pushes(max(1, many // TABLETS)) for tablet in tablets))
    server.close()
    return proxy, tablets


def arrives_once(trial: Trial) -> Result:
    """S4: so many pushes."""
    with quiet(), in_memory() as folder:
        house = House(Path(folder), Clock(MORNING), template())
        with serving(house.site) as served:
            cookies = {
                person: f"{accounts.cookie_name(house.site)}={served.token(person)}"
                for person in PEOPLE
            }
            run = _all(served.port, cookies, trial.many, Random(trial.seed))
            proxy, tablets = loop.run(run)
        stored = dict(house.rows("select id, record from acts where act = 'waiting.started'"))
        counted = dict(house.rows("select id, body from records where type = 'waiting'"))
        house.close()
    acked = {name for tablet in tablets for name in tablet.acked}
    made = {name: act for tablet in tablets for name, act in tablet.made.items()}
    problems = [f"acknowledged and lost: {name}" for name in sorted(acked - stored.keys())]
    problems += [f"never acknowledged: {name}" for name in sorted(made.keys() - acked)]
    twice = [n for n, body in counted.items() if orjson.loads(body)["acts"]["n"] != 1]
    problems += [f"taken in twice: {name}" for name in twice]
    problems += [f"nobody made {name}" for name in sorted(stored.keys() - made.keys())]
    pushes = TABLETS * max(1, trial.many // TABLETS)
    kinds = {name: proxy.counts[name] for name in ("requests", "cut", "lost", "doubled")}
    numbers = {"acked": len(acked), "stored": len(stored), "duplicates": len(twice)}
    return Result({"pushes": pushes, **kinds, **numbers}, problems)


PROPERTIES = [
    Property(
        "S4",
        "Over sockets that break, what is acknowledged is stored, and once",
        arrives_once,
        full=5_000,
        quick=200,
        mutants=mutants.SOCKETS,
        seconds=15,
    )
]
