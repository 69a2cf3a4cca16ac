"""The command `floorwalk link`: add, status, now, restore, send, remove."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from server.acts.site import Site
from server.acts.site_folder import add_site_options, open_site
from server.base import private_files
from server.cluster import account, letters, link_loop
from server.cluster.account import Linked
from server.cluster.restoring import NotEmpty, restore
from sync.cluster_client import Cluster, ClusterTrouble
from sync.display_format import moment

BAR = 30  # characters
SENTENCES = {
    "new": "The link has not been tried yet.",
    "up_to_date": "Up to date.",
    "behind": "At work: not everything has gone up or come down yet.",
    "away": "The cluster cannot be reached, or is too busy. It is tried again by itself.",
    "locked_out": "The cluster refused the name or the password. It is not tried again, so that "
    "the account is not locked: run `floorwalk link add` with the right ones.",
    "locked_for_now": "The cluster has locked the account after too many wrong guesses, by "
    "whomever. It is tried again in ten minutes or more.",
    "not_allowed": "The account may not use this hospital's database.",
    "no_database": "The database is not there, and the account may not make it.",
    "taken_over": "Another server writes to this hospital's database. This one has stopped. If "
    "this one is the right one, run `floorwalk link add` with --take-over.",
    "no_client": "The client of the cluster is not installed: pip install 'floorwalk[link]'.",
    "broken": "Something went wrong here, not in the cluster; the log says what.",
    "bad_document": "The cluster did not understand what was sent.",
    "too_large": "The cluster takes only smaller requests than it was sent.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the parts of `link`."""
    parts = parser.add_subparsers(dest="what", required=True)
    add = parts.add_parser("add", help="link this hospital to a cluster, or change name, password")
    back = parts.add_parser("restore", help="fill a new, empty server from the cluster")
    for part in (add, back):
        part.add_argument("url", help="https://couch.example:6984")
        part.add_argument("--name", help="the account (or FLOORWALK_LINK_NAME)")
        part.add_argument("--password-file", type=Path, help="a file with the password in it")
        part.add_argument("--plain", action="store_true", help="allow http to another machine")
    add.add_argument("--take-over", action="store_true", help="stop the other server's link")
    add.add_argument("--carries", action="store_true", help="of the head office: carry letters")
    add.add_argument("--between", default="", help="names of sites, with commas (all of them)")
    send = parts.add_parser("send", help="a notice to another hospital, or to '*': all of them")
    send.add_argument("to")
    send.add_argument("words")
    for name, about in (
        ("status", "how the link stands; 1 when a person must do something"),
        ("now", "look now, and say how it went"),
        ("remove", "forget the cluster; what is there stays there"),
    ):
        add_site_options(parts.add_parser(name, help=about))
    for part in (add, back, send):
        add_site_options(part)


