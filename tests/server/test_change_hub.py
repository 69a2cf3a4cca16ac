"""The in-memory hub of the newest changes: its answers, and when it says that it does not know."""

from __future__ import annotations

from server.acts.change_hub import TAIL, Change, ChangeHub, published_of


def change(seq: int, name: str = "", body: bytes | None = b"{}") -> Change:
    return Change(seq, name or f"waiting:{seq}", "1-a", body)


def started(seq: int = 10) -> ChangeHub:
    hub = ChangeHub()
    hub.start_at(seq)
    return hub


def seqs(found: list[Change] | None) -> list[int] | None:
    return None if found is None else [change.seq for change in found]


def test_changes_of_several_channels_come_in_order_and_once() -> None:
    hub = started()
    hub.publish({"a": [change(11)], "b": [change(11), change(12)]}, 10, 12)
    hub.publish({"a": [change(13)]}, 12, 13)
    assert seqs(hub.changes_since(["a", "b"], 10)) == [11, 12, 13]
    assert seqs(hub.changes_since(["b"], 11)) == [12]
    assert seqs(hub.changes_since(["c"], 10)) == []


def test_a_record_that_changed_twice_is_sent_as_it_is_now() -> None:
    hub = started()
    hub.publish({"a": [change(11, "waiting:x")]}, 10, 11)
    hub.publish({"a": [change(12, "waiting:x")]}, 11, 12)
    assert seqs(hub.changes_since(["a"], 10)) == [12]


def test_what_left_one_channel_is_still_seen_in_another() -> None:
    hub = started()
    hub.publish({"a": [change(11, "waiting:x")], "b": [change(11, "waiting:x", None)]}, 10, 11)
    both, gone = hub.changes_since(["a", "b"], 10), hub.changes_since(["b"], 10)
    assert both is not None and both[0].body is not None
    assert gone is not None and gone[0].body is None


def test_memory_does_not_reach_back_to_before_the_start() -> None:
    assert started().changes_since(["a"], 9) is None


def test_memory_is_short() -> None:
    hub = started()
    for seq in range(11, 11 + TAIL + 5):
        hub.publish({"a": [change(seq)]}, seq - 1, seq)
    assert hub.changes_since(["a"], 10) is None
    assert len(hub.changes_since(["a"], 20) or ()) == TAIL + 5 - 10


def test_memory_knows_that_it_missed_what_another_process_committed() -> None:
    hub = started()
    hub.publish({"a": [change(11)]}, 10, 11)
    assert not hub.publish({"a": [change(13)]}, 12, 13)  # 12 was somebody else's
    assert hub.seq == 11 and seqs(hub.changes_since(["a"], 10)) == [11]
    assert hub.publish({"a": [change(12), change(13)]}, 11, 13)  # read from the database
    assert hub.publish({"a": [change(13)]}, 12, 13)  # nothing new
    assert seqs(hub.changes_since(["a"], 10)) == [11, 12, 13]
    hub.skip_to(20)
    assert hub.changes_since(["a"], 13) is None
    assert hub.changes_since(["a"], 20) == []


def test_what_is_told_twice_is_taken_in_once() -> None:
    hub, heard = started(), []
    hub.publish({"a": [change(11)]}, 10, 11)
    hub.listen(lambda channels, seq: heard.append((sorted(channels), seq)))
    # Read from the database while 11 was on its way from here.
    assert hub.publish({"a": [change(11), change(12)], "b": [change(11)]}, 10, 12)
    assert seqs(hub.changes_since(["a", "b"], 10)) == [11, 12]
    assert hub.publish({"a": [change(12)]}, 11, 12)
    assert heard == [(["a"], 12)]


def test_what_is_stored_says_what_was_in_each_channel_and_is_not() -> None:
    stored = (13, "waiting:x", "3-a", '["a"]', '{"b": 12, "c": 9}', '["person:lin"]', b"{}")
    found = published_of([stored], after=10)
    assert {channel: seqs(changes) for channel, changes in found.items()} == {
        "a": [13],
        "b": [12],
        "hidden:person:lin": [13],
    }
    assert found["b"][0].body is None
    assert found["hidden:person:lin"][0].body is None


def test_listeners_hear_of_channels_and_of_anything() -> None:
    hub, heard = started(), []
    stop = hub.listen(lambda channels, seq: heard.append((sorted(channels), seq)))
    hub.publish({"a": [change(11)]}, 10, 11)
    hub.skip_to(11)  # no news
    hub.skip_to(12)
    hub.close()
    stop()
    hub.publish({"a": [change(13)]}, 12, 13)
    assert heard == [(["a"], 11), ([], 12), ([], 12)]
