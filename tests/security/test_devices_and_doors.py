"""A14, A16: made-up devices, guesses from many devices, addresses behind a proxy, slow pages."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from server import serving
from server.acts.site import Site
from server.base import config
from server.http import accounts, openapi
from server.operations import site_stats
from server.replication import devices
from service_worker.build.template.environment import printable
from tests.cast import Cast
from tests.loop import Loop
from tests.server import database_rows
from tests.server.in_process import inside
from tests.sources import ROOT

MANY = 300


def header(identifier: str, **said: Any) -> str:
    return json.dumps({"id": identifier, "version": "1", **said})


def test_devices_that_somebody_makes_up_fill_no_table_and_no_figure(site: Site, cast: Cast) -> None:
    """A14: unlimited ids poisoned the metrics."""
    register = devices.Devices(site)
    for number in range(MANY):
        said = header(f"device:{number:026}", waiting=99, oldest=1, offset=10**14)
        register.seen(said, "person:zhao", "test")
    register.seen(header("device:" + "L" * 26, waiting=2), "person:lin", "test")
    register.write()
    rows = database_rows.rows(site, "devices")
    assert len(rows) == site.reference().number("device.of_person_at_most") + 1
    assert {row["oldest_at"] for row in rows} == {None} == {row["offset_ms"] for row in rows}
    assert "person:lin" in {row["person"] for row in rows}, "others are noted as before"


@pytest.mark.parametrize(
    "said",
    [
        header("device:" + "x" * 65),
        header("device:a b"),
        header("device:\u202e"),
        header("device:<b>"),
        header("person:lin"),
        header("device:"),
        "[]",
    ],
)
def test_what_is_no_device_id_is_none(said: str) -> None:
    """A14."""
    assert devices.parse_header(said) == {}


@pytest.mark.parametrize("waiting", [-1, 10**9, 2**63, True, "9"])
def test_a_figure_that_cannot_be_is_not_counted(site: Site, waiting: Any) -> None:
    """A14: one device said that it holds 2**63 acts, and the sum was that."""
    register = devices.Devices(site)
    register.seen(header("device:1", waiting=waiting), "person:lin", "test")
    register.write()
    assert site_stats.read(site).unsent == 0


def test_guesses_from_many_devices_of_one_person_are_counted_together(
    site: Site, cast: Cast
) -> None:
    """A14: somebody who may sign in makes devices known, and guessed 30 times on each."""
    for name in ("zhao", "wu", "lin", "chen"):
        accounts.set_password(site, f"person:{name}", name, f"the password of {name}")
    answers = []
    for number in range(30):
        device = f"device:made-up-{number}"
        accounts.begin_session(site, "person:zhao", device, "test")
        for login in ("wu", "lin", "chen"):
            answers.append(
                accounts.sign_in(site, login, "a guess", device, is_known_device=True).problem
            )
    assert answers.count("wrong") <= 60
    assert answers[-1] == "too_many"
    accounts.begin_session(site, "person:lin", "device:lin", "test")
    mine = accounts.sign_in(site, "lin", "the password of lin", "device:lin", is_known_device=True)
    assert mine.person is not None, "Lin on her own tablet is not locked out"


@pytest.mark.parametrize(
    ("proxies", "peer", "said", "expected"),
    [
        ("", "127.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("", "172.17.0.1", "10.9.9.9", "172.17.0.1"),
        ("172.16.0.0/12", "172.17.0.1", "10.9.9.9", "10.9.9.9"),
        ("172.16.0.0/12", "172.17.0.1", "6.6.6.6, 10.9.9.9", "10.9.9.9"),
        ("172.16.0.0/12,10.0.0.1", "172.17.0.1", "10.9.9.9, 10.0.0.1", "10.9.9.9"),
        ("172.16.0.0/12", "10.9.9.9", "6.6.6.6", "10.9.9.9"),
    ],
)
def test_an_address_is_that_of_the_client_and_not_of_a_trusted_proxy(
    tmp_path: Path, proxies: str, peer: str, said: str, expected: str
) -> None:
    """A14: behind a container's proxy everybody was one address."""
    settings = config.from_environment({"FLOORWALK_PROXIES": proxies}, data=tmp_path)
    heard: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(accounts.address_of(Request(scope)))

    made = uvicorn.Config(app, **{**serving.settings_of(settings), "lifespan": "off"})
    made.load()
    scope = {
        "type": "http",
        "client": (peer, 1),
        "scheme": "http",
        "headers": [(b"x-forwarded-for", said.encode())],
    }
    with closing(Loop()) as loop:
        loop.run(made.loaded_app(scope, None, None))  # type: ignore[arg-type]
    assert heard == [f"address:{expected}"]


def test_a_proxy_that_is_no_address_is_said(tmp_path: Path) -> None:
    """A14."""
    with pytest.raises(ValueError, match="nginx"):
        config.from_environment({"FLOORWALK_PROXIES": "nginx"}, data=tmp_path)


def test_the_description_of_all_addresses_is_made_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A16: `/openapi.json` delayed pushes."""
    made: list[int] = []
    real = openapi.description
    monkeypatch.setattr(openapi, "description", lambda routes: made.append(1) or real(routes))
    with inside(site) as door:
        answers = [door.ask(None, "GET", "/openapi.json") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1 and len(made) == 1


@pytest.mark.parametrize("turning", ["\u202e", "\u202a", "\u202d", "\u2066", "\u2067", "\u2069"])
def test_a_letter_that_turns_the_direction_is_not_shown(turning: str) -> None:
    """A16: it reached beyond the name it stands in; the twin is render/markup.js."""
    assert printable(f"张{turning}三") == "张三"
    assert printable("שלום") == "שלום", "text that runs the other way stays"
    assert "unicode-bidi: isolate" in (ROOT / "web/styles/base.css").read_text("utf-8")
