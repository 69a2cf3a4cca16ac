"""The command line `floorwalk`: finds a command's module, and loads no other."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from server.base.cannot_start import CannotStart

BACKUP, DIAGNOSIS, CERTIFICATES, AUDIT = (
    f"operations.{room}.commands" for room in ("backup", "diagnosis", "tls", "audit")
)
SIMULATION = "demo.simulation.commands"

# name: (module, function that declares its options, function that runs it, help)
COMMANDS = {
    "demo": ("serving", "add_arguments", "run_demo", "a seeded hospital to look at"),
    "serve": ("serving", "add_arguments", "run", "serve a hospital"),
    "build": ("commands", "", "build", "build the tablet's part"),
    "migrate": ("commands", "add_site_options", "migrate", "bring the database up to date"),
    "person": ("commands", "add_person", "person", "people and their passwords"),
    "erase": ("commands", "add_erase", "erase", "private details of a record, for good"),
    "settings": ("commands", "add_settings", "settings", "every number, and back to the profile"),
    "device": ("commands", "add_site_options", "device", "which tablets there are"),
    "show": ("describe", "add_arguments", "run", "what a kind of record is, and who deals with it"),
    "rejudge": ("rules.commands", "add_arguments", "rejudge", "let a rule speak of older days"),
    "refold": ("commands", "add_site_options", "refold", "fold every record again from its acts"),
    "backup": (BACKUP, "add_backup", "backup", "save a hospital while its server runs"),
    "restore": (BACKUP, "add_restore", "restore", "put a backup back"),
    "link": ("cluster.commands", "add_arguments", "run", "a cluster that other hospitals share"),
    "doctor": (DIAGNOSIS, "add_arguments", "run", "look everything over, and mend it"),
    "audit": (AUDIT, "add_arguments", "run", "the security log, and whether acts were changed"),
    "cert": (CERTIFICATES, "add_arguments", "run", "certificates of one's own, and a page"),
    "simulate": (SIMULATION, "add_arguments", "run", "replay a real day through tablets"),
    "messages": ("missing_translations", "", "run", "sentences that lack a translation"),
    "check": ("lint", "", "run", "style, types, imports, templates, words"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in COMMANDS:
        return _help(words)
    name, rest = words[0], words[1:]
    module_name, declare, run_name, about = COMMANDS[name]
    module = importlib.import_module(f"server.{module_name}")
    run: Callable[..., int] = getattr(module, run_name)
    if name == "check":
        return run(rest)
    if name != "build":  # what it makes is for everybody
        os.umask(0o077)
    parser = argparse.ArgumentParser(prog=f"floorwalk {name}", description=about.capitalize())
    if declare:
        getattr(module, declare)(parser)
    args = parser.parse_args(rest)
    try:
        return run() if name == "messages" else run(args)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1


def _help(words: Sequence[str]) -> int:
    asked = not words or words[0] in ("-h", "--help", "help")
    out = sys.stdout if asked else sys.stderr
    if not asked:
        print(f"floorwalk: there is no command {words[0]}.", file=out)
    print("floorwalk COMMAND [options]\n", file=out)
    for name, (_, _, _, about) in COMMANDS.items():
        print(f"  {name:10} {about}", file=out)
    return 0 if asked else 2


if __name__ == "__main__":
    raise SystemExit(main())
