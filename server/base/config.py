"""The configuration of one server, read from FLOORWALK_* environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from sqlalchemy import URL, make_url

from server.base import origins


@dataclass(frozen=True)
class Config:
    """One server's configuration. `name` is the site's, as in /sync/<name>."""

    data: Path
    database: str | URL
    name: str = "hospital"
    profile: str = "hospital"
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    secure: bool = False  # served over HTTPS: cookies are Secure, and HSTS is sent
    certificate: str | None = None
    key: str | None = None
    origins: tuple[str, ...] = ()  # other origins whose pages may use /sync
    proxies: tuple[str, ...] = ("127.0.0.1",)  # addresses or networks whose X-Forwarded-For counts
    metrics_token: str = ""  # bearer token of /metrics
    blobs_gb: int = 100  # GB that photos and recordings may take
    slow_ms: int = 500  # ms; a request that takes longer is logged and stored
    # Limits of each process under load: http/fair_queue.py and http/middleware.py.
    bodies_mb: int = 64  # MB of the bodies of all requests at work or waiting
    at_once: int = 12  # requests below /sync that run at the same time
    each_at_once: int = 4  # of one person on one device
    office_at_once: int = 6  # requests of the office, which have a queue of their own
    most_waiting: int = 400  # requests that may wait; more hear 503
    patience_ms: int = 10_000  # ms that a request waits for its turn
    requests_a_second: float = 50.0  # of one device below /sync, on average; 0 is no limit
    requests_burst: int = 500  # that it may make at once

    @property
    def url(self) -> URL:
        """The database's address."""
        return make_url(self.database)

    @property
    def is_sqlite(self) -> bool:
        """Say whether the database is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """The database's file, if it is SQLite's."""
        return Path(self.url.database or "")

    @property
    def blobs(self) -> Path:
        """The folder of photos and recordings."""
        return self.data / "blobs"


# Limits that may be set as FLOORWALK_AT_ONCE, FLOORWALK_EACH_AT_ONCE and so on.
LIMITS: dict[str, type[int] | type[float]] = {
    "bodies_mb": int,
    "at_once": int,
    "each_at_once": int,
    "office_at_once": int,
    "most_waiting": int,
    "patience_ms": int,
    "requests_a_second": float,
    "requests_burst": int,
}


def sqlite_url(path: Path) -> URL:
    """Return the address of a SQLite file; as text, a `?` or `%` in its path would be something
    else.
    """
    return URL.create("sqlite", database=str(path))


def from_environment(environment: Mapping[str, str], **changes: object) -> Config:
    """Return the configuration of FLOORWALK_* variables; `changes` that are not None come last.

    FLOORWALK_DATA (a folder), FLOORWALK_DATABASE (a SQLAlchemy URL), FLOORWALK_SITE,
    FLOORWALK_PROFILE, FLOORWALK_HOST, FLOORWALK_PORT, FLOORWALK_METRICS_TOKEN, FLOORWALK_SLOW_MS,
    FLOORWALK_BLOBS_GB, FLOORWALK_ORIGINS (https://a.example,https://b.example), FLOORWALK_CERT and
    FLOORWALK_KEY (files), FLOORWALK_HTTPS=1 (a proxy in front speaks HTTPS), FLOORWALK_PROXIES
    (addresses or networks of proxies, 10.0.0.0/8,::1), and those of LIMITS.
    Raises ValueError for a number or an origin that is none.
    """
    folder = changes.pop("data", None) or environment.get("FLOORWALK_DATA") or "data"
    data = Path(str(folder)).absolute()
    values: dict[str, object] = {
        "data": data,
        "database": environment.get("FLOORWALK_DATABASE") or sqlite_url(data / "floorwalk.db"),
        "name": environment.get("FLOORWALK_SITE") or "hospital",
        "profile": environment.get("FLOORWALK_PROFILE") or "hospital",
        "host": environment.get("FLOORWALK_HOST") or "127.0.0.1",
        "port": int(environment.get("FLOORWALK_PORT") or 8000),
        "certificate": environment.get("FLOORWALK_CERT") or None,
        "key": environment.get("FLOORWALK_KEY") or None,
        "secure": (environment.get("FLOORWALK_HTTPS") or "") in ("1", "yes", "true"),
        "origins": origins.parse_origins((environment.get("FLOORWALK_ORIGINS") or "").split(",")),
        "proxies": _proxies(environment.get("FLOORWALK_PROXIES") or "127.0.0.1"),
        "metrics_token": environment.get("FLOORWALK_METRICS_TOKEN") or "",
        "blobs_gb": int(environment.get("FLOORWALK_BLOBS_GB") or 100),
        "slow_ms": int(environment.get("FLOORWALK_SLOW_MS") or 500),
    }
    for name, kind in LIMITS.items():
        if value := environment.get(f"FLOORWALK_{name.upper()}"):
            values[name] = kind(value)
    values.update({name: value for name, value in changes.items() if value is not None})
    values["secure"] = bool(values["secure"] or values["certificate"])
    return Config(**values)  # type: ignore[arg-type]


def _proxies(text: str) -> tuple[str, ...]:
    """Return addresses and networks; raises ValueError for one that is none."""
    return tuple(
        str(ip_network(one.strip(), strict=False)) for one in text.split(",") if one.strip()
    )
