"""Test data for the benchmarks: thousands of visits that ended, and a full waiting room."""

from __future__ import annotations

import random
from typing import Any

import httpx

from sync.act import make, ulid
from tests.clock import HOUR, MINUTE
from tests.journeys.hospital import PASSWORD, Hospital

BATCH = 500
WAITING = 25
SPREAD = 20 * HOUR  # the people of the cast have been here since yesterday

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅燕珍琴慧建文辉力国志学"
WRONG = ("膝盖肿，走路疼", "咳嗽一周", "骨折复查", "眼睛红，怕光", "最近瘦了十斤", "查骨密度")


def fill(hospital: Hospital, visits: int, seed: int = 1) -> None:
    """Have Lin register so many visits, end them, and let 25 people sit down; over HTTP."""
    choose = random.Random(seed)
    with httpx.Client(base_url=hospital.url, timeout=60) as client:
        sign_in(client, "lin")
        now = hospital.now()
        made: list[dict[str, Any]] = []
        for n in range(visits):
            visit = f"arrival:{ulid(now, choose.getrandbits(80))}"
            at = now - choose.randrange(10 * MINUTE, SPREAD)
            made.append(act("arrival.registered", visit, visit_data(choose, n), at, choose))
            made.append(act("arrival.sent_off", visit, {"guidance": True}, at + MINUTE, choose))
        for _ in range(WAITING):
            wait = f"waiting:{ulid(now, choose.getrandbits(80))}"
            data = {"name": name(choose), "place": "place:room-3", "doctor": "doctor:he"}
            at = now - choose.randrange(1, 4) * MINUTE
            made.append(act("waiting.started", wait, data, at, choose))
        for start in range(0, len(made), BATCH):
            body = {"docs": made[start : start + BATCH], "new_edits": False}
            answer = client.post("/sync/demo/_bulk_docs", json=body)
            assert answer.status_code == 201 and answer.json() == [], answer.text[:300]


def sign_in(client: httpx.Client, login: str) -> None:
    """Sign in as a page does."""
    form = {"login": login, "password": PASSWORD}
    headers = {"Origin": str(client.base_url).rstrip("/")}
    assert client.post("/sign-in", data=form, headers=headers).status_code == 303


def act(
    name: str, record: str, data: dict[str, Any], at: int, choose: random.Random
) -> dict[str, Any]:
    """Make an act of Lin's."""
    return make(
        name,
        record,
        data,
        at=at,
        by="person:lin",
        device="device:bench",
        site="demo",
        random_bits=lambda: choose.getrandbits(80),
    )


def visit_data(choose: random.Random, n: int) -> dict[str, Any]:
    """Return the data of a registration."""
    return {
        "name": name(choose),
        "phone": f"1{choose.randrange(3, 10)}{choose.randrange(10**9):09d}",
        "chief_complaint": choose.choice(WRONG),
        "booklet_no": f"B{n:06d}",
        "salutation": choose.choice(("ms", "mr")),
        "place": "place:lobby-1",
        "department": choose.choice(("骨科", "眼科", "儿科", "内分泌科")),
        "source": "walk_in",
        "first_visit": choose.random() < 0.5,
    }


def name(choose: random.Random) -> str:
    """Return a name."""
    return choose.choice(FAMILY) + "".join(choose.choices(GIVEN, k=choose.randrange(1, 3)))
