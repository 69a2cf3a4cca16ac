"""Calendars: which days a year's people work, with the source of every exception (X-28)."""

from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS, SYSTEM
from sync.words import _

FIELDS = ("off", "work", "official", "source", "reason")

CALENDAR = Record(
    "calendar",
    label=_("Calendar"),
    book="office",
    icon="calendar-days",
    fields=(
        Field("off", "days", _("Days off")),
        Field("work", "days", _("Make-up days")),
        Field("official", "flag", _("Official")),
        Field("source", "text", _("Source"), max=200),
        Field("reason", "text", _("Reason"), max=300),
        Field("announced", "text", _("Announced otherwise by"), max=200),
    ),
    starts_as={"state": "active"},
    acts=(
        # Only the site makes a year: its id is the year, and nobody's form could say another.
        Act("published", _("Published"), who=SYSTEM, creates=True, asks=FIELDS),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
        Act(
            "announced",
            _("Announced otherwise than it is here"),
            who=SYSTEM,
            asks=("announced",),
            needs=("announced",),
            undo=False,
        ),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    lists=(List("calendars", by="opened_at"),),
    reference=True,
)
