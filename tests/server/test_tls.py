"""HTTPS in a hospital's network: a root certificate of its own, and how tablets get it."""

from __future__ import annotations

import base64
import plistlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Playwright
from starlette.testclient import TestClient

from server import cli
from server.acts.site import Site
from server.base.clock import real_now
from server.http import accounts
from server.operations.diagnosis import blobs
from server.operations.diagnosis.finding import BAD, MENDED, Inspected
from server.operations.tls import authority, page
from server.operations.tls.authority import Authority
from server.operations.tls.serving import Renewal
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.cast import SITE, made_site
from tests.clock import DAY, Clock
from tests.server.served import Served, serving

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NAME = "floorwalk.lan"  # no loopback: browsers believe those without a certificate


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    """An authority of a ward's server."""
    made = authority.of_folder(tmp_path)
    authority.make(made, SITE, [NAME, "127.0.0.1"], real_now())
    return made


@pytest.fixture
def secure(tmp_path: Path, clock: Clock, database: str, own: Authority) -> Iterator[Served]:
    """A site behind HTTPS."""
    site = made_site(tmp_path, clock, database=database)
    site.config = replace(
        site.config, certificate=str(own.certificate), key=str(own.key), secure=True
    )
    with serving(site) as served:
        yield served
    site.close()


def trusting(own: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(own.root))


def served_serial(served: Served, own: Authority, name: str = "127.0.0.1") -> int:
    with (
        socket.create_connection(("127.0.0.1", served.port), 5) as plain,
        trusting(own).wrap_socket(plain, server_hostname=name) as spoken,
    ):
        body = spoken.getpeercert(binary_form=True)
        assert body is not None
        assert spoken.version() in ("TLSv1.2", "TLSv1.3")
        return x509.load_der_x509_certificate(body).serial_number


