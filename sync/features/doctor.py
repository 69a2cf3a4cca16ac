"""Doctors: the directory that guides introduce from, without a network (G-07, TR-10)."""

from sync.choices import WEEKDAYS
from sync.declare import Act, Field, List, Record
from sync.posts import ADMINS
from sync.words import _

WEEK = ("mornings", "afternoons")  # of which their days come (clinic.py)
FIELDS = ("name", "rank", "department", "specialty", "place", "hours", *WEEK, "nurse", "active")

DOCTOR = Record(
    "doctor",
    label=_("Doctor"),
    many=_("Doctors"),
    book="office",
    icon="stethoscope",
    path="doctor",
    own_screens=True,
    fields=(
        Field("name", "text", _("Name"), max=60),
        Field(
            "rank",
            "choice",
            _("Rank"),
            (
                ("chief", _("Chief physician")),
                ("associate", _("Associate chief physician")),
                ("attending", _("Attending physician")),
                ("resident", _("Resident physician")),
            ),
        ),
        Field("department", "text", _("Department"), max=60),
        Field("specialty", "text", _("Specialty"), max=300),
        Field("place", "link", _("Consulting room"), of=("place",)),
        Field("hours", "text", _("Hours"), max=120),
        Field("mornings", "choices", _("Mornings here"), WEEKDAYS),
        Field("afternoons", "choices", _("Afternoons here"), WEEKDAYS),
        Field("nurse", "text", _("Nurse"), max=60),
        Field("active", "flag", _("Works here")),
    ),
    starts_as={"state": "active", "active": True},
    acts=(
        Act("added", _("Added"), who=ADMINS, creates=True, asks=FIELDS, needs=("name",)),
        Act("changed", _("Changed"), who=ADMINS, asks=FIELDS),
    ),
    channels=("all",),
    states=(("active", _("in use")),),
    title=("name",),
    line=("department", "place", "specialty"),
    side="rank",
    finds=("name", "department", "specialty"),
    ordered=("department", "rank", "name"),
    lists=(
        List("doctors", by="opened_at"),
        List("of_department", by="opened_at", parts=("department",)),
    ),
    reference=True,
)
