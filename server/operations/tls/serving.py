"""The server's side of TLS: its settings, and taking up a renewed certificate without a restart."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger("floorwalk.tls")

Stamp = tuple[tuple[int, int], ...]


def context(_config: Any, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return the TLS context of uvicorn: 1.2 or newer."""
    made = default()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Renewal:
    """Checks whether the certificate files changed; new connections get the new one.

    A certificate of the site's own authority is renewed on the way.
    """

    def __init__(self, served: ssl.SSLContext, certificate: str, key: str | None) -> None:
        self._served = served
        self._certificate = Path(certificate)
        self._key = Path(key) if key else None
        self._seen = self._stamp()

    def look(self, now: int) -> bool:
        """Load changed files; say whether they were. `now` is the machine's clock in ms."""
        self._renew(now)
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        try:
            # Tried beside first: a pair that does not fit must not spoil the one that is served.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._certificate, self._key)
            self._served.load_cert_chain(self._certificate, self._key)
        except (OSError, ssl.SSLError) as error:
            log.error("the new certificate cannot be used", extra={"why": str(error)})
            return False
        self._seen = stamp
        log.info("a new certificate is served")
        return True

    def _renew(self, now: int) -> None:
        from server.operations.tls import authority  # its library is large, and few servers need it

        own = authority.Authority(self._certificate.parent)
        if own.certificate != self._certificate or not own.exists():
            return
        try:
            if authority.renew(own, now):
                log.info("the server's certificate was renewed")
        except (OSError, ValueError) as error:
            log.error("the certificate cannot be renewed", extra={"why": str(error)})

    def _stamp(self) -> Stamp:
        """Return what tells whether the files changed; a file that is away has no part in it."""
        paths = [path for path in (self._certificate, self._key) if path and path.exists()]
        return tuple((path.stat().st_mtime_ns, path.stat().st_ino) for path in paths)
