"""The command `floorwalk cert`: makes, shows, renews certificates, serves the root to tablets."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from server.acts.site_folder import add_site_options
from server.base import clock, config
from server.operations.tls import authority
from server.operations.tls.authority import Authority

DO_FIRST = "There is no authority in this folder yet: floorwalk cert make NAME …"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `cert make`, `cert show`, `cert renew` and `cert serve`."""
    parts = parser.add_subparsers(dest="what", required=True)
    make = parts.add_parser("make", help="a root, and a certificate for the server's names")
    make.add_argument(
        "names", nargs="*", help="as tablets call the server: names, addresses (this machine's)"
    )
    show = parts.add_parser("show", help="the fingerprint to compare, the names, the end")
    renew = parts.add_parser("renew", help="a new server's certificate, if the old one ends soon")
    renew.add_argument(
        "--before", type=int, default=authority.RENEWED_BEFORE, help="days (%(default)s)"
    )
    serve = parts.add_parser("serve", help="a page that brings the root to the tablets")
    serve.add_argument("--host", default="0.0.0.0", help="the address (all of them)")  # noqa: S104
    serve.add_argument("--port", type=int, default=8080, help="the port (%(default)s)")
    serve.add_argument("--floor", help="the https address that tablets open afterwards")
    for part in (make, show, renew, serve):
        add_site_options(part)


def run(args: argparse.Namespace) -> int:
    """Run the part of `cert` that was asked for; return the exit code."""
    settings = config.from_environment(os.environ, data=args.data, name=args.site)
    own = authority.of_folder(settings.data)
    if args.what == "make":
        return _make(args, settings, own)
    if not own.exists():
        print(DO_FIRST, file=sys.stderr)
        return 1
    if args.what == "renew":
        is_new = authority.renew(own, clock.real_now(), before=args.before)
        print("The server's certificate was renewed." if is_new else "It is good for longer.")
        return 0
    return _show(own) if args.what == "show" else _serve(args, settings, own)


def _make(args: argparse.Namespace, settings: config.Config, own: Authority) -> int:
    was_there = own.exists()
    try:
        authority.make(own, settings.name, args.names or own_names(), clock.real_now())
    except authority.NotIts as error:
        print(
            f"The root may not speak for {error}: it was made for other names. Move the folder\n"
            f"{own.folder} away and make a new one, which every tablet must then trust anew.",
            file=sys.stderr,
        )
        return 1
    except ValueError as error:
        print(f"That is no name: {error}", file=sys.stderr)
        return 1
    if not was_there:
        print("A new root was made. Each tablet must trust it once: floorwalk cert serve")
    _show(own)
    print(f"\nfloorwalk serve --host 0.0.0.0 --cert {own.certificate} --key {own.key}")
    return 0


def _show(own: Authority) -> int:
    root, server = authority.read(own.root), authority.read(own.certificate)
    print(f"Root        {authority.fingerprint(root)}")
    print(f"            until {root.not_valid_after_utc:%Y-%m-%d}, {own.root}")
    print(f"Server      {', '.join(authority.names_of(server))}")
    print(f"            until {server.not_valid_after_utc:%Y-%m-%d}, {own.certificate}")
    return 0


def _serve(args: argparse.Namespace, settings: config.Config, own: Authority) -> int:
    import uvicorn

    from server.operations.tls.page import TrustPage

    name = _in_address(authority.first_name(authority.read(own.certificate)))
    floor = args.floor or f"https://{name}:{settings.port}/"
    here = name if args.host in ("0.0.0.0", "::") else _in_address(args.host)  # noqa: S104
    print(f"Open http://{here}:{args.port}/ on each tablet, or show it there as a QR code.")
    print(f"Fingerprint {authority.fingerprint(authority.read(own.root))}", flush=True)
    uvicorn.run(
        TrustPage(own, settings.name, floor),
        host=args.host,
        port=args.port,
        lifespan="off",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    return 0


def own_names() -> list[str]:
    """Return how this machine may be called in its network: address first, then names."""
    host = socket.gethostname().lower()
    names = [host if "." in host else f"{host}.local", "localhost", "127.0.0.1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # nothing is sent; the kernel says from where it would
            return [asked.getsockname()[0], *names]
        except OSError:
            return names


def _in_address(name: str) -> str:
    return f"[{name}]" if ":" in name else name
