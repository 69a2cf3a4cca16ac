"""Letters between hospitals: a complaint that is passed on, a notice of the head office.

A letter is a record of its sender, so that it goes up like any other. The head office's server
takes it from there to the database of its addressee (`carry`), and nobody else reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from server.acts import recipients
from server.acts.access import SYSTEM_ACTOR
from server.acts.delivery import in_app
from server.acts.duty import RollCall
from server.acts.recipients import Telling
from server.acts.site import Site
from server.acts.verdict import Refused
from server.cluster.download import LETTERS, ROWS_AT_ONCE
from server.cluster.upload import as_document
from sync.act import Act, derived_id, make
from sync.check_act import Record
from sync.cluster_client import Checkpoint, Cluster

EVERYBODY = "*"
# Fields that do not go along: photos, the visit, and a signature under this hospital's text.
STAYS = ("photos", "subject", "signature", "readback")


def refer(site: Site, act: Act, now: int) -> None:
    """Write a complaint that was passed to another hospital into a letter; `now` in ms.

    Its deadlines run there from the moment it was made here.
    """
    complaint = site.record(act["record"])
    if complaint is None or complaint["state"] != "referred":  # taken back meanwhile
        return
    asks = site.declarations["acts"]["complaint.taken"]["asks"]
    data = {name: complaint[name] for name in asks if name in complaint and name not in STAYS}
    taken_at = complaint["taken_at"]
    taken = make(
        "complaint.taken",
        "complaint:"
        + derived_id(site.secret, taken_at, "referred", act["_id"]).removeprefix("act:"),
        data,
        at=taken_at,
        by=complaint["owner"],
        device=act["device"],
        site=site.config.name,
        identifier=derived_id(site.secret, taken_at, "complaint.taken", act["_id"]),
    )
    write(
        site,
        act["data"]["to_site"],
        "complaint",
        [taken],
        now,
        about=act,
        words=act["data"]["reason"],
    )


def write(
    site: Site,
    to: str,
    what: str,
    acts: list[Act],
    now: int,
    *,
    about: Act | None = None,
    words: str | None = None,
) -> str:
    """Write a letter to a site, or to everybody; return the id of its record.

    The same letter written twice is one. Where there is no such site, the carrier sends it back.
    """
    moment = (about["at"], about["_id"]) if about else (now, words or "")
    identifier = derived_id(site.secret, moment[0], "letter.sent", to, what, moment[1])
    record = "letter:" + derived_id(
        site.secret, moment[0], "letter", to, what, moment[1]
    ).removeprefix("act:")
    data = {
        "to": to,
        "what": what,
        "about": about["record"] if about else None,
        "words": words,
        "acts_sent": orjson.dumps(acts).decode(),
    }
    sent = make(
        "letter.sent",
        record,
        {name: value for name, value in data.items() if value is not None},
        at=now,
        by="system:link",
        device="device:server",
        site=site.config.name,
        identifier=identifier,
    )
    verdict = site.accept([sent], SYSTEM_ACTOR, received_at=now)[0]
    if not verdict.good:
        raise Refused(str(verdict.code), **verdict.details)
    return record


def delivered(record: Record, sender: str) -> dict[str, Any] | None:
    """Return a letter as a document of its addressee's database; None for no letter."""
    if record.get("type") != "letter" or not record.get("to") or record.get("state") != "sent":
        return None
    letter = {
        "_id": LETTERS + f"{sender}.{record['_id'].partition(':')[2]}",
        "from": sender,
        "to": record["to"],
        "what": record.get("what"),
        "words": record.get("words"),
        "about": record.get("about"),
        "acts": record.get("acts_sent") or "[]",
        "sent_at": record["opened_at"],
    }
    return {name: value for name, value in letter.items() if value is not None}


def tell(site: Site, act: Act, now: int) -> None:
    """Notify the customer service manager that a letter came; twice shows once."""
    letter = site.record(act["record"])
    if letter is None:
        return
    hides = site.hidden_ones().get(letter["_id"], ())
    now = site.now()
    duties = RollCall(site, now)
    telling = Telling(site.declarations, site.reference(), letter, hides, now, duties)
    told, _ = recipients.find_recipients(telling, ("cs_manager",))
    moment = (act["at"], act["_id"])
    notices = [
        in_app.notice_act(
            letter,
            person,
            what=act["act"],
            at=now,
            moment=moment,
            site=site.config.name,
            secret=site.secret,
            post=post,
            reason=str(letter.get("words") or "")[:200] or None,
        )
        for person, post in told.items()
    ]
    site.accept(notices, SYSTEM_ACTOR, received_at=now)


def carry(
    carrier: str,
    cluster_of: Callable[[str], Cluster],
    checkpoint_of: Callable[[str], Checkpoint],
    sites: list[str],
    at: int,
) -> tuple[int, list[str]]:
    """Take letters from each site's database to those of their addressees, at `at` (ms).

    Return how many were taken, and which could not be delivered; a letter for nobody goes back. A
    site can write only to its own database, so the database that a letter lies in proves its
    sender.
    """
    taken, nowhere = 0, []
    for sender in sites:
        source, checkpoint = cluster_of(sender), checkpoint_of(sender)
        while True:
            page = source.changes(checkpoint.since, ROWS_AT_ONCE)
            ids = [row["id"] for row in page.rows if row["id"].startswith("letter:")]
            for record in source.documents(ids).values() if ids else ():
                there, problems = _deliver(carrier, cluster_of, record, sender, sites)
                taken += there
                nowhere += problems
            if page.rows:
                checkpoint.save(page.last_seq, at, docs_written=taken)
            if len(page.rows) < ROWS_AT_ONCE:
                break
    return taken, nowhere


def _deliver(
    carrier: str,
    cluster_of: Callable[[str], Cluster],
    record: Record,
    sender: str,
    sites: list[str],
) -> tuple[int, list[str]]:
    letter = delivered(record, sender)
    if letter is None:
        return 0, []
    problems = []
    targets = sites if letter["to"] == EVERYBODY else [letter["to"]]
    targets = [target for target in targets if target != sender]
    for target in targets:
        has_site = target in sites
        document = letter if has_site else _sent_back(carrier, letter)
        where = cluster_of(target if has_site else sender)
        if not has_site:
            problems.append(f"{letter['_id']}: there is no site {target}")
        for failure in where.send([(document["_id"], as_document(document))]):
            problems.append(f"{failure.id} to {target}: {failure.error} {failure.reason}")
    return max(0, len(targets) - len(problems)), problems


def _sent_back(carrier: str, letter: dict[str, Any]) -> dict[str, Any]:
    words = f"Not delivered, there is no hospital “{letter['to']}”: {letter.get('words') or ''}"
    back = {"_id": letter["_id"] + ".back", "from": carrier, "to": letter["from"], "acts": "[]"}
    about: dict[str, Any] = {n: letter[n] for n in ("about", "sent_at") if n in letter}
    return {**back, **about, "what": "returned", "words": words[:4_000]}
