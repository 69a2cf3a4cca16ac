"""The small commands of `floorwalk`: refold, migrate, person, device, build."""

from __future__ import annotations

import argparse
import getpass
import re
import secrets
import sys
from typing import Any

import sqlalchemy as sa

from server.acts import erasure, retry_after_upgrade, upgraded_kinds
from server.acts.site import Site
from server.acts.site_folder import add_site_options, open_site
from server.base import private_files
from server.database import tables
from server.http import accounts, passwords
from sync import setting_values
from sync.act import ulid
from sync.display_format import moment

# refold


def refold(args: argparse.Namespace) -> int:
    """Fold every record from its acts again, which must change nothing; return 1 when it did."""
    site = open_site(args.data, args.site)
    waited, taken = retry_after_upgrade.offer_again(site)
    count, changed = site.refold()
    print(f"{count} records folded again from their acts, {changed} of them changed.")
    if waited:
        print(f"{taken} of {waited} acts of newer tablets were taken in.")
    site.close()
    return 1 if changed else 0


# migrate


def migrate(args: argparse.Namespace) -> int:
    """Upgrade the database; starting the server does the same."""
    site = open_site(args.data, args.site)
    upgraded_kinds.look_over(site)
    print(f"The database is up to date: {site.engine.url.render_as_string()}")
    site.close()
    return 0


# person


