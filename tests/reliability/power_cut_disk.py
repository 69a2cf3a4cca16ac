"""A FUSE file system that loses unsynced writes when it gets SIGKILL: a simulated power cut.

`python -m tests.reliability.power_cut_disk BACK MOUNT FAULTS` shows the folder BACK at MOUNT
until it is killed. Bytes that were written and not synced live in this process's memory alone.
FAULTS is a file of JSON, read again and again: {"full": true} refuses to grow anything,
{"sync_errors": 0.05} lets that share of syncs fail. It speaks the kernel's FUSE protocol itself,
so it needs no library.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import json
import os
import random
import stat
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HEADER = struct.Struct("<IIQQIIIHH")
ANSWER = struct.Struct("<IiQ")
ATTRIBUTES = struct.Struct("<6Q10I")
ENTRY = struct.Struct("<4Q2I")
LARGEST = 128 << 10
NOSUID, NODEV = 2, 4
ROOT, SIZE_IS_SET = 1, 8


class Failed(Exception):
    """An operation ends with an error number."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number))
        self.number = number


class File:
    """A file's bytes as readers see them, and which of them are not on disk yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.body = bytearray(path.read_bytes())
        self.dirty: list[tuple[int, int]] = []
        self.cut = False

    def write(self, offset: int, data: bytes) -> None:
        """Write in memory."""
        if len(self.body) < offset:
            self.body.extend(bytes(offset - len(self.body)))
        self.body[offset : offset + len(data)] = data
        self.dirty.append((offset, offset + len(data)))

    def resize(self, size: int) -> None:
        """Cut or lengthen in memory."""
        del self.body[size:]
        self.body.extend(bytes(size - len(self.body)))
        self.cut = True

    def sync(self) -> None:
        """Put everything on disk."""
        if not self.path.exists():
            return  # It was removed while somebody has it open.
        with self.path.open("r+b") as file:
            for start, end in self.dirty:
                file.seek(start)
                file.write(self.body[start : min(end, len(self.body))])
            file.truncate(len(self.body))
        self.dirty, self.cut = [], False


class Amnesia:
    """One mounted folder."""

    def __init__(self, back: Path, faults: Path) -> None:
        self.back = back
        self.faults = faults
        self.names: dict[int, Path] = {ROOT: back}
        self.nodes: dict[Path, int] = {back: ROOT}
        self.files: dict[int, File] = {}
        self.dice = random.Random(7)
        self.does: dict[int, Callable[[int, bytes], bytes | None]] = {
            1: self.look_up, 3: self.attributes, 4: self.change, 9: self.make_folder,
            10: self.remove, 11: self.remove_folder, 12: self.rename, 14: self.open,
            15: self.read, 16: self.write, 17: self.room, 18: self.fine, 20: self.sync,
            25: self.fine, 27: self.open, 28: self.list, 29: self.fine, 30: self.fine,
            34: self.fine, 35: self.create, 43: self.no, 45: self.rename_2,
        }  # fmt: skip

    def serve(self, device: int) -> None:
        """Answer the kernel until the folder is unmounted."""
        while True:
            try:
                asked = os.read(device, LARGEST + 4_096)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                raise
            _, code, unique, node, *_ = HEADER.unpack_from(asked)
            body = asked[HEADER.size :]
            if code in (2, 36, 42):  # forget, interrupt, forget many: nobody waits for an answer
                continue
            number, said = 0, b""
            try:
                said = self.begin(body) if code == 26 else self.does[code](node, body) or b""
            except KeyError:
                number = errno.ENOSYS
            except Failed as failed:
                number = failed.number
            except OSError as error:
                number = error.errno or errno.EIO
            answer = ANSWER.pack(ANSWER.size + len(said), -number, unique) + said
            with contextlib.suppress(FileNotFoundError):  # whoever asked was killed
                os.write(device, answer)

    # What the kernel asks

    def begin(self, body: bytes) -> bytes:
        """INIT: agree on the protocol's version 7.31."""
        readahead = struct.unpack_from("<4I", body)[2]
        sizes = struct.pack("<HHIIHHII24x", 12, 9, LARGEST, 1, 0, 0, 0, 0)
        return struct.pack("<4I", 7, 31, readahead, 0) + sizes

    def look_up(self, node: int, body: bytes) -> bytes:
        """LOOKUP"""
        return self.entry(self.names[node] / _name(body))

    def attributes(self, node: int, _body: bytes) -> bytes:
        """GETATTR"""
        return struct.pack("<QII", 0, 0, 0) + self.stat(self.names[node])

    def change(self, node: int, body: bytes) -> bytes:
        """SETATTR: only a size is changed."""
        valid, _, _, size = struct.unpack_from("<IIQQ", body)
        if valid & SIZE_IS_SET:
            file = self.file(node)
            if size > len(file.body):
                self.may_grow()
            file.resize(size)
        return self.attributes(node, b"")

    def open(self, node: int, _body: bytes) -> bytes:
        """OPEN, OPENDIR"""
        if self.names[node].is_file():
            self.file(node)
        return struct.pack("<QII", node, 0, 0)

    def create(self, node: int, body: bytes) -> bytes:
        """CREATE: a new name is on disk at once, its bytes are not."""
        self.may_grow()
        path = self.names[node] / _name(body[16:])
        path.touch()
        self.nodes.pop(path, None)
        entry = self.entry(path)
        self.file(self.nodes[path])
        return entry + struct.pack("<QII", self.nodes[path], 0, 0)

    def read(self, node: int, body: bytes) -> bytes:
        """READ"""
        _, offset, size = struct.unpack_from("<QQI", body)
        return bytes(self.file(node).body[offset : offset + size])

    def write(self, node: int, body: bytes) -> bytes:
        """WRITE"""
        _, offset, size = struct.unpack_from("<QQI", body)
        file = self.file(node)
        if offset + size > len(file.body):
            self.may_grow()
        file.write(offset, body[40 : 40 + size])
        return struct.pack("<II", size, 0)

    def sync(self, node: int, _body: bytes) -> None:
        """FSYNC"""
        if self.dice.random() < self.said().get("sync_errors", 0):
            raise Failed(errno.EIO)
        self.file(node).sync()

    def remove(self, node: int, body: bytes) -> None:
        """UNLINK"""
        path = self.names[node] / _name(body)
        path.unlink()
        self.nodes.pop(path, None)

    def make_folder(self, node: int, body: bytes) -> bytes:
        """MKDIR"""
        path = self.names[node] / _name(body[8:])
        path.mkdir()
        return self.entry(path)

    def remove_folder(self, node: int, body: bytes) -> None:
        """RMDIR"""
        (self.names[node] / _name(body)).rmdir()

    def rename(self, node: int, body: bytes, *, names_at: int = 8) -> None:
        """RENAME"""
        (folder,) = struct.unpack_from("<Q", body)
        old, new = body[names_at:].split(b"\0")[:2]
        before, after = self.names[node] / old.decode(), self.names[folder] / new.decode()
        before.rename(after)
        self.nodes.pop(after, None)
        if (moved := self.nodes.pop(before, None)) is not None:
            self.nodes[after], self.names[moved] = moved, after
            if moved in self.files:
                self.files[moved].path = after

    def rename_2(self, node: int, body: bytes) -> None:
        """RENAME2"""
        self.rename(node, body, names_at=16)

    def list(self, node: int, body: bytes) -> bytes:
        """READDIR"""
        _, offset, size = struct.unpack_from("<QQI", body)
        found = b""
        for place, name in enumerate(sorted(one.name for one in self.names[node].iterdir()), 1):
            if place <= offset:
                continue
            raw = name.encode()
            one = struct.pack("<QQII", 2**32 + place, place, len(raw), 0) + raw
            one += bytes(-len(one) % 8)
            if len(found) + len(one) > size:
                break
            found += one
        return found

    def room(self, _node: int, _body: bytes) -> bytes:
        """STATFS"""
        free = 0 if self.said().get("full") else 1 << 18
        return struct.pack("<5Q4I24x", 1 << 20, free, free, 1 << 16, 1 << 15, 4_096, 255, 4_096, 0)

    def fine(self, _node: int, _body: bytes) -> None:
        """FLUSH, RELEASE, ACCESS, FSYNCDIR: nothing is to be done."""

    def no(self, _node: int, _body: bytes) -> None:
        """FALLOCATE"""
        raise Failed(errno.EOPNOTSUPP)

    # What they stand on

    def file(self, node: int) -> File:
        """Return an open file."""
        if node not in self.files:
            self.files[node] = File(self.names[node])
        return self.files[node]

    def entry(self, path: Path) -> bytes:
        """Return a name with what it names; raises ENOENT."""
        attributes = self.stat(path)
        if path not in self.nodes:
            node = max(self.names) + 1
            self.nodes[path], self.names[node] = node, path
        return ENTRY.pack(self.nodes[path], 0, 0, 0, 0, 0) + attributes

    def stat(self, path: Path) -> bytes:
        """Return attributes as the kernel wants them; never kept by it."""
        node = self.nodes.get(path, 0)
        try:
            found = path.lstat()
            size, mode = found.st_size, found.st_mode
        except FileNotFoundError:
            if node not in self.files:
                raise Failed(errno.ENOENT) from None
            size, mode = 0, stat.S_IFREG | 0o600
        if node in self.files:
            size = len(self.files[node].body)
        owner = os.getuid(), os.getgid()
        moments = (0,) * 6
        return ATTRIBUTES.pack(node, size, -(-size // 512), *moments, mode, 1, *owner, 0, 4_096, 0)

    def may_grow(self) -> None:
        """Raise ENOSPC while the disk is full."""
        if self.said().get("full"):
            raise Failed(errno.ENOSPC)

    def said(self) -> dict[str, float]:
        """Return which faults are asked for now."""
        try:
            found: dict[str, float] = json.loads(self.faults.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found


def _name(body: bytes) -> str:
    return body.split(b"\0", 1)[0].decode()


def mount(device: int, target: Path) -> None:
    """Show the file system at a folder; raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    if libc.mount(b"amnesia", bytes(target), b"fuse", NOSUID | NODEV, options.encode()):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unmount(target: Path) -> None:
    """Unmount it, even if files are open."""
    ctypes.CDLL(None).umount2(bytes(target), 2)


@functools.cache
def why_not() -> str | None:
    """Say what a machine lacks that mounts nothing; None when it does."""
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        return f"It takes root and /dev/fuse: {error.strerror}"
    try:
        with tempfile.TemporaryDirectory() as name:
            mount(device, Path(name))
            unmount(Path(name))
    except OSError as error:
        return f"It takes root and /dev/fuse, of which we may mount nothing: {error.strerror}"
    finally:
        os.close(device)
    return None


def main(back: Path, target: Path, faults: Path) -> None:
    """Serve until killed."""
    device = os.open("/dev/fuse", os.O_RDWR)
    mount(device, target)
    Amnesia(back.absolute(), faults).serve(device)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