def run(args: argparse.Namespace) -> int:
    """Run one part of `link`; return the exit code."""
    site = open_site(args.data, args.site)
    does = {"add": _add, "restore": _restore, "send": _send}
    does |= {"status": _status, "now": _now, "remove": _remove}
    try:
        return does[args.what](site, args)
    except ClusterTrouble as trouble:
        print(SENTENCES[trouble.kind], f"({trouble.reason})", file=sys.stderr)
    except NotEmpty:
        print("There are acts here already. Restore into an empty folder.", file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
    finally:
        site.close()
    return 1


def _add(site: Site, args: argparse.Namespace) -> int:
    linked = _asked(args, account.read(site.config.data))
    cluster = Cluster(linked.account, account.database_of(site.config.name))
    _there(cluster)
    link_loop.own(cluster, site, take_over=args.take_over)
    sites = tuple(name.strip() for name in args.between.split(",") if name.strip())
    account.write(site.config.data, replace(linked, carries=args.carries, sites=sites))
    print(
        f"Linked to {cluster.database} at {linked.url}; the server looks every {linked.every_s} s."
    )
    return 0


def _there(cluster: Cluster) -> None:
    try:
        cluster.info()
    except ClusterTrouble as trouble:
        if trouble.kind != "no_database":
            raise
        cluster.create()


def _restore(site: Site, args: argparse.Namespace) -> int:
    linked = _asked(args, account.read(site.config.data))
    cluster = Cluster(linked.account, account.database_of(site.config.name))
    bar = Bar()
    done = restore(site, cluster, bar.shows)
    bar.ends()
    account.write(site.config.data, linked)
    print(f"{done.acts} acts came down and add up to {done.records} records.")
    print(f"{done.identical} of them are identical to those of the cluster.")
    if done.different:
        print(f"{len(done.different)} differ, as they fold anew: {', '.join(done.different[:5])} …")
    if done.missing:
        print(f"{len(done.missing)} records there have no act: {', '.join(done.missing[:5])} …")
    if done.kept_apart:
        print(f"{done.kept_apart} documents were no acts of ours; the office sees them.")
    print("Passwords are not kept in the cluster. Give the first one with")
    print("  floorwalk person password LOGIN --person person:…")
    return 0


def _send(site: Site, args: argparse.Namespace) -> int:
    record = letters.write(site, args.to, "notice", [], site.now(), words=args.words)
    print(f"{record} is on its way.")
    return 0


def _remove(site: Site, args: argparse.Namespace) -> int:
    print("Forgotten." if account.remove(site.config.data) else "There is no link.")
    return 0


def _now(site: Site, args: argparse.Namespace) -> int:
    linked = account.read(site.config.data)
    if linked is not None:
        link = link_loop.Link(site)
        link.turn(linked, thorough=True)
        link.stop()
        if link.is_elsewhere:
            print("Another server has the link in hand, or had it and died a minute ago.")
    return _status(site, args)


def _status(site: Site, args: argparse.Namespace) -> int:
    status = link_loop.status(site)
    print("\n".join(in_words(status)))
    return int(status.get("stopped", False) or bool(status.get("behind")))


def in_words(status: Mapping[str, Any]) -> list[str]:
    """Return the state of the link in sentences, one a line."""
    if not status["configured"]:
        return ["This server is linked to no cluster: floorwalk link add https://…"]
    lines = [
        f"{status['database'] or 'No database yet'} at {status['url']}",
        SENTENCES[status["state"]],
        f"up:   {status['acts_up']} acts, {status['records_up']} records; "
        f"{status['waiting_up']} records wait; sent up to change {status['up_to']}",
        f"down: {status['acts_down']} acts, {status['kept_apart']} kept apart; "
        f"{status['pending_down']} changes wait; read up to {str(status['down_to'])[:20]}",
    ]
    if status["ok_at"]:
        lines.append(f"The last look that went well was at {moment(status['ok_at'])}.")
    if status["lag"]:
        lines.append(f"The cluster is {status['lag'] // 1_000} s behind.")
    if status["error"]:
        lines.append(f"The last error, at {moment(status['error_at'])}: {status['error']}")
    if status["next_at"] and status["error"]:
        lines.append(f"The next try is at {moment(status['next_at'])}.")
    for record, why in list(status["behind"].items())[:10]:
        lines.append(f"not taken by the cluster: {record}: {why}")
    if status["letters_carried"] or status["undeliverable"]:
        lines.append(f"{status['letters_carried']} letters carried from site to site.")
    lines += [f"not delivered: {problem}" for problem in status["undeliverable"][-10:]]
    return lines


# Asking


def _asked(args: argparse.Namespace, current: Linked | None) -> Linked:
    """Return the link that is meant. A password is never an argument, which `ps` would show."""
    url = account.checked_url(args.url, plain=args.plain)
    name = args.name or os.environ.get("FLOORWALK_LINK_NAME") or ""
    if not name and sys.stdin.isatty():
        name = input("Account on the cluster: ").strip()
    password = _password(args, name) if name else ""
    base = current or Linked(url)
    return replace(base, url=url, name=name, password=password, mark=Linked(url).mark)


def _password(args: argparse.Namespace, name: str) -> str:
    if args.password_file is not None:
        return private_files.first_line(args.password_file.read_bytes())
    if from_environment := os.environ.get("FLOORWALK_LINK_PASSWORD"):
        return from_environment
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {name}: ")
    return private_files.first_line(sys.stdin.buffer.read())


class Bar:
    """Shows progress: a moving bar on a terminal, elsewhere a line for each tenth."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def shows(self, what: str, number: int, of: int) -> None:
        """Show that `number` of `of` is done."""
        share = min(1.0, number / of) if of else 1.0
        if sys.stderr.isatty():
            full = int(share * BAR)
            bar = "█" * full + "·" * (BAR - full)
            print(f"\r{what:9} {bar} {share:4.0%}  {number:,}", end="", file=sys.stderr)
            return
        if (what, int(share * 10)) != self._last:
            self._last = (what, int(share * 10))
            print(f"{what} {share:.0%} ({number})", file=sys.stderr)

    def ends(self) -> None:
        """End the line of the bar."""
        if sys.stderr.isatty():
            print(file=sys.stderr)
