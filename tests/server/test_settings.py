"""A10 on the server: no way in takes a setting out of its bounds, and a command resets it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from server import cli
from server.acts.site import Site
from tests.cast import SITE, Cast
from tests.server.test_commands import run

KEY = "setting:session.idle_at_most"


@pytest.mark.parametrize("value", [0, -5, None, 4, 1_441])
def test_an_idle_time_of_zero_is_impossible(site: Site, cast: Cast, value: int | None) -> None:
    said = {"value": value, "reason": "x"}
    verdict = cast.wu.does("setting.changed", KEY, **said)
    assert (verdict.code, set(verdict.details["fields"])) == ("malformed", {"value"})
    assert not site.record_act("setting.changed", KEY, said, by="person:wu").good
    assert site.settings()["session.idle_at_most"]["value"] == 240


def test_a_setting_that_does_not_exist_is_refused(cast: Cast) -> None:
    assert cast.wu.does("setting.changed", "setting:nothing", value=5, reason="x").code


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_resets_one_setting_or_all(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data", str(site.config.data), "--site", SITE]
    assert cli.main(["settings", "set", "session.idle_at_most", "60", *where]) == 0
    assert cli.main(["settings", "set", "session.lasts", "8", *where]) == 0
    assert cli.main(["settings", "set", "session.lasts", "0", *where]) == 1
    assert "goes from 1 to 168" in capsys.readouterr().err
    assert cli.main(["settings", "set", "calendar.closes", "17:30", *where]) == 0
    assert cli.main(["settings", "set", "calendar.closes", "17h", *where]) == 1
    assert "calendar.closes is counted in hour: 17h is none." in capsys.readouterr().err
    assert cli.main(["settings", "reset", "session.lasts", *where]) == 0
    settings = site.settings()
    site.catch_up()
    settings = site.settings()
    assert settings["session.lasts"]["value"] == 12
    assert settings["session.idle_at_most"]["value"] == 60
    assert site.calendar()["closes"] == 17 * 60 + 30
    assert cli.main(["settings", "reset", *where]) == 0
    assert "2 settings are the profile's again" in capsys.readouterr().out
    assert cli.main(["settings", "list", *where]) == 0
    assert "18:00 hour   00:01–24:00" in capsys.readouterr().out


def test_a_setting_unknown_to_the_command_is_said(tmp_path: Path) -> None:
    done: subprocess.CompletedProcess[str] = run(tmp_path, "settings", "reset", "nothing")
    assert done.returncode == 1 and "There is no setting nothing" in done.stderr
