"""A page that breaks its Content-Security-Policy is noticed, in every browser of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests import browser
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.tablet import until

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>x</title><p {what}>x</p>"""


@pytest.mark.parametrize("kept", [True, False], ids=["a profile", "a window"])
@pytest.mark.parametrize("what", ['style="color: red"', 'onclick="x()"'])
def test_what_a_page_may_not_do_is_noticed(
    playwright: Playwright, tmp_path: Path, what: str, kept: bool
) -> None:
    (tmp_path / "page.html").write_text(PAGE.format(what=what), "utf-8")
    options = {"executable_path": chromium_path(), "args": list(LAUNCH_ARGUMENTS)}
    chromium = playwright.chromium
    if kept:
        opened = chromium.launch_persistent_context(tmp_path / "profile", **options)  # type: ignore[arg-type]
        page = opened.new_page()
    else:
        opened = chromium.launch(**options)  # type: ignore[assignment, arg-type]
        page = opened.new_page()
    try:
        page.goto((tmp_path / "page.html").as_uri())
        until(lambda: page.title() and browser.violations, "what it was refused")
    finally:
        opened.close()
    browser.violations.clear()
