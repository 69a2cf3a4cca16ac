"""The posts that people hold, what is theirs to do, and whom each answers to: data of a profile.

Which posts there are stands under `[posts]` in `profiles/<name>.toml`; here are their names, in
words that are translated, and the groups that kinds of record speak of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sync.words import _

PROFILES = Path(__file__).with_name("profiles")
USUAL = "hospital"  # the profile whose posts are in the groups below
NAMES = {
    "guide": _("Guide"),
    "guide_supervisor": _("Guide supervisor"),
    "front_desk": _("Front desk"),
    "cs_clerk": _("Customer service clerk"),
    "cs_agent": _("Customer service agent"),
    "cs_supervisor": _("Customer service supervisor"),
    "cs_manager": _("Customer service manager"),
    "team_leader": _("Team leader"),
    "consultant_remote": _("Phone and web consultant"),
    "doctor_assistant": _("Doctor's assistant"),
    "clinical_head": _("Head of a clinical department"),
    "dept_head": _("Head of a department"),
    "admin_assistant": _("Administrative assistant"),
    "ops_dept": _("Operations department"),
    "medical_affairs": _("Medical affairs"),
    "nursing_dept": _("Nursing department"),
    "deputy_director": _("Deputy director"),
    "director": _("Hospital director"),
    "gm": _("General manager"),
    "security": _("Security guards"),
    "finance": _("Finance"),
    "hr": _("Human resources"),
    "marketing": _("Marketing"),
    "backoffice": _("Back office reconciler"),
    "auditor": _("Auditor"),
    "admin": _("Administrator"),
}
# What a post may be besides: of the floor (walks lobbies and wards), of the desk (answers for a
# case), a teacher (courses, trainings and assessments), a decider (of open questions), one of those
# who give posts to people, or of security: accounts, the log, erasure. That post is given by those
# who hold it alone, and by it alone nobody sees a patient.
GROUPS = ("floor", "desk", "teaches", "decides", "grants", "security")
WORKS = ("tablet", "office")  # may open the tablet's pages alone, or the back office as well


@dataclass(frozen=True)
class Post:
    """A post of a profile: `above` is whom it answers to, and who is told where it is empty.

    `later` names the kind of record that will bring its work, while nothing else speaks of it.
    """

    name: str
    label: str
    works: str
    above: str = ""
    groups: tuple[str, ...] = ()
    later: str = ""


@cache
def of_profile(profile: str) -> tuple[Post, ...]:
    """Return the posts of a profile, in the order in which they are shown.

    Raises ValueError for a post without a name, in a group that there is not, or that answers to
    none of the profile or, in the end, to itself.
    """
    return read_posts(_contents(profile)["posts"])


def read_posts(said: dict[str, dict[str, Any]]) -> tuple[Post, ...]:
    """Return the posts of `{post: {"works", "above", "groups", "later"}}`; raises as of_profile."""
    posts = tuple(
        Post(name, NAMES.get(name, ""), **{**one, "groups": tuple(one.get("groups", ()))})
        for name, one in said.items()
    )
    ranks = {post.name: post.above for post in posts}
    for post in posts:
        if not post.label or post.works not in WORKS or not set(post.groups) <= set(GROUPS):
            raise ValueError(f"post {post.name}: no name, no place to work, or an unknown group")
        if post.above and (post.above not in ranks or post.name in ranks_above(ranks, post.name)):
            raise ValueError(f"post {post.name} cannot answer to {post.above}")
    return posts


def ranks_above(ranks: dict[str, str], post: str) -> Iterator[str]:
    """Yield the posts above one by `{post: the one above}`, the nearest first, each once."""
    seen: set[str] = set()
    while (post := ranks.get(post, "")) and post not in seen:
        seen.add(post)
        yield post


@cache
def _contents(profile: str) -> dict[str, Any]:
    return tomllib.loads((PROFILES / f"{profile}.toml").read_text(encoding="utf-8"))


def _group(name: str) -> tuple[str, ...]:
    return tuple(post.name for post in of_profile(USUAL) if name in post.groups)


def as_json(profile: str) -> dict[str, Any]:
    """Return what both ends read of the posts of a profile, as plain JSON values."""
    posts = of_profile(profile)
    return {
        "posts": {post.name: post.label for post in posts},
        "office_posts": [post.name for post in posts if post.works == "office"],
        "ranks": {post.name: post.above for post in posts if post.above},
        "last_resort": list(_contents(profile)["told"]["last_resort"]),
    }


POSTS = tuple((post.name, post.label) for post in of_profile(USUAL))
FLOOR, DESK, TEACHERS, DECIDERS, ADMINS, SECURITY = map(_group, GROUPS)
OFFICE = tuple(as_json(USUAL)["office_posts"])
SYSTEM = ("system",)  # acts that only the server makes
