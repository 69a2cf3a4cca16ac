"""Every URL of the server with its handler, on one page."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from server.demo import commands
from server.http import (
    health_check,
    openapi,
    own_account,
    sign_in,
    sign_in_stages,
    tablet_files,
)
from server.office import menu, notices
from server.office.administration import (
    people,
    replication_health,
    security,
    settings,
    tablets,
)
from server.office.board import board, live_events
from server.office.reconciliation import reconcile
from server.office.record import record_pages
from server.office.reports import exports, printing
from server.office.tables import (
    bulk_acts,
    complaints,
    record_tables,
    rounds,
    saved_views,
    visits,
    waiting,
)
from server.operations import metrics
from server.replication import (
    all_docs,
    blobs,
    changes_feed,
    checkpoints,
    checksums,
    couch_database,
    couch_session,
    document_reads,
    sealed,
    unknown_addresses,
)
from server.replication.sync_request import api

GET, POST, PUT, DELETE = ["GET"], ["POST"], ["PUT"], ["DELETE"]
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "COPY", "OPTIONS"]

# The site as a CouchDB database; what is not here does not exist there.
SYNC: list[BaseRoute] = [
    Route("/_session", couch_session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/", couch_database.welcome),
    Route("/sync/_up", couch_database.up),
    Route("/sync/_all_dbs", api(couch_database.all_dbs)),
    Route("/sync/_session", couch_session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/{site}", api(couch_database.info)),
    Route("/sync/{site}", api(couch_database.create), methods=PUT),
    Route("/sync/{site}/", api(couch_database.info)),
    Route("/sync/{site}/", api(couch_database.create), methods=PUT),
    Route("/sync/{site}/_session", couch_session.session, methods=[*GET, *POST, *DELETE]),
    Route("/sync/{site}/_changes", changes_feed.changes, methods=[*GET, *POST]),
    Route("/sync/{site}/_all_docs", api(all_docs.all_docs), methods=[*GET, *POST]),
    Route("/sync/{site}/_all_docs/queries", api(all_docs.several), methods=POST),
    Route("/sync/{site}/_manifest", api(checksums.compare)),
    Route("/sync/{site}/_removed", api(checksums.removed)),
    Route("/sync/{site}/_revs_diff", api(couch_database.revs_diff), methods=POST),
    Route("/sync/{site}/_bulk_get", api(document_reads.bulk_get), methods=POST),
    Route("/sync/{site}/_bulk_docs", api(couch_database.bulk_docs), methods=POST),
    Route("/sync/{site}/_ensure_full_commit", api(couch_database.full_commit), methods=POST),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.read)),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.write), methods=PUT),
    Route("/sync/{site}/_local/{id:path}", api(checkpoints.delete), methods=DELETE),
    Route("/sync/{site}/_blob/{sha256}", api(blobs.get)),
    Route("/sync/{site}/_blob/{sha256}", api(blobs.put), methods=PUT),
    Route("/sync/{site}/_blob/{sha256}/parts", api(blobs.state)),
    Route("/sync/{site}/_blob/{sha256}/parts", api(blobs.put_part), methods=PUT),
    Route("/sync/{site}/_sealed", api(sealed.hand_in), methods=POST),
    Route("/sync/{site}/{id}", api(document_reads.item)),
    Route("/sync/{site}/{id}", api(couch_database.put), methods=PUT),
    Route("/sync/{site}/{id}/{name:path}", api(document_reads.item)),
    Route("/sync/{site}/{id}/{name:path}", api(couch_database.put), methods=PUT),
    Route("/sync/{rest:path}", unknown_addresses.nothing, methods=ANY),
    Route("/demo/clock", api(commands.set_clock), methods=PUT),  # answers in a demo only
]

# The floor app lives in the tablet's worker; the server hands it out.
FLOOR: list[BaseRoute] = [
    Route("/worker.js", tablet_files.worker),
    Route("/manifest.webmanifest", tablet_files.manifest),
    Route("/static/{name}", tablet_files.asset),
    Route("/floor", tablet_files.bootstrap),
    Route("/floor/{rest:path}", tablet_files.bootstrap),
]

DOOR: list[BaseRoute] = [
    Route("/", sign_in.home),
    Route("/sign-in", sign_in.page),
    Route("/sign-in", sign_in.enter, methods=POST),
    Route("/sign-in/code", sign_in_stages.code_page),
    Route("/sign-in/code", sign_in_stages.code, methods=POST),
    Route("/sign-in/change", sign_in_stages.change_page),
    Route("/sign-in/change", sign_in_stages.change, methods=POST),
    Route("/sign-in/enrol", sign_in_stages.enrol_page),
    Route("/sign-in/enrol", sign_in_stages.enrol, methods=POST),
    Route("/account", own_account.page),
    Route("/account/password", own_account.password, methods=POST),
    Route("/account/factor", own_account.factor, methods=POST),
    Route("/sign-out", sign_in.leave, methods=POST),
    Route("/healthz", health_check.health),
    Route("/metrics", metrics.metrics),
    Route("/openapi.json", openapi.describe),
]

OFFICE: list[BaseRoute] = [
    Route("/events", live_events.stream),
    Route("/office", board.page),
    Route("/office/", board.page),
    Route("/office/menu", menu.side),
    Route("/office/notices", notices.page),
    Route("/office/notices", notices.seen, methods=POST),
    Route("/office/waiting", waiting.page),
    Route("/office/visits", visits.page),
    Route("/office/complaints", complaints.page),
    Route("/office/rounds", rounds.page),
    Route("/office/reconcile", reconcile.page),
    Route("/office/reconcile", reconcile.decide, methods=POST),
    Route("/office/people", people.page),
    Route("/office/people", people.add, methods=POST),
    Route("/office/people/{id}", people.one),
    Route("/office/people/{id}", people.change, methods=POST),
    Route("/office/people/{id}/password", people.password, methods=POST),
    Route("/office/people/{id}/factor", people.factor, methods=POST),
    Route("/office/settings", settings.page),
    Route("/office/settings/{key}", settings.one),
    Route("/office/settings/{key}", settings.change, methods=POST),
    Route("/office/devices", tablets.page),
    Route("/office/security", security.page),
    Route("/office/security/export", security.export, methods=POST),
    Route("/office/security/erase", security.erase, methods=POST),
    Route("/office/replication", replication_health.page),
    Route("/office/records", record_tables.page),
    Route("/office/export/{kind}", exports.export, methods=POST),
    Route("/office/several/{kind}", bulk_acts.form),
    Route("/office/several/{kind}", bulk_acts.say, methods=POST),
    Route("/office/views/{kind}", saved_views.change, methods=POST),
    Route("/office/records/{kind}", record_tables.table),
    Route("/office/records/{kind}", record_tables.add, methods=POST),
    # A kind that has no table of its own above
    Route("/office/{section}", record_tables.table),
    Route("/office/{section}", record_tables.add, methods=POST),
    Route("/office/complaints/{id}/slip", printing.slip),
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
            Route(record + "/form", printing.form),
            Route(record + "/form", printing.whole_form, methods=POST),
        )
    ),
]

# Routes are tried in this order, and most requests come from tablets.
ROUTES: list[BaseRoute] = [*SYNC, *DOOR, *OFFICE, *FLOOR]
