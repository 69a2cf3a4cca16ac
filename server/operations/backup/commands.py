"""The commands `floorwalk backup` and `floorwalk restore`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import sqlalchemy as sa

from server.acts.site_folder import add_site_options
from server.base import clock, config, folder_lock
from server.database import engines
from server.operations.backup import archive, copying, making, restoring, sealing
from sync.display_format import moment


def add_backup(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `backup`."""
    add_site_options(parser)
    parser.add_argument(
        "--to",
        type=Path,
        help="a folder, or a file that ends in .tar.zst (backups, in the site's folder)",
    )
    parser.add_argument(
        "--encrypt-for",
        action="append",
        default=[],
        metavar="KEY",
        help="a public key, age1…; only its private key opens the backup (several: any of them)",
    )
    parser.add_argument(
        "--make-key", type=Path, metavar="FILE", help="make such a pair, and no backup"
    )
    parser.add_argument("--keep", type=int, help="remove all but the newest so many of the folder")


def backup(args: argparse.Namespace) -> int:
    """Make a backup while the server may run; return the exit code."""
    if args.make_key is not None:
        return _make_key(args.make_key)
    settings = config.from_environment(os.environ, data=args.data, name=args.site)
    to = args.to or settings.data / "backups"
    if args.keep is not None and (args.keep < 1 or to.name.endswith(making.ENDING)):
        print("--keep wants a number from 1, and --to a folder.", file=sys.stderr)
        return 2
    if settings.is_sqlite and not settings.file.is_file():
        print(f"There is no database at {settings.file}.", file=sys.stderr)
        return 1
    try:
        made = making.make(settings, to, clock.real_now(), args.encrypt_for)
    except copying.OtherVersion as error:
        say = f"The database is of version {error}, this program of {engines.VERSION}"
        print(f"{say}: run floorwalk migrate, or the program that wrote it.", file=sys.stderr)
        return 1
    except (making.NoRoom, archive.Damaged, sealing.BadKey, FileExistsError) as error:
        is_there = isinstance(error, FileExistsError)
        print(f"{error} is there already." if is_there else error, file=sys.stderr)
        return 1
    except (OSError, sa.exc.SQLAlchemyError) as error:
        print(f"No backup was made: {error}", file=sys.stderr)
        return 1
    counts = made.manifest.counts
    print(f"{made.path} ({made.size / 1e6:.1f} MB)")
    print(
        f"{counts['acts']} acts, {counts['records']} records, {made.manifest.blobs} photos;"
        f" opened again and found whole, {made.folded} records folded from their acts."
    )
    print(f"Head of all acts: {made.manifest.head}")
    if made.manifest.missing:
        print(f"{len(made.manifest.missing)} photos are missing on the server: floorwalk doctor")
    for path in making.forget(to, settings.name, args.keep) if args.keep else ():
        print(f"{path.name} was removed.")
    if args.encrypt_for:
        print("It opens with the private key alone: without that key it is lost.")
    else:
        print("It holds password hashes and keys: keep it like a key, and on another machine.")
    return 1 if made.manifest.missing else 0


def _make_key(path: Path) -> int:
    try:
        public = sealing.make_key(path)
    except OSError as error:
        print(f"No key was made: {error}", file=sys.stderr)
        return 1
    print(f"{path} is the private key: keep it away from this machine, and twice.")
    print(f"floorwalk backup --encrypt-for {public}")
    return 0


def add_restore(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `restore`."""
    add_site_options(parser)
    parser.add_argument(
        "file", type=Path, help="a backup, or a database by itself, as Litestream restores it"
    )
    parser.add_argument("--key", type=Path, help="the private key's file, if it is encrypted")
    parser.add_argument("--replace", action="store_true", help="also over a database with acts")
    parser.add_argument(
        "--sign-out", action="store_true", help="everybody signs in again: a tablet may be lost"
    )


def restore(args: argparse.Namespace) -> int:
    """Restore a backup while no server runs; return the exit code."""
    settings = config.from_environment(os.environ, data=args.data, name=args.site)
    try:
        done = restoring.restore(
            args.file,
            settings,
            clock.real_now(),
            replace=args.replace,
            sign_out=args.sign_out,
            key=args.key,
        )
    except folder_lock.FolderLocked:
        print("A server runs in this folder. Stop it first; nothing was changed.", file=sys.stderr)
        return 1
    except (restoring.RestoreRefused, archive.Damaged, sealing.BadKey) as error:
        print(f"{error} Nothing was changed.", file=sys.stderr)
        return 1
    except (OSError, sa.exc.SQLAlchemyError) as error:
        print(f"Nothing was put back: {error}", file=sys.stderr)
        return 1
    manifest, made = done.manifest, moment(done.manifest.made_at)
    photos = f"{manifest.blobs} photos" if manifest.site else "photos are where they were"
    print(
        f"The hospital is as it was at {made}: {manifest.counts['acts']} acts,"
        f" {manifest.counts['records']} records, {photos};"
        f" {done.folded} records were folded again and are the same."
    )
    if done.aside:
        print(f"What was there is kept in {done.aside}; remove it when all is well.")
    print(
        "Start the server. Tablets notice by themselves: each fetches everything anew and offers\n"
        "again what it sent in the last seven days. Nothing has to be done on them."
    )
    if args.sign_out:
        print("Everybody signs in again; what waits on a tablet is sent after that.")
    else:
        print(
            f"Passwords and who is signed in are those of {made}. If a tablet was lost since, or\n"
            "somebody left, sign them out again."
        )
    print("Then run floorwalk doctor.")
    return 0
