"""First passwords, passwords asked again, second factors, and administrators beside managers.

The site of these tests is no demo: there everybody knows the passwords, and none of this is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from starlette.applications import Starlette

from server import cli
from server.acts import security_log
from server.acts.security_log import EventFilter
from server.acts.site import Site
from server.app import build
from server.base import config
from server.http import accounts, second_factor
from tests.cast import Cast, made_site
from tests.clock import Clock
from tests.server.in_process import inside
from tests.server.office.conftest import kept_password
from tests.server.office.window import Page, Window

NEW = "a longer secret"
Opening = Callable[..., Window]


@pytest.fixture
def site(tmp_path: Path, clock: Clock, database: str) -> Iterator[Site]:
    """A hospital that is no demo."""
    made = made_site(tmp_path, clock, database=database)
    made.config = replace(made.config, demo=False)
    yield made
    made.close()


@pytest.fixture
def factor(site: Site, app: Starlette) -> pyotp.TOTP:
    """Wu's authenticator: her second factor is on."""
    secret = second_factor.begin(site, "person:wu")
    totp = pyotp.TOTP(secret)
    assert second_factor.turn_on(site, "person:wu", totp.at(site.now() // 1_000))
    return totp


def kinds(site: Site) -> list[str]:
    with site.reading() as connection:
        return [row.kind for row in security_log.events(connection, EventFilter())]


# First passwords


def test_a_password_that_somebody_else_set_is_changed_first(
    site: Site, window: Opening, app: Starlette
) -> None:
    wu = window("wu")
    wu.fills_in(wu.opens("/office/people/chen"), "/password", login="chen", password="set by wu")
    chen = window()
    page = chen.signs_in("chen", "set by wu")
    assert page.address == "/sign-in/change"
    assert chen.opens("/office/").address == "/sign-in", "nobody is in before"
    again = chen.fills_in(page, "/sign-in/change", password="set by wu", again="set by wu")
    assert again.status == 422 and "Choose another" in again.text
    assert chen.fills_in(again, "/sign-in/change", password=NEW, again="x").status == 422
    done = chen.fills_in(again, "/sign-in/change", password=NEW, again=NEW)
    assert done.address == "/office/"
    assert window().signs_in("chen", NEW).address == "/office/"
    assert {"password_set", "password_changed"} <= set(kinds(site))


def test_a_first_password_lets_no_program_in(site: Site, app: Starlette) -> None:
    accounts.set_password(site, "person:lin", "lin", "first of all", must_change=True)
    with inside(site) as application:
        answer = application.ask(None, "GET", "/sync/demo", auth=("lin", "first of all"))
        assert answer.status_code == 401
        login = {"name": "lin", "password": "first of all"}
        answer = application.ask(None, "POST", "/_session", json=login)
        assert answer.status_code == 401 and answer.json()["code"] == "unfinished_sign_in"


@pytest.mark.parametrize("own", [False, True])
def test_the_command_makes_a_first_password_unless_it_is_ones_own(
    tmp_path: Path, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.commands._asked", lambda args: "typed by root")
    words = ["--name", "钱", "--login", "qian", "--post", "admin", "--data", str(tmp_path)]
    assert cli.main(["person", "add", *words, *(["--own"] if own else [])]) == 0
    made = Site(made_config(tmp_path))
    page = Window(build(made)).signs_in("qian", "typed by root")
    assert page.address == ("/office/" if own else "/sign-in/change")
    made.close()


def made_config(folder: Path) -> config.Config:
    return config.from_environment({}, data=str(folder))


def test_a_stage_belongs_to_whoever_is_in_it(site: Site, window: Opening, app: Starlette) -> None:
    for path in ("/sign-in/code", "/sign-in/change", "/sign-in/enrol"):
        assert window().opens(path).address == "/sign-in"
        assert window("wu").opens(path).address == "/sign-in"
        assert window("wu").sends(path, code="1", password=NEW, again=NEW).address == "/sign-in"


def test_a_half_finished_sign_in_ends_by_itself(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    accounts.set_password(site, "person:chen", "chen", "set by wu", must_change=True)
    chen = window()
    page = chen.signs_in("chen", "set by wu")
    clock.passes(minutes=11)
    done = chen.fills_in(page, "/sign-in/change", password=NEW, again=NEW)
    assert done.address == "/sign-in"


# Passwords asked again


def stale(clock: Clock, window: Opening, path: str) -> tuple[Window, Page]:
    """Return Wu's window after half an hour, with a page open."""
    wu = window("wu")
    clock.passes(minutes=30)
    return wu, wu.opens(path)


def test_a_reset_asks_for_the_own_password_once_and_then_not_for_a_while(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    wu, page = stale(clock, window, "/office/people/chen")
    assert "Your own password, once more" in page.text
    sent = {"login": "chen", "password": "another one"}
    refused = wu.fills_in(page, "/password", **sent)
    assert refused.status == 422 and "That is not your password." in refused.text
    assert window().signs_in("chen").address == "/office/", "the old one still holds"
    assert wu.fills_in(page, "/password", **sent, confirm="floorwalk").status == 200
    assert "once more" not in wu.opens("/office/people/chen").text
    clock.passes(minutes=16)
    assert "once more" in wu.opens("/office/people/chen").text


def test_rights_and_settings_of_security_and_the_export_ask_too(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    wu, page = stale(clock, window, "/office/people/zhao")
    given = {"name": "赵敏", "posts": ["cs_agent"], "active": "yes"}
    assert wu.fills_in(page, "/office/people/zhao", **given).status == 422
    assert (site.person("person:zhao") or {})["posts"] == []
    harmless = {"name": "赵敏敏", "active": "yes"}
    assert wu.fills_in(page, "/office/people/zhao", **harmless).status == 200
    page = wu.opens("/office/settings/session.lasts")
    change = {"value": "8", "reason": "x", "step": "do"}
    assert wu.fills_in(page, "/session.lasts", **change).status == 422
    assert site.settings()["session.lasts"]["value"] == 12
    page = wu.opens("/office/settings/waiting.water_after")
    assert "once more" not in page.text
    page = wu.opens("/office/security")
    assert wu.fills_in(page, "/export").status == 422
    assert wu.fills_in(page, "/export", confirm="floorwalk").status == 200


def test_guessing_the_password_that_is_asked_again_is_throttled(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    wu, page = stale(clock, window, "/office/people/chen")
    sent = {"login": "chen", "password": "another one"}
    for n in range(5):
        wu.fills_in(page, "/password", **sent, confirm=f"wrong {n}")
    answer = wu.fills_in(page, "/password", **sent, confirm="floorwalk")
    assert answer.status == 422 and "Too many wrong passwords" in answer.text
    assert "locked_out" in kinds(site)


# Administrators beside managers


@pytest.fixture
def manager(site: Site, window: Opening, app: Starlette, clock: Clock) -> Window:
    """Chen as a manager who is no administrator."""
    seen = (site.record("person:chen") or {})["acts"]["last"]
    change = {"posts": ["cs_manager"]}
    assert site.record_act("person.changed", "person:chen", change, by="person:wu", seen=seen).good
    clock.passes(seconds=1)
    return window("chen")


def test_a_manager_makes_nobody_an_administrator(site: Site, manager: Window, cast: Cast) -> None:
    page = manager.opens("/office/people/zhao")
    answer = manager.fills_in(
        page, "/office/people/zhao", name="赵敏", posts=["admin"], active="yes"
    )
    assert answer.status == 422 and "Only an administrator gives" in answer.text
    form = manager.opens("/office/people?add=1")
    answer = manager.fills_in(form, "/office/people", name="李", login="li", posts=["admin"])
    assert answer.status == 422
    # The same from a tablet, past every form; and onto themselves.
    for whom in ("person:zhao", "person:chen"):
        seen = (site.record(whom) or {})["acts"]["last"]
        verdict = cast.chen.does("person.changed", whom, seen=seen, posts=["cs_manager", "admin"])
        assert verdict.code == "not_your_post"
    assert cast.chen.does("person.added", "person:li", name="李", posts=["admin"]).code


def test_a_manager_touches_no_administrator(site: Site, manager: Window, cast: Cast) -> None:
    seen = (site.record("person:wu") or {})["acts"]["last"]
    for data in ({"posts": []}, {"active": False}, {"phone": "123"}):
        verdict = cast.chen.does("person.changed", "person:wu", seen=seen, **data)
        assert verdict.code == "not_your_post", data
    assert "Only an administrator changes the account" in manager.opens("/office/people/wu").text
    assert manager.sends("/office/people/wu/password", login="wu", password=NEW).status == 404
    assert manager.sends("/office/people/wu/factor").status == 404


def test_a_manager_changes_no_setting_of_security(site: Site, manager: Window, cast: Cast) -> None:
    page = manager.opens("/office/settings/session.lasts")
    assert "Only an administrator changes this one." in page.text
    sent = {"value": "8", "reason": "x", "step": "do"}
    assert manager.sends("/office/settings/session.lasts", **sent).status == 404
    said = {"value": 8, "reason": "x"}
    verdict = cast.chen.does("setting.changed", "setting:session.lasts", **said)
    assert verdict.code == "not_your_post"
    assert cast.chen.does(
        "setting.changed", "setting:waiting.water_after", value=6, reason="x"
    ).good


def test_an_administrator_sees_no_patient_by_that_post(
    site: Site, cast: Cast, window: Opening, app: Starlette, clock: Clock
) -> None:
    waiting = cast.lin.new("waiting")
    assert cast.lin.does("waiting.started", waiting, place="place:lobby-1", name="司徒青云").good
    cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:area-2", name="欧阳")
    seen = (site.record("person:zhao") or {})["acts"]["last"]
    change = {"posts": ["admin"], "places": ["place:site"]}
    assert site.record_act("person.changed", "person:zhao", change, by="person:wu", seen=seen).good
    clock.passes(seconds=1)
    with inside(site) as application:
        page = application.ask("zhao", "GET", "/sync/demo/_changes?include_docs=true").text
    assert "person:lin" in page
    assert "司徒青云" not in page and "欧阳" not in page and waiting not in page
    assert "司徒" not in window("zhao").opens("/office/waiting").text


# The second factor


def code_of(totp: pyotp.TOTP, clock: Clock) -> str:
    return totp.at(clock() // 1_000)


def test_wu_turns_it_on_and_signs_in_with_a_code(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    wu = window("wu")
    page = wu.opens("/account")
    assert wu.fills_in(page, "/account/factor", confirm="wrong").status == 422
    page = wu.fills_in(page, "/account/factor", confirm="floorwalk")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.html)
    assert secret is not None and "data:image/svg+xml" in page.html
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    assert wu.fills_in(page, "/account/factor", code="000000").status == 422
    page = wu.fills_in(page, "/account/factor", code=code_of(totp, clock))
    recovery = re.findall(r"<code>([0-9A-Z]{10})</code>", page.html)
    assert len(set(recovery)) == 10
    again = window()
    asked = again.signs_in("wu")
    assert asked.address == "/sign-in/code" and again.opens("/office/").address == "/sign-in"
    used = again.fills_in(asked, "/sign-in/code", code=code_of(totp, clock))
    assert used.status == 422, "that code turned it on and counts no second time"
    clock.passes(seconds=30)
    assert again.fills_in(asked, "/sign-in/code", code=code_of(totp, clock)).address == "/office/"
    for status in (200, 422):  # a recovery code counts once
        other = window()
        page = other.fills_in(other.signs_in("wu"), "/sign-in/code", code=recovery[0].lower())
        assert page.status == status
    assert kinds(site).count("second_factor") == 2


def test_codes_cannot_be_guessed(
    site: Site, clock: Clock, window: Opening, factor: pyotp.TOTP
) -> None:
    clock.passes(minutes=1)
    guesser = window()
    page = guesser.signs_in("wu")
    wrong = [f"{(int(code_of(factor, clock)) + n) % 1_000_000:06}" for n in range(7, 12)]
    for code in wrong:
        assert guesser.fills_in(page, "/sign-in/code", code=code).status == 422
    answer = guesser.fills_in(page, "/sign-in/code", code=code_of(factor, clock))
    assert answer.status == 429 and "Too many wrong codes" in answer.text


def test_a_password_alone_lets_no_program_in(site: Site, factor: pyotp.TOTP) -> None:
    with inside(site) as application:
        answer = application.ask(None, "GET", "/sync/demo", auth=("wu", "floorwalk"))
        assert answer.status_code == 401


def test_a_lost_phone_is_helped_by_an_administrator(
    site: Site, clock: Clock, window: Opening, factor: pyotp.TOTP, cast: Cast
) -> None:
    second_factor.begin(site, "person:chen")
    secret = pyotp.TOTP(second_factor.begin(site, "person:chen"))
    assert second_factor.turn_on(site, "person:chen", code_of(secret, clock))
    clock.passes(seconds=30)
    wu = window()
    page = wu.fills_in(wu.signs_in("wu"), "/sign-in/code", code=code_of(factor, clock))
    wu.fills_in(wu.opens("/office/people/chen"), "/people/chen/factor")
    assert window().signs_in("chen").address == "/office/"
    assert page.status == 200


def test_a_setting_says_who_must_have_one(
    site: Site, clock: Clock, window: Opening, app: Starlette
) -> None:
    said = {"value": 1, "reason": "x"}
    key = "setting:security.second_factor"
    assert site.record_act("setting.changed", key, said, by="system:site").good
    assert window().signs_in("chen").address == "/office/"
    wu = window()
    page = wu.signs_in("wu")
    assert page.address == "/sign-in/enrol" and wu.opens("/office/").address == "/sign-in"
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.html)
    assert secret is not None
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    page = wu.fills_in(page, "/sign-in/enrol", code=code_of(totp, clock))
    assert wu.opens(page.links["I have kept them"]).address == "/office/"
    page = wu.fills_in(wu.opens("/account"), "/account/factor", confirm="floorwalk")
    assert page.status == 422 and "needs a second factor" in page.text


def test_a_password_is_changed_by_its_owner(site: Site, window: Opening, app: Starlette) -> None:
    wu, other = window("wu"), window("wu")
    page = wu.opens("/account")
    new = {"password": NEW, "again": NEW}
    assert wu.fills_in(page, "/account/password", confirm="wrong", **new).status == 422
    done = wu.fills_in(page, "/account/password", confirm="floorwalk", **new)
    assert "The new password holds." in done.text
    assert other.opens("/office/").address == "/sign-in", "every earlier sign-in has ended"
    assert kept_password() and window().signs_in("wu", NEW).address == "/office/"


def test_the_page_asks_for_the_login_and_takes_a_name_that_one_account_has(
    site: Site, window: Opening, app: Starlette, clock: Clock
) -> None:
    """found.md §3, 57: 工号或姓名 was said, and neither opened."""
    nobody = window(language="zh-CN")
    page = nobody.opens("/sign-in")
    assert "登录名" in page.text and "工号" not in page.text
    assert window().signs_in("吴　建国").address == "/office/"
    # Somebody of the same name without an account takes the name from nobody.
    site.record_act("person.added", "person:wu-2", {"name": "吴建国"}, by="system:site")
    assert window().signs_in("吴建国").address == "/office/"
    accounts.set_password(site, "person:wu-2", "wu2", "floorwalk 2")
    assert window().signs_in("吴建国").status == 422


def test_in_the_demo_nothing_of_this_is_asked(
    site: Site, window: Opening, app: Starlette, clock: Clock
) -> None:
    site.config = replace(site.config, demo=True)
    accounts.set_password(site, "person:chen", "chen", "set by wu", must_change=True)
    assert window().signs_in("chen", "set by wu").address == "/office/"
    _, page = stale(clock, window, "/office/people/chen")
    assert "once more" not in page.text
    page = window("wu").sends("/account/password", confirm="floorwalk", password=NEW, again=NEW)
    assert "nothing is changed here" in page.text and window("wu").opens("/office/").status == 200
