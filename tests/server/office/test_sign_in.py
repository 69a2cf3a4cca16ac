"""Signing in: who gets in, what a wrong guess is told, and how many guesses there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from server.acts.site import Site
from server.app import build
from server.base.config import Config
from server.http import accounts
from tests.cast import made_site
from tests.clock import Clock
from tests.server.office.window import OURS, Window

Opening = Callable[..., Window]


def test_wu_comes_to_the_office_and_lin_to_the_floor(window: Opening) -> None:
    assert window().signs_in("wu").address == "/office/"
    lin = window().client.post(
        "/sign-in", data={"login": "lin", "password": "floorwalk"}, headers=OURS,
        follow_redirects=False,
    )  # fmt: skip
    assert lin.headers["location"] == "/floor/lobby"


def test_a_login_is_known_by_its_name_too_and_in_any_case(window: Opening) -> None:
    assert window().signs_in("WU").status == 200
    assert window().signs_in("吴建国").address == "/office/"


def test_zhao_gets_in_and_is_told_that_a_post_is_missing(window: Opening) -> None:
    page = window().signs_in("zhao")
    assert "you hold no post yet" in page.text
    assert "an administrator has to give you a post" in page.text


def test_zhao_is_sent_back_from_every_page_of_the_office(window: Opening) -> None:
    assert window("zhao").opens("/office/complaints").address == "/"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(window: Opening) -> None:
    wrong = window().signs_in("wu", "not this one")
    unknown = window().signs_in("nobody-at-all", "not this one")
    assert wrong.status == unknown.status == 422
    assert wrong.html.replace('value="wu" a', "") == unknown.html.replace(
        'value="nobody-at-all" a', ""
    )


def test_what_was_typed_stays_but_for_the_password(window: Opening) -> None:
    page = window().sends("/sign-in", login="wu", password="wrong one", target="/office/waiting")
    assert page.form("/sign-in").fields == {
        "login": "wu", "password": "", "target": "/office/waiting",
    }  # fmt: skip


def test_the_page_asked_for_is_where_one_comes_after_signing_in(window: Opening) -> None:
    nobody = window()
    page = nobody.opens("/office/waiting")
    assert page.address == "/sign-in"
    assert nobody.fills_in(page, "/sign-in", login="wu", password="floorwalk").address == (
        "/office/waiting"
    )


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example", "/sign-out", "/\\x"])
def test_a_target_elsewhere_is_not_followed(window: Opening, target: str) -> None:
    page = window().sends("/sign-in", login="wu", password="floorwalk", target=target)
    assert page.address == "/office/"


def test_signing_out_ends_the_session_on_the_server(app: Starlette, wu: Window) -> None:
    token = wu.client.cookies["floorwalk"]
    assert wu.sends("/sign-out").address == "/sign-in"
    thief = Window(app)
    thief.client.cookies.set("floorwalk", token)
    assert thief.opens("/office/").address == "/sign-in"


def test_a_session_ends_after_twelve_hours_or_four_idle_ones(clock: Clock, wu: Window) -> None:
    for _ in range(3):
        clock.passes(hours=3, minutes=50)
        assert wu.opens("/office/").address == "/office/"
    clock.passes(hours=1)
    assert wu.opens("/office/").address == "/sign-in"
    wu.signs_in("wu")
    clock.passes(hours=4, minutes=1)
    assert wu.opens("/office/").address == "/sign-in"


def test_a_token_is_kept_only_as_its_hash(site: Site, wu: Window) -> None:
    token = wu.client.cookies["floorwalk"]
    with site.reading() as connection:
        dump = str(connection.exec_driver_sql("select * from sessions").all())
    assert token not in dump and len(token) >= 22


def test_the_sixth_guess_on_a_device_is_not_even_checked(clock: Clock, window: Opening) -> None:
    guesser = window()
    assert [guesser.signs_in("wu", f"wrong-{n}").status for n in range(6)] == [422] * 5 + [429]
    right = guesser.signs_in("wu")
    assert right.status == 429 and "Try again in 15 min" in right.text
    clock.passes(minutes=15, seconds=1)
    assert guesser.signs_in("wu").status == 200


def test_a_restart_forgives_nothing(site: Site, window: Opening) -> None:
    for n in range(5):
        window().signs_in("wu", f"wrong-{n}")
    again = Site(site.config, site.now)
    assert Window(build(again)).signs_in("wu").status == 429
    again.close()


def test_guesses_from_elsewhere_do_not_lock_wu_out_of_her_own_tablet(
    site: Site, wu: Window
) -> None:
    for n in range(40):
        accounts.sign_in(site, "wu", "wrong", f"address:10.0.0.{n // 5}", is_known_device=False)
    stranger = accounts.sign_in(site, "wu", "floorwalk", "address:10.0.9.9", is_known_device=False)
    assert stranger.problem == "too_many"
    assert wu.signs_in("wu").status == 200


def test_one_device_that_tries_many_names_is_stopped(window: Opening) -> None:
    sprayer = window()
    statuses = [sprayer.signs_in(f"name-{n}", "wrong one").status for n in range(32)]
    assert statuses == [422] * 30 + [429] * 2


def test_a_form_of_another_website_is_refused(window: Opening) -> None:
    nobody = window()
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        answer = nobody.client.post(
            "/sign-in", data={"login": "wu", "password": "floorwalk"}, headers=headers
        )
        assert answer.status_code == 403
    assert nobody.opens("/office/").address == "/sign-in"


def test_the_page_speaks_both_languages_and_remembers(window: Opening) -> None:
    nobody = window(language="")
    assert "登录" in nobody.opens("/sign-in").text
    page = nobody.opens("/sign-in?language=en")
    assert 'lang="en"' in page.html and "Password" in page.text
    assert 'lang="en"' in nobody.opens("/sign-in").html


def test_the_demo_names_its_people_and_another_site_does_not(
    tmp_path: Path, clock: Clock, window: Opening
) -> None:
    page = window().opens("/sign-in")
    assert "林小美" in page.text and "No post yet" in page.text
    folder = tmp_path / "other"
    folder.mkdir()
    made = made_site(folder, clock)
    made.config = Config(folder, made.config.database, name="demo", demo=False)
    accounts.set_password(made, "person:wu", "wu", "a long password")
    assert "林小美" not in Window(build(made)).opens("/sign-in").text
    made.close()


def test_a_new_server_says_how_to_make_the_first_account(site: Site) -> None:
    page = Window(build(site)).opens("/sign-in")
    assert "floorwalk person add" in page.text


def test_a_person_who_left_is_signed_out_at_once(site: Site, wu: Window) -> None:
    site.record_act("person.changed", "person:wu", {"active": False}, by="system:site")
    assert wu.opens("/office/").address == "/sign-in"
    assert wu.signs_in("wu").status == 422
