"""Positions in the changes feed: tokens, and which channels a change of rights gains and loses.

A token is `<seq>-<rights>-<epoch>`: how far the device has come, a digest of the channels that it
came so far with, and which life of the database that was. While it catches up with channels that it
gained, the token goes on `-<rights before>-<position>`: what it had is complete up to seq, what it
gained up to the position. A first sync in slices goes on `-slice-<phase>-<position>`: up to seq it
is offered reference data, then open records, then the rest, each up to the position.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

Channels = frozenset[str]
REFERENCE, OPEN, REST = 0, 1, 2  # phases of a first sync, in this order

_TOKEN = re.compile(
    r"^(?P<seq>\d{1,16})"
    r"(?:-(?P<rights>[0-9a-f]{8})-(?P<epoch>[0-9a-f]{6})"
    r"(?:-slice-(?P<phase>[012])-(?P<slice_position>\d{1,16})|-(?P<before>[0-9a-f]{8})-(?P<position>\d{1,16}))?"
    r")?$",
    re.ASCII,
)


class BadToken(ValueError):
    """A `since` that no server of ours ever gave."""


def digest(channels: Iterable[str], person: str) -> str:
    """Return the digest that stands for a set of channels in a token.

    The person's own channel is left out, so that people with the same work get the same answers.
    """
    return _digest(frozenset(channels) - {person})


@lru_cache(maxsize=1_024)
def _digest(shared: Channels) -> str:
    return hashlib.sha256("\n".join(sorted(shared)).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Token:
    """How far a device has come. Without rights and epoch it is a bare seq, as 0 is."""

    seq: int
    rights: str = ""
    epoch: str = ""
    before: str = ""  # the rights it had, while it catches up with what it gained
    position: int = 0
    phase: int | None = None  # of a first sync: REFERENCE, OPEN or REST

    def __str__(self) -> str:
        text = f"{self.seq}-{self.rights}-{self.epoch}"
        if self.phase is not None:
            return f"{text}-slice-{self.phase}-{self.position}"
        return f"{text}-{self.before}-{self.position}" if self.before else text


def read(text: str, newest: int) -> Token:
    """Return the token of a text; raises BadToken for any other, or a bare seq of the future."""
    match = _TOKEN.match(text.strip().strip('"'))
    if match is None:
        raise BadToken(text)
    part = match.groupdict()
    token = Token(int(part["seq"]), part["rights"] or "", part["epoch"] or "")
    if part["phase"] is not None:
        return Token(
            token.seq,
            token.rights,
            token.epoch,
            "",
            int(part["slice_position"]),
            int(part["phase"]),
        )
    if part["before"] is not None:
        token = Token(token.seq, token.rights, token.epoch, part["before"], int(part["position"]))
    if token.seq > newest and not token.epoch:
        raise BadToken(text)
    return token


@dataclass(frozen=True)
class FeedPosition:
    """The position of a device in the feed as its person may see it now.

    `gained` and `lost` are channels that it was not told of yet, up to the token's seq. `anew` says
    that it has to begin again although it had come somewhere: nobody knows what it holds.
    """

    token: Token
    channels: Channels
    gained: Channels = frozenset()
    lost: Channels = frozenset()
    anew: bool = False


def locate(
    token: Token,
    newest: int,
    epoch: str,
    channels: Channels,
    person: str,
    held: Callable[[str], Channels | None],
    *,
    sliced: bool = False,
) -> FeedPosition:
    """Return the position to read on from; `held(digest)` returns the channels the person once had.

    A token of another epoch, of a future seq, or of rights that nobody remembers starts again from
    0: a device that hears too much is right, one that hears too little would believe that all is
    well. `sliced` asks for a first sync with current work first.
    """
    now = digest(channels, person)
    start = Token(0, now, epoch)
    if (token.epoch and token.epoch != epoch) or token.seq > newest:
        return FeedPosition(start, channels, anew=True)
    if token.rights in ("", now) and not token.before:
        if sliced and token.seq == 0:
            return FeedPosition(Token(newest, now, epoch, "", 0, REFERENCE), channels)
        return FeedPosition(replace(token, rights=now, epoch=epoch), channels)
    old = held(token.before or token.rights)
    moved_again = token.before and token.rights != now
    if old is None or moved_again or token.phase is not None:
        return FeedPosition(start, channels, anew=True)
    if not token.before:
        token = Token(token.seq, now, epoch, token.rights, 0)
    return FeedPosition(token, channels, channels - old, old - channels)
