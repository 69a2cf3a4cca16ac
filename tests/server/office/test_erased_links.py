"""A link to what was erased says what it was and that it was erased, on every page and paper.

Wu files a document about a task of Lin's, and passes an opinion on; then the task is erased.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.acts import erasure
from server.acts.site import Site
from tests.cast import Cast
from tests.server.office.window import OURS, Window

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SAID = "欧阳若兰的片子在三号窗口"
GONE = "Task, erased"


@pytest.fixture
def filed(site: Site, cast: Cast) -> tuple[str, str]:
    """The task that was erased, and the document that links to it."""
    task, paper = cast.lin.new("task"), cast.wu.new("document")
    assert cast.lin.does("task.raised", task, words=SAID).good
    about = {"title": "片子", "kind": "client", "folder": "7", "about": task}
    assert cast.wu.does("document.filed", paper, **about).good
    erasure.erase(site, task, by="person:wu", reason="要求删除")
    return task, paper


def test_the_record_itself_says_that_it_was_erased(site: Site, filed: tuple[str, str]) -> None:
    task = site.record(filed[0])
    assert task is not None and task["erased"] is True and task["title"] == ""
    assert SAID not in str(task)
    site.refold()
    assert site.record(filed[0]) == task, "and does so when it is folded again"


@pytest.mark.parametrize("where", ["page", "table", "paper", "export", "own page", "own table"])
def test_whatever_names_it_says_what_it_was_and_that_it_was_erased(
    site: Site, filed: tuple[str, str], window: Callable[..., Window], where: str
) -> None:
    task, paper = (one.partition(":")[2] for one in filed)
    wu = window("wu")
    if where == "export":
        form = {"format": "csv", "table": "", "query": "view=all&columns=title,about"}
        answer = wu.client.post("/office/export/document", data=form, headers=OURS)
        assert answer.status_code == 200
        text = answer.text
    else:
        address = {
            "page": f"/office/documents/{paper}",
            "table": "/office/documents?view=all&columns=title,about",
            "paper": f"/office/documents/{paper}/form",
            "own page": f"/office/tasks/{task}",
            "own table": "/office/tasks?view=all",
        }[where]
        page = wu.opens(address)
        assert page.status == 200
        text = page.text
        if where == "page":
            assert page.links[GONE] == f"/office/tasks/{task}", "and leads to what is left"
    assert GONE in text and SAID not in text and task not in text
