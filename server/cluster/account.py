"""The account on the cluster this server is linked to: a file that only its owner may read."""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sync.cluster_client import Account

FILE = "link.json"
NAME = re.compile(r"^[a-z][a-z0-9_-]{0,60}\Z")  # of a site, as part of a database's name
# Names of this machine, to which plain HTTP is no risk.
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Linked:
    """The contents of the file. Any change of it gives a link that had stopped another try."""

    url: str
    name: str = ""
    password: str = field(default="", repr=False)
    every_s: int = 10  # s between two passes
    records_at_once: int = 200
    batch_bytes: int = 1_000_000  # of one request; halved whenever the cluster says 413
    longest_pause_s: int = 300  # s between two tries while the cluster is away
    carries: bool = False  # the head office's server: it delivers letters between sites
    sites: tuple[str, ...] = ()  # between which it delivers; empty: all in the cluster
    mark: str = field(default_factory=lambda: secrets.token_hex(8))  # of this name and password

    @property
    def account(self) -> Account:
        """The credentials for the cluster's client."""
        return Account(self.url, self.name, self.password)


def database_of(site: str) -> str:
    """Return the name of a site's database; raises ValueError when CouchDB would refuse it."""
    if not NAME.match(site):
        raise ValueError(f"“{site}” cannot be part of a database's name: use a-z, 0-9, - and _.")
    return f"site-{site}"


def read(folder: Path) -> Linked | None:
    """Return the link of a data folder, or None."""
    try:
        contents = json.loads((folder / FILE).read_text("utf-8"))
        return Linked(**{**contents, "sites": tuple(contents.get("sites", ()))})
    except FileNotFoundError:
        return None


def write(folder: Path, linked: Linked) -> None:
    """Write the file, whole or not at all, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{FILE}.{secrets.token_hex(4)}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(linked), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / FILE)


def remove(folder: Path) -> bool:
    """Remove the link; say whether there was one."""
    there = (folder / FILE).is_file()
    (folder / FILE).unlink(missing_ok=True)
    return there


def checked_url(url: str, *, plain: bool = False) -> str:
    """Return an address without a trailing slash; raises ValueError for an unsafe one."""
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("The address must be like https://couch.example:6984")
    if split.username or split.password:
        raise ValueError(
            "A name or password in the address would stay in the shell's history. Leave it out: "
            "it is asked for, or taken from FLOORWALK_LINK_NAME and FLOORWALK_LINK_PASSWORD."
        )
    if split.scheme == "http" and split.hostname not in LOCAL and not plain:
        raise ValueError("Without TLS everybody on the way can read along: use https, or --plain.")
    return url.rstrip("/")
