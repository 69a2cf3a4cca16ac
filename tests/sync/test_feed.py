"""A device's position in the changes feed, whatever happened to its person's rights."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync import feed_position
from sync.feed_position import REFERENCE, BadToken, Channels, FeedPosition, Token

LIN = "person:lin"
LOBBY_1 = frozenset({LIN, "all", "post:guide", "place:lobby-1"})
LOBBY_2 = frozenset({LIN, "all", "post:guide", "place:lobby-2"})
NOW = feed_position.digest(LOBBY_2, LIN)
BEFORE = feed_position.digest(LOBBY_1, LIN)


def knowing(*sets: Channels) -> Callable[[str], Channels | None]:
    return {feed_position.digest(channels, LIN): channels for channels in sets}.get


def located(token: Token, *, newest: int = 100, sliced: bool = False) -> FeedPosition:
    held = knowing(LOBBY_1, LOBBY_2)
    return feed_position.locate(token, newest, "e90c4a", LOBBY_2, LIN, held, sliced=sliced)


@pytest.mark.parametrize(
    "token",
    [
        Token(7, NOW, "e90c4a"),
        Token(7, NOW, "e90c4a", BEFORE, 3),
        Token(100, NOW, "e90c4a", "", 40, 2),
    ],
)
def test_a_token_reads_as_it_was_written(token: Token) -> None:
    assert feed_position.read(str(token), 100) == token
    assert str(token)[0].isdigit(), "PouchDB counts with what a token begins with"


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-1", "1e9", "99999999999999999999", "101", "7-xyz", "7;drop", "7-12345678", "٣"],
)
def test_what_we_never_gave_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        feed_position.read(text, 100)


@pytest.mark.parametrize("text", ["0", "7", '"7"', " 7 "])
def test_a_bare_number_is_a_token(text: str) -> None:
    assert feed_position.read(text, 100).seq == int(text.strip(' "'))


def test_nothing_changed() -> None:
    assert located(Token(7, NOW, "e90c4a")) == FeedPosition(Token(7, NOW, "e90c4a"), LOBBY_2)


def test_another_place_is_gained_and_one_is_lost() -> None:
    place = located(Token(7, BEFORE, "e90c4a"))
    assert place.token == Token(7, NOW, "e90c4a", BEFORE, 0)
    assert (place.gained, place.lost) == ({"place:lobby-2"}, {"place:lobby-1"})


def test_catching_up_goes_on_where_it_was() -> None:
    token = Token(7, NOW, "e90c4a", BEFORE, 5)
    assert located(token).token == token
    assert located(token).gained == {"place:lobby-2"}


def test_rights_that_change_while_catching_up_start_again() -> None:
    place = located(Token(7, BEFORE, "e90c4a", NOW, 5))
    assert place == FeedPosition(Token(0, NOW, "e90c4a"), LOBBY_2, anew=True)


@pytest.mark.parametrize(
    "token",
    [
        Token(7, NOW, "0dead0"),  # the database was restored
        Token(101, NOW, "e90c4a"),  # what is to come
        Token(7, "00000000", "e90c4a"),  # rights that nobody remembers
        Token(7, BEFORE, "e90c4a", "", 3, 1),  # rights that changed in a first sync
    ],
)
def test_what_cannot_be_gone_on_from_starts_again(token: Token) -> None:
    assert located(token) == FeedPosition(Token(0, NOW, "e90c4a"), LOBBY_2, anew=True)


def test_a_first_sync_begins_with_what_matters_now() -> None:
    place = located(Token(0), sliced=True)
    assert place.token == Token(100, NOW, "e90c4a", "", 0, REFERENCE)
    assert located(Token(7, NOW, "e90c4a"), sliced=True).token.phase is None


def test_people_with_the_same_work_share_answers() -> None:
    chen = {"person:chen", "all", "post:guide", "place:lobby-2"}
    assert feed_position.digest(chen, "person:chen") == NOW
    assert BEFORE != NOW
