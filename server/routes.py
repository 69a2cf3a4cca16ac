"""Every URL of the server, on one page."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from server.demo import commands
from server.http import health, openapi, sign_in, static
from server.office import menu, notices
from server.office.administration import numbers, people, replicating, tablets
from server.office.board import board, events
from server.office.reconciliation import reconcile
from server.office.record import record_pages
from server.office.reports import printing
from server.office.tables import complaints, directory, visits, waiting
from server.operations import metrics
from server.replication import (
    blobs,
    checkpoints,
    documents,
    listing,
    manifest,
    nowhere,
    polling,
    replication,
    session,
)
from server.replication.call import api

GET, POST, PUT, DELETE = ["GET"], ["POST"], ["PUT"], ["DELETE"]
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "COPY", "OPTIONS"]

# The site as a CouchDB database; what is not here does not exist there.
SYNC: list[BaseRoute] = [
    Route("/_session", session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/", replication.welcome),
    Route("/sync/_up", replication.up),
    Route("/sync/_all_dbs", api(replication.all_dbs)),
    Route("/sync/_session", session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/{site}", api(replication.info)),
    Route("/sync/{site}", api(replication.create), methods=PUT),
    Route("/sync/{site}/", api(replication.info)),
    Route("/sync/{site}/", api(replication.create), methods=PUT),
    Route("/sync/{site}/_session", session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/{site}/_changes", polling.changes, methods=[*GET, *POST]),
    Route("/sync/{site}/_all_docs", api(listing.all_docs), methods=[*GET, *POST]),
    Route("/sync/{site}/_all_docs/queries", api(listing.several), methods=POST),
    Route("/sync/{site}/_manifest", api(manifest.compare)),
    Route("/sync/{site}/_removed", api(manifest.removed)),
    Route("/sync/{site}/_revs_diff", api(replication.revs_diff), methods=POST),
    Route("/sync/{site}/_bulk_get", api(documents.bulk_get), methods=POST),
    Route("/sync/{site}/_bulk_docs", api(replication.bulk_docs), methods=POST),
    Route("/sync/{site}/_ensure_full_commit", api(replication.full_commit), methods=POST),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.read)),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.write), methods=PUT),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.delete), methods=DELETE),
    Route("/sync/{site}/_blob/{sha256}", api(blobs.get)),
    Route("/sync/{site}/_blob/{sha256}", api(blobs.put), methods=PUT),
    Route("/sync/{site}/_blob/{sha256}/parts", api(blobs.state)),
    Route("/sync/{site}/_blob/{sha256}/parts", api(blobs.put_part), methods=PUT),
    Route("/sync/{site}/{id}", api(documents.item)),
    Route("/sync/{site}/{id}", api(replication.put), methods=PUT),
    Route("/sync/{site}/{id}/{name:path}", api(documents.item)),
    Route("/sync/{site}/{id}/{name:path}", api(replication.put), methods=PUT),
    Route("/sync/{rest:path}", nowhere.nothing, methods=ANY),
    Route("/demo/clock", api(commands.set_clock), methods=PUT),  # answers in a demo only
]

# The floor app lives in the tablet's worker; the server hands it out.
FLOOR: list[BaseRoute] = [
    Route("/worker.js", static.worker),
    Route("/manifest.webmanifest", static.manifest),
    Route("/static/{name}", static.asset),
    Route("/floor", static.bootstrap),
    Route("/floor/{rest:path}", static.bootstrap),
]

DOOR: list[BaseRoute] = [
    Route("/", sign_in.home),
    Route("/sign-in", sign_in.page),
    Route("/sign-in", sign_in.enter, methods=POST),
    Route("/sign-out", sign_in.leave, methods=POST),
    Route("/healthz", health.health),
    Route("/metrics", metrics.metrics),
    Route("/openapi.json", openapi.describe),
]

OFFICE: list[BaseRoute] = [
    Route("/events", events.stream),
    Route("/office", board.page),
    Route("/office/", board.page),
    Route("/office/menu", menu.side),
    Route("/office/notices", notices.page),
    Route("/office/notices", notices.seen, methods=POST),
    Route("/office/waiting", waiting.page),
    Route("/office/visits", visits.page),
    Route("/office/complaints", complaints.page),
    Route("/office/reconcile", reconcile.page),
    Route("/office/reconcile", reconcile.decide, methods=POST),
    Route("/office/people", people.page),
    Route("/office/people", people.add, methods=POST),
    Route("/office/people/{id}", people.one),
    Route("/office/people/{id}", people.change, methods=POST),
    Route("/office/people/{id}/password", people.password, methods=POST),
    Route("/office/settings", numbers.page),
    Route("/office/settings/{key}", numbers.one),
    Route("/office/settings/{key}", numbers.change, methods=POST),
    Route("/office/devices", tablets.page),
    Route("/office/replication", replicating.page),
    Route("/office/records", directory.page),
    Route("/office/records/{kind}", directory.table),
    Route("/office/records/{kind}", directory.add, methods=POST),
    Route("/office/complaints/{id}/slip", printing.slip),
    Route("/office/complaints/{id}/form", printing.form),
    *(
        route
        for record in ("/office/records/{kind}/{id}", "/office/{section}/{id}")
        for route in (
            Route(record, record_pages.page),
            Route(record + "/do/{verb}", record_pages.act, methods=POST),
            Route(record + "/note", record_pages.note, methods=POST),
            Route(record + "/edit", record_pages.edit, methods=POST),
            Route(record + "/undo", record_pages.undo, methods=POST),
            Route(record + "/reveal", record_pages.reveal, methods=POST),
        )
    ),
]

# Routes are tried in this order, and most requests come from tablets.
ROUTES: list[BaseRoute] = [*SYNC, *DOOR, *OFFICE, *FLOOR]
