"""What forms offer to name: what is in force, not what is retired or a draft.

Faults that users of others reported: trainees were enrolled in expired courses (tadreeblms 315),
drafts stood where only published articles belong (chatwoot 5753).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.acts.site import Site
from tests.cast import Cast
from tests.server.office.window import Window

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_retired_course_is_offered_for_no_training(
    site: Site, window: Callable[..., Window]
) -> None:
    for course, name in (("course:new", "礼仪"), ("course:old", "旧规")):
        said = {"name": name, "kind": "internal"}
        assert site.record_act("course.published", course, said, by="person:wu").good
    seen = (site.record("course:old") or {})["acts"]["last"]
    assert site.record_act("course.retired", "course:old", {}, by="person:wu", seen=seen).good
    page = window("wu").opens("/office/records/training?view=all&add=1")
    assert page.status == 200
    assert "course:new" in page.html and "course:old" not in page.html


def test_an_announcement_names_an_article_that_is_in_force(
    site: Site, cast: Cast, window: Callable[..., Window]
) -> None:
    text = {"title": "医保报销", "words": "带医保卡"}
    shipped, draft = cast.chen.new("article"), cast.chen.new("article")
    assert site.record_act("article.shipped", shipped, {"kind": "policy", **text}, by="system:site")
    assert cast.chen.does("article.drafted", draft, kind="policy", title="草稿", words="x").good
    page = window("wu").opens("/office/announcements?view=all&add=1")
    assert page.status == 200
    assert shipped in page.html and draft not in page.html
