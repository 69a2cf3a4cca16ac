"""Choices that more than one feature offers."""

from sync.words import _

NEEDS = (
    ("wheelchair", _("Wheelchair")),
    ("elderly", _("Elderly")),
    ("weak", _("Weak or ill")),
    ("disabled", _("Disabled")),
    ("pregnant", _("Pregnant")),
    ("child", _("With a child")),
)
PRIORITIES = (
    ("normal", _("Normal")),
    ("limited", _("Limited mobility")),
    ("critical", _("Critical")),
    ("emergency", _("Emergency")),
)
SEXES = (("f", _("Female")), ("m", _("Male")))
SALUTATIONS = (("mr", _("Mr")), ("ms", _("Ms")), ("child", _("Child")))
WEEKDAYS = (
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
)
SESSIONS = (("morning", _("Morning")), ("afternoon", _("Afternoon")))
# TG-05, TG-07 TG-09: what each is assessed or trained in.
COURSES = (
    ("new", _("New colleagues")),
    ("internal", _("Regular internal training")),
    ("hospital", _("The whole hospital")),
    ("fire", _("Fire and safety")),
    ("typing", _("Typing")),
    ("attitude", _("Service attitude")),
    ("flow", _("Service flow chart by heart")),
    ("mandarin", _("Mandarin")),
    ("dialect", _("Local dialect")),
)
# Of a clause, and of what is proposed by it.
MEASURES = (
    ("yuan", _("Yuan")),
    ("points", _("Points")),
    ("wage_day", _("Days of pay")),
    ("text", _("Words alone")),
    ("lost", _("Amount lost in the regulations: whoever proposes it names one")),
)
# RD-04, ST-07: what an opinion is about; a doctor who did not come is one of them.
OPINIONS = (
    ("service", _("Service attitude")),
    ("doctor_visit", _("Doctor did not come")),
    ("care", _("Nursing and care")),
    ("meals", _("Meals")),
    ("surroundings", _("Quiet and clean")),
    ("charges", _("Charges")),
    ("other", _("Something else")),
)
COMFORTS = (
    ("fine", _("Feels all right")),
    ("pain", _("In pain")),
    ("sleep", _("Slept badly")),
    ("meals", _("About the meals")),
)
# RD-06
MOODS = (
    ("calm", _("Calm")),
    ("worried", _("Worried")),
    ("low", _("Low")),
    ("angry", _("Upset")),
)