def add_person(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `person add`, `person list` and `person password`."""
    parts = parser.add_subparsers(dest="what", required=True)
    add = parts.add_parser("add", help="somebody new, with an account")
    add.add_argument("--name", required=True, help="as on the name badge")
    add.add_argument("--login", required=True)
    add.add_argument("--post", action="append", default=[], help="may be given several times")
    add.add_argument("--place", action="append", default=[], help="place:… they look after")
    password = parts.add_parser("password", help="a new password; they are signed out everywhere")
    password.add_argument("login")
    password.add_argument("--person", help="person:… who has no login yet, or another one")
    for part in (add, password):
        own = "whoever types the password is the person: it need not be changed at first sign-in"
        part.add_argument("--own", action="store_true", help=own)
    for part in (add, password, parts.add_parser("list", help="everybody, and who may sign in")):
        add_site_options(part)
        part.add_argument("--password-stdin", action="store_true", help=argparse.SUPPRESS)


def person(args: argparse.Namespace) -> int:
    """Add or list people, or set a password; return the exit code."""
    site = open_site(args.data, args.site)
    try:
        return {"add": _add, "list": _list, "password": _password}[args.what](site, args)
    except ValueError as error:
        print(PROBLEMS.get(str(error), str(error)), file=sys.stderr)
        return 1
    finally:
        site.close()


PROBLEMS = {
    "too_short": "That password is too short.",
    "too_long": "That password is too long.",
    "login_taken": "Somebody has that login already.",
}


def _add(site: Site, args: argparse.Namespace) -> int:
    unknown = [post for post in args.post if post not in site.declarations["posts"]]
    if unknown:
        posts = ", ".join(site.declarations["posts"])
        raise ValueError(f"There is no post {unknown[0]}. There are: {posts}")
    if accounts.clean(args.login) in accounts.logins(site).values():
        raise ValueError("login_taken")
    password = _asked(args)
    if len(password) < passwords.SHORTEST:
        raise ValueError("too_short")
    identifier = "person:" + _readable(site, args.login)
    data = {"name": args.name, "posts": args.post, "places": args.place}
    verdict = site.record_act(
        "person.added", identifier, data, by="system:site", device="device:server"
    )
    if not verdict.good:
        raise ValueError(f"Not taken in: {verdict.code} {verdict.details}")
    _set_password(site, identifier, args.login, password, args)
    print(f"{args.name} ({identifier}) signs in as {accounts.clean(args.login)}.")
    return 0


def _readable(site: Site, login: str) -> str:
    """Return the login as an id that people can read, unless somebody has it."""
    short = re.sub(r"[^a-z0-9_.-]", "", login.lower())[:40]
    if short and site.record(f"person:{short}") is None:
        return short
    return ulid(site.now(), secrets.randbits(80))


def _password(site: Site, args: argparse.Namespace) -> int:
    login = accounts.clean(args.login)
    people = [
        person for person, their_login in accounts.logins(site).items() if their_login == login
    ]
    if args.person and site.person(args.person) is None:
        raise ValueError(f"There is nobody with the id {args.person}.")
    if args.person:
        people = [args.person]
    if not people:
        raise ValueError(f"Nobody signs in as {login}.")
    _set_password(site, people[0], login, _asked(args), args)
    print(f"{login} has a new password and is signed out everywhere.")
    return 0


def _set_password(
    site: Site, person: str, login: str, password: str, args: argparse.Namespace
) -> None:
    must_change = not args.own and not site.config.demo
    by = person if args.own else None
    accounts.set_password(site, person, login, password, by=by, must_change=must_change)
    if must_change:
        print("At the first sign-in another password has to be chosen.")


def _asked(args: argparse.Namespace) -> str:
    if args.password_stdin or not sys.stdin.isatty():
        return private_files.first_line(sys.stdin.buffer.read())
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise ValueError("The two passwords differ.")
    return password


def _list(site: Site, _args: argparse.Namespace) -> int:
    logins = accounts.logins(site)
    for who in site.people():
        posts = ", ".join(who.get("posts") or ["no post"])
        login = logins.get(who["_id"], "-")
        print(f"{who['_id']:32} {login:16} {who.get('name', ''):12} {posts}")
    return 0


# settings


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `settings list`, `settings set` and `settings reset`."""
    parts = parser.add_subparsers(dest="what", required=True)
    change = parts.add_parser("set", help="change one, within its bounds")
    change.add_argument("key")
    change.add_argument("value", help="a number, 08:00, 12.50, or words with commas")
    reset = parts.add_parser("reset", help="back to the profile: one, or all that was changed")
    reset.add_argument("key", nargs="?")
    for part in (change, reset, parts.add_parser("list", help="all, with their bounds")):
        add_site_options(part)


def settings(args: argparse.Namespace) -> int:
    """List, change or reset settings on the machine, whoever may sign in; return the exit code."""
    site = open_site(args.data, args.site)
    try:
        return {"list": _list_settings, "set": _set, "reset": _reset}[args.what](site, args)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        site.close()


def _list_settings(site: Site, _args: argparse.Namespace) -> int:
    for key, setting in site.settings().items():
        unit, value = setting["unit"], setting["value"]
        least, most = (setting[name] for name in ("least", "most"))
        bounds = f"{_bound(unit, least)}–{_bound(unit, most)}"
        shown = "not set" if value is None else setting_values.as_text(unit, value)
        print(f"{key:40} {shown:>8} {unit:6} {bounds:12} {setting['rule']}")
    return 0


def _set(site: Site, args: argparse.Namespace) -> int:
    _known(site, args.key)
    unit = site.declarations["settings"][args.key]["unit"]
    try:
        value = setting_values.from_text(unit, args.value)
    except ValueError:
        raise ValueError(f"{args.key} is counted in {unit}: {args.value} is none.") from None
    _change(site, args.key, value)
    return 0


def _bound(unit: str, number: int) -> str:
    """Return a bound as it is written; of words it is how many."""
    counted = setting_values.field_of(unit) != "value"
    return str(number) if counted else setting_values.as_text(unit, number)


def _reset(site: Site, args: argparse.Namespace) -> int:
    profile = site.declarations["settings"]
    changed = [
        key
        for key in profile
        if (record := site.record(f"setting:{key}"))
        and record.get(setting_values.field_of(profile[key]["unit"])) != profile[key]["value"]
    ]
    if args.key:
        _known(site, args.key)
        changed = [args.key] if args.key in changed else []
    for key in changed:
        _change(site, key, profile[key]["value"])
    print(f"{len(changed)} settings are the profile's again.")
    return 0


def _known(site: Site, key: str) -> None:
    if key not in site.declarations["settings"]:
        raise ValueError(f"There is no setting {key}: floorwalk settings list.")


def _change(site: Site, key: str, value: Any) -> None:
    """Change a setting by an act of the server's own; raises ValueError out of its bounds."""
    identifier, setting = f"setting:{key}", site.declarations["settings"][key]
    record = site.record(identifier)
    verdict = site.record_act(
        "setting.changed",
        identifier,
        {setting_values.field_of(setting["unit"]): value, "reason": "floorwalk settings"},
        by="system:site",
        device="device:server",
        seen=record["acts"]["last"] if record else None,
    )
    if not verdict.good:
        least, most = (_bound(setting["unit"], setting[name]) for name in ("least", "most"))
        known = ", ".join(choice[0] for choice in setting["choices"])
        raise ValueError(f"{key} goes from {least} to {most}. {known}".strip())
    print(f"{key} is {value}.")


# erase


def add_erase(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `erase`."""
    parser.add_argument("record", help="its id, as in its address: complaint:01…")
    parser.add_argument("--reason", required=True, help="why, without a name: who asked, and when")
    parser.add_argument("--yes", action="store_true", help="do not ask again")
    add_site_options(parser)


def erase(args: argparse.Namespace) -> int:
    """Erase the private details of a record for good; return the exit code."""
    site = open_site(args.data, args.site)
    try:
        print(f"What people told of themselves in {args.record} is erased, and cannot be put back.")
        if not args.yes and input("Type the id once more: ").strip() != args.record:
            print("Nothing was erased.")
            return 1
        done = erasure.erase(site, args.record, by="system:site", reason=args.reason)
    except LookupError:
        print(f"There is no record {args.record}.", file=sys.stderr)
        return 1
    finally:
        site.close()
    print(
        f"{done.entries} entries in {len(done.records)} records, {done.refused} refused ones and"
        f" {len(done.files)} photos were erased: {done.erasure}."
    )
    print("Tablets follow at their next sync. Older backups still hold it until they are removed;")
    print(f"a restore of one erases it again, as long as {erasure.LIST} lies in the data folder.")
    return 0


# device


def device(args: argparse.Namespace) -> int:
    """List the tablets: who holds them, and what they have not sent yet."""
    site = open_site(args.data, args.site)
    with site.reading() as connection:
        rows = connection.execute(
            sa.select(tables.devices).order_by(tables.devices.c.last_seen_at.desc())
        ).all()
    for row in rows:
        seen = moment(row.last_seen_at)
        print(f"{row.id:34} {row.person or '-':24} {seen}  waiting {row.waiting or 0}")
    site.close()
    return 0


# build


def build(_args: argparse.Namespace) -> int:
    """Build the tablet app."""
    from service_worker.build import pipeline as building

    building.run()
    return 0