@ON_SQLITE
def test_whoever_trusts_the_root_and_nothing_else_is_served(secure: Served, own: Authority) -> None:
    with httpx.Client(verify=trusting(own), trust_env=False, base_url=secure.address) as client:
        answer = client.get("/sign-in")
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")
    with (
        httpx.Client(trust_env=False, base_url=secure.address) as stranger,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        stranger.get("/sign-in")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        served_serial(secure, own, "elsewhere.lan")
    assert secure.server.config.ssl is not None
    assert secure.server.config.ssl.minimum_version == ssl.TLSVersion.TLSv1_2


@ON_SQLITE
def test_a_renewed_certificate_is_served_without_a_restart(secure: Served, own: Authority) -> None:
    first = served_serial(secure, own)
    served = secure.server.config.ssl
    assert served is not None
    renewal = Renewal(served, str(own.certificate), str(own.key))
    assert not renewal.look(real_now())
    kept = own.key.read_bytes()
    own.key.write_bytes(b"half a key")
    assert not renewal.look(real_now()), "a pair that does not fit is not taken up"
    assert served_serial(secure, own) == first
    own.key.write_bytes(kept)
    renewal.look(real_now())
    later = real_now() + (authority.SERVER_DAYS - authority.RENEWED_BEFORE + 2) * DAY
    assert renewal.look(later), "the site's own certificate is renewed in time"
    assert authority.read(own.certificate).serial_number != first
    begins = authority.read(own.certificate).not_valid_before_utc
    assert begins.timestamp() * 1_000 > real_now(), "made for the day on which it was renewed"
    authority.make(own, SITE, [NAME, "127.0.0.1"], real_now())
    assert renewal.look(real_now())
    assert served_serial(secure, own) == authority.read(own.certificate).serial_number


def test_a_root_speaks_for_its_own_names_only(own: Authority, tmp_path: Path) -> None:
    authority.make(own, SITE, ["ward." + NAME, "192.168.7.7", "tablet.local"], real_now())
    for foreign in ("bank.example", "8.8.8.8", NAME + ".example"):
        with pytest.raises(authority.NotIts):
            authority.make(own, SITE, [foreign], real_now())
    other = authority.of_folder(tmp_path / "public")
    authority.make(other, SITE, ["floorwalk.hospital.example", "203.0.113.9"], real_now())
    authority.make(other, SITE, ["203.0.113.9"], real_now())
    with pytest.raises(authority.NotIts):
        authority.make(other, SITE, ["notfloorwalk.hospital.example"], real_now())
    for secret in (own.root_key, own.key):
        assert secret.stat().st_mode & 0o777 == 0o600
    assert own.folder.stat().st_mode & 0o777 == 0o700


@ON_SQLITE
def test_the_doctor_knows_when_it_ends(site: Site, tmp_path: Path) -> None:
    own = authority.of_folder(tmp_path)
    long_ago = real_now() - (authority.SERVER_DAYS - 10) * DAY
    authority.make(own, SITE, [NAME], long_ago)

    def look(*, repair: bool) -> list[str]:
        patient = Inspected(site, repair, real_now(), False, (own.certificate,))
        return [each.level for each in blobs.certificates(patient)]

    assert look(repair=False) == [BAD]
    assert look(repair=True) == [MENDED]
    assert look(repair=False) == ["ok"]


def test_the_page_brings_the_root_and_nothing_else(own: Authority, generated: Path) -> None:
    client = TestClient(
        page.TrustPage(own, "一附院", f"https://{NAME}:8443/"), f"http://{NAME}:8080"
    )
    root = authority.read(own.root)
    for tag, said in (("zh-CN", "核对号码"), ("en", "Compare the number")):
        shown = client.get("/", headers={"Accept-Language": tag})
        assert shown.status_code == 200
        assert said in shown.text
        assert authority.fingerprint(root).replace(":", " ")[:23] in shown.text
        assert shown.text.count("data:image/svg+xml") == 2
        assert "script-src" in shown.headers["content-security-policy"]
    apple = client.get("/", headers={"User-Agent": "Mozilla/5.0 (iPad; CPU OS 17 like Mac OS X)"})
    assert apple.text.count("data:image/svg+xml") == 1, "who is there needs no code to come there"
    given = client.get(page.ROOT)
    assert given.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(given.content) == root
    profile = client.get(page.PROFILE)
    assert profile.headers["content-type"] == "application/x-apple-aspen-config"
    payload: dict[str, Any] = plistlib.loads(profile.content)["PayloadContent"][0]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(payload["PayloadContent"]) == root
    assert client.get("/static/floorwalk.css").status_code == 200
    for hidden in ("/root.key", "/static/../root.key", "/static/worker.js", "/sign-in", "/sync/"):
        assert client.get(hidden).status_code == 404
    assert client.post("/").status_code == 405


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--data", str(tmp_path), "--site", SITE]
    assert cli.main(["cert", "show", *where]) == 1
    assert "floorwalk cert make" in capsys.readouterr().err
    assert cli.main(["cert", "make", NAME, "10.0.0.5", *where]) == 0
    said = capsys.readouterr().out
    assert f"--cert {tmp_path / 'authority' / 'server.crt'}" in said
    assert cli.main(["cert", "renew", *where]) == 0
    assert "good for longer" in capsys.readouterr().out
    assert cli.main(["cert", "renew", "--before", "1000", *where]) == 0
    assert cli.main(["cert", "make", "bank.example", *where]) == 1
    assert "may not speak for bank.example" in capsys.readouterr().err
    assert cli.main(["cert", "show", *where]) == 0
    assert f"Server      {NAME}, 10.0.0.5" in capsys.readouterr().out


@pytest.mark.browser
@ON_SQLITE
def test_a_tablet_that_trusts_the_root_works_without_a_network(
    secure: Served, own: Authority, playwright: Playwright, tmp_path: Path, generated: Path
) -> None:
    key = authority.read(own.root).public_key()
    digest = Hash(SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    trusted = base64.b64encode(digest.finalize()).decode()
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium_path(),
        args=[
            *LAUNCH_ARGUMENTS,
            f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={trusted}",
        ],
    )
    address = f"https://{NAME}:{secure.port}"
    token = secure.token("person:lin")
    context.add_cookies(
        [
            {
                "name": accounts.cookie_name(secure.site),
                "value": token,
                "url": address,
                "secure": True,
            }
        ]
    )
    tablet = context.pages[0]
    tablet.goto(f"{address}/floor/lobby")
    assert tablet.evaluate("isSecureContext")
    state = tablet.evaluate("navigator.serviceWorker.ready.then(found => found.active.state)")
    assert state in ("activating", "activated")
    tablet.wait_for_selector("#truth", timeout=30_000)
    context.set_offline(True)
    tablet.reload()
    tablet.wait_for_selector("#truth", timeout=30_000)
    context.close()
