"""A certificate authority of the hospital's own: a root that tablets trust, a server's certificate.

The root may only certify the names it was made for and private addresses: whoever stole its key
could not pretend to be a bank towards a tablet that trusts it.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.base import folder_lock
from server.operations.tls import FOLDER

ROOT_DAYS = 3_650  # every tablet has to trust a new root by hand, so it lasts
SERVER_DAYS = 397  # some browsers accept no longer certificate
RENEWED_BEFORE = 60  # days before the end
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")
PRIVATE_NAMES = ("local", "lan", "internal", "localhost")

Key = ec.EllipticCurvePrivateKey


class NotIts(ValueError):
    """The root may not certify a name; the message is the name."""


@dataclass(frozen=True)
class Authority:
    """The four files of an authority in a site's data folder."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root's certificate, the only file here that may be shown to anybody."""
        return self.folder / "root.crt"

    @property
    def root_key(self) -> Path:
        """The root's private key."""
        return self.folder / "root.key"

    @property
    def certificate(self) -> Path:
        """The server's certificate, followed by the root's."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The server's private key."""
        return self.folder / "server.key"

    def exists(self) -> bool:
        """Say whether there is an authority."""
        return self.root.is_file() and self.root_key.is_file()


def of_folder(data: Path) -> Authority:
    """Return the authority of a data folder; it may not exist yet."""
    return Authority(data / FOLDER)


def make(authority: Authority, site: str, names: Iterable[str], now: int) -> None:
    """Make what is missing: a root for the site, and a server certificate for the names.

    `now` is the machine's clock in ms. Raises NotIts when an older root may not certify a name.
    """
    wanted = list(dict.fromkeys(names))
    authority.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not authority.exists():
        _make_root(authority, site, wanted, now)
    _issue(authority, wanted, now)


def renew(authority: Authority, now: int, *, before: int = RENEWED_BEFORE) -> bool:
    """Make a new server certificate when the old one ends within `before` days; say whether."""
    if not (authority.exists() and authority.certificate.is_file()):
        return False
    old = read(authority.certificate)
    if old.not_valid_after_utc - _at(now) > timedelta(days=before):
        return False
    try:
        with folder_lock.hold_folder(authority.folder, alone=True):
            _issue(authority, names_of(old), now)
    except folder_lock.FolderLocked:  # another server renews it just now
        return False
    return True


def read(path: Path) -> x509.Certificate:
    """Return the first certificate of a file. Raises ValueError for a file without any."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def names_of(certificate: x509.Certificate) -> list[str]:
    """Return the names and addresses that a certificate is for."""
    subject_names = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    names: list[str] = subject_names.get_values_for_type(x509.DNSName)
    return [*names, *map(str, subject_names.get_values_for_type(x509.IPAddress))]


def first_name(certificate: x509.Certificate) -> str:
    """Return the name that was given first, by which tablets open the server."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 as people compare it: AB:CD:…"""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _make_root(authority: Authority, site: str, names: list[str], now: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Floorwalk"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Floorwalk {site} {_at(now):%Y-%m-%d}"[:64]),
        ]
    )
    addresses = [address for each in names if (address := _address(each)) is not None]
    outside = [each for each in addresses if not _is_private(each)]
    permitted: list[x509.GeneralName] = [
        *(x509.DNSName(each) for each in names if _address(each) is None),
        *map(x509.DNSName, PRIVATE_NAMES),
        *(x509.IPAddress(ipaddress.ip_network(each)) for each in (*PRIVATE_NETWORKS, *outside)),
    ]
    public = key.public_key()
    made = (
        _builder(name, name, public, now, ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(authority.root_key, _pem(key), 0o600)
    _write(authority.root, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _issue(authority: Authority, names: list[str], now: int) -> None:
    root = read(authority.root)
    signing = serialization.load_pem_private_key(authority.root_key.read_bytes(), None)
    assert isinstance(signing, Key)
    _may(root, names)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    identity = x509.SubjectKeyIdentifier.from_public_key(signing.public_key())
    made = (
        _builder(subject, root.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(list(map(_general, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity), critical=False
        )
        .sign(signing, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    # A server that reads between the two writes sees a pair that does not fit; Renewal retries.
    _write(authority.key, _pem(key), 0o600)
    _write(authority.certificate, made.public_bytes(encoding) + root.public_bytes(encoding), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: int, days: int
) -> x509.CertificateBuilder:
    begin = _at(now) - timedelta(days=1)  # a tablet's clock may be behind
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begin)
    return builder.not_valid_after(begin + timedelta(days=days))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _may(root: x509.Certificate, names: list[str]) -> None:
    permitted = root.extensions.get_extension_for_class(x509.NameConstraints).value
    for name in names:
        address = _address(name)
        if not any(_covers(each, name, address) for each in permitted.permitted_subtrees or ()):
            raise NotIts(name)


def _covers(permitted: x509.GeneralName, name: str, address: object) -> bool:
    if isinstance(permitted, x509.DNSName):
        return address is None and f".{name.lower()}".endswith(f".{permitted.value.lower()}")
    return address is not None and address in permitted.value


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in ipaddress.ip_network(each) for each in PRIVATE_NETWORKS)


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _at(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1_000, UTC)


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, body: bytes, mode: int) -> None:
    """Write a file whole or not at all, with its permissions from the first byte."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
