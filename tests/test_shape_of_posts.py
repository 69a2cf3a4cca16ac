"""Posts are data of a profile: what is named exists, and what exists is named or said to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

import sync
from server.acts.recipients import OWNER, TELLS
from service_worker.build.tablet_declarations import for_tablet
from sync import posts
from tests import invented_clocks

Plain = dict[str, Any]
NO_POSTS = {*posts.SYSTEM, "anybody", "head", OWNER, ""}
CHANNEL = re.compile(r"post:(\w+)|(\w+)@")
HOSPITAL = posts.of_profile("hospital")


def named_posts(declared: Plain) -> Iterator[tuple[str, str]]:
    """Yield (post, where it is named): who says it, whom it is shown, who is told."""
    for name, act in declared["acts"].items():
        yield from ((post, name) for post in act["who"])
    for kind, record in declared["records"].items():
        for trait in ("editors", "deciders", "pages_for"):
            yield from ((post, f"{kind}.{trait}") for post in record[trait])
        for channel in record["channels"]:
            said = channel if isinstance(channel, str) else channel[0]
            if found := CHANNEL.match(said):
                yield found[1] or found[2], f"{kind}.channels"
    for name, ladder in declared["ladders"].items():
        for rung in ladder["rungs"]:
            told = (TELLS.fullmatch(tell) for tell in rung["tell"])
            yield from ((found[1], name) for found in told if found)


def of_everybody(declared: Plain) -> set[str]:
    """Return where every post is named alike: that says of none that it has work."""
    where: dict[str, set[str]] = {}
    for post, place in named_posts(declared):
        where.setdefault(place, set()).add(post)
    return {place for place, some in where.items() if set(declared["office_posts"]) <= some}


def unknown(declared: Plain) -> list[tuple[str, str]]:
    """Return the posts that are named and are none of the profile."""
    known = {*declared["posts"], *NO_POSTS}
    return [pair for pair in named_posts(declared) if pair[0] not in known]


def idle(declared: Plain, some: tuple[posts.Post, ...]) -> list[str]:
    """Return what is wrong with posts that nothing names, and with those said to come later."""
    general = of_everybody(declared)
    named = {post for post, where in named_posts(declared) if where not in general}
    kinds = declared["records"]
    wrong = [
        f"{one.name}: nothing names it" for one in some if not one.later and one.name not in named
    ]
    wrong += [f"{one.name}: {one.later} is here" for one in some if one.later in kinds]
    return wrong + [f"{one.name}: named by now" for one in some if one.later and one.name in named]


def test_every_post_that_a_declaration_names_is_one_of_the_profile() -> None:
    with invented_clocks.declared():
        assert unknown(sync.declarations()) == []


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("waiting.started", {"who": ["dean"]}),
        ("waiting", {"channels": ["post:dean"]}),
        ("waiting", {"channels": [["dean@{place}", {"state": "waiting"}]]}),
        ("waiting", {"deciders": ["dean"]}),
        ("waiting_water", {"rungs": [{"tell": ["owner", "dean@{place}"]}]}),
    ],
)
def test_a_post_that_is_none_is_noticed_wherever_it_is_named(where: str, change: Plain) -> None:
    declared = sync.declarations()
    part = next(one for one in ("acts", "records", "ladders") if where in declared[one])
    planted = {**declared[part], where: {**declared[part][where], **change}}
    assert {post for post, _ in unknown({**declared, part: planted})} == {"dean"}


def test_every_post_has_work_or_says_which_kind_will_bring_it() -> None:
    assert idle(sync.declarations(), HOSPITAL) == []


@pytest.mark.parametrize(
    ("post", "fault"),
    [
        (posts.Post("dean", "院长", "office"), "dean: nothing names it"),
        (posts.Post("dean", "院长", "office", later="waiting"), "dean: waiting is here"),
        (posts.Post("guide", "导医", "tablet", later="transfer"), "guide: named by now"),
    ],
)
def test_a_post_without_work_is_noticed(post: posts.Post, fault: str) -> None:
    assert idle(sync.declarations(), (post,)) == [fault]


@pytest.mark.parametrize(
    "said",
    [
        {"guide": {"works": "tablet", "above": "guide"}},
        {"guide": {"works": "tablet", "above": "hr"}, "hr": {"works": "office", "above": "guide"}},
        {"guide": {"works": "tablet", "above": "gm"}},
        {"guide": {"works": "field"}},
        {"guide": {"works": "tablet", "groups": ["kings"]}},
        {"dean": {"works": "office"}},
    ],
    ids=["itself", "in a circle", "nobody", "nowhere", "no group", "no name"],
)
def test_a_profile_with_a_post_that_cannot_be_is_refused(said: Plain) -> None:
    with pytest.raises(ValueError, match=r"^post "):
        posts.read_posts(said)


def test_who_may_give_posts_and_who_gives_the_post_of_security_stands_in_the_profile() -> None:
    grants = [post.name for post in HOSPITAL if "grants" in post.groups]
    assert grants == list(posts.ADMINS) == ["cs_manager", "admin"]
    assert posts.SECURITY == ("admin",)


def test_people_tasks_and_texts_may_name_every_post_of_the_profile() -> None:
    """A person holds one, a task is for one, a text is for some: all of them are offered."""
    names, found = [post.name for post in HOSPITAL], []
    for kind, record in sync.declarations()["records"].items():
        for field in record["fields"]:
            if {"guide", "gm"} <= {value for value, _ in field["choices"]}:
                found.append(kind)
                assert [value for value, _ in field["choices"]] == names, (kind, field["name"])
    assert {"person", "task", "article", "course"} <= set(found)


def test_the_tablet_knows_the_names_and_who_may_open_the_office() -> None:
    kept = for_tablet(sync.declarations())
    assert kept["posts"] == {post.name: post.label for post in HOSPITAL}
    assert "guide" not in kept["office_posts"] and "front_desk" in kept["office_posts"]
    assert "ranks" not in kept


def test_whoever_is_told_at_last_and_whoever_is_above_is_of_the_profile() -> None:
    declared = sync.declarations()
    ranks = declared["ranks"]
    assert {*ranks, *ranks.values(), *declared["last_resort"]} <= set(declared["posts"])
    tops = {post for post in declared["posts"] if post not in ranks}
    assert tops == {"gm", "admin"}, "everybody else answers to somebody"
