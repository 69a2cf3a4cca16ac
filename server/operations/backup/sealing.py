"""Encryption of backups for a public key, in the format of the program age.

Who makes a backup needs the public key alone; the private one is needed to put it back, and belongs
elsewhere. Whoever has it can also open the file with the program age, without Floorwalk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage

from server.base import private_files

SEALED = ".age"  # the ending of an encrypted backup


class BadKey(ValueError):
    """A key cannot be read, or does not open the file; the message is a sentence."""


def make_key(path: Path) -> str:
    """Write a new private key, which only its owner may read; return the public one."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private_files.FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def recipients(keys: Iterable[str]) -> list[pyrage.x25519.Recipient]:
    """Return public keys as they are written (age1…); raises BadKey."""
    try:
        return [pyrage.x25519.Recipient.from_str(key.strip()) for key in keys]
    except pyrage.RecipientError:
        raise BadKey("A public key begins with age1; --make-key makes one.") from None


def seal(plain: Path, sealed: Path, keys: Iterable[pyrage.x25519.Recipient]) -> None:
    """Encrypt a file durably; raises FileExistsError when the name is taken."""
    descriptor = os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private_files.FILE)
    with plain.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:
        pyrage.encrypt_io(reader, writer, list(keys))
        writer.flush()
        os.fsync(writer.fileno())


@contextmanager
def opened(path: Path, key: Path | None, scratch: Path) -> Iterator[Path]:
    """Yield a backup that can be read: itself, or what the key opens, in `scratch`.

    Raises BadKey where a key is missing, is none, or does not fit.
    """
    if path.suffix != SEALED:
        yield path
        return
    if key is None:
        raise BadKey("The backup is encrypted: name the file of its private key with --key.")
    identity, plain = _identity(key), scratch / path.name.removesuffix(SEALED)
    try:
        with path.open("rb") as reader, plain.open("xb") as writer:
            pyrage.decrypt_io(reader, writer, [identity])
    except (pyrage.DecryptError, OSError) as error:  # what is cut in the middle is an OSError
        if isinstance(error, OSError) and error.errno is not None:
            raise  # no room, or not to be read
        raise BadKey("The key does not open this backup, or the file was changed.") from None
    try:
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def _identity(path: Path) -> pyrage.x25519.Identity:
    lines = private_files.decoded(path.read_bytes()).splitlines()
    keys = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(keys[0])
    except (IndexError, pyrage.IdentityError):
        raise BadKey(f"{path} has no private key, AGE-SECRET-KEY-….") from None
