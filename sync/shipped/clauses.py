"""The clauses of the regulations: what they set on a breach or a merit, each with its rule.

What the regulations lost is left open: whoever proposes by such a clause proposes no amount.
"""

from __future__ import annotations

from typing import Any

from sync.words import _

HOUSE = ("hospital", "cosmetic")
OFFICE = ("hospital", "callroom")
ALL: tuple[str, ...] = ()

# P-18, X-21: four ladders that contradict each other; a site keeps the one it goes by.
LADDERS = {
    "discipline_demerit": ["oral", "written", "demerit", "major_demerit", "dismissal"],
    "discipline_demotion": ["written", "demerit", "demotion", "dismissal"],
    "discipline_suspension": ["oral", "written", "fine", "suspension", "dismissal"],
    "discipline_post": ["bonus", "moved"],
}

# id, profiles (none: all), what it says
CLAUSES: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    # P-14
    (
        "appearance",
        HOUSE,
        {
            "words": _("Breach of the rules of appearance and clothing, each time"),
            "rule": "A-01",
            "measure": "yuan",
            "amount": 1_000,
        },
    ),
    (
        "uniform_outside",
        HOUSE,
        {
            "words": _("Uniform worn outside the hospital or in the canteen"),
            "rule": "A-03",
            "measure": "yuan",
            "amount": 2_000,
        },
    ),
    (
        "handbook",
        HOUSE,
        {
            "words": _("Breach of the staff handbook, each time"),
            "rule": "P-14",
            "measure": "yuan",
            "amount": 1_000,
        },
    ),
    (
        "department_rule",
        HOUSE,
        {
            "words": _("Breach of a rule of the department, each time"),
            "rule": "P-14",
            "measure": "yuan",
            "amount": 1_000,
        },
    ),
    (
        "untidy",
        OFFICE,
        {
            "words": _("Cups, chair, mouse or keyboard left untidy"),
            "rule": "P-15",
            "measure": "yuan",
            "amount": 1_000,
        },
    ),
    # P-16, C-21
    (
        "gm_call",
        ALL,
        {
            "words": _("A client telephones the general manager to complain"),
            "rule": "P-16",
            "measure": "yuan",
            "amount": 20_000,
        },
    ),
    (
        "leader_call",
        ALL,
        {
            "words": _("A complaint reaches the leaders of the company, by its seriousness"),
            "rule": "P-16",
            "measure": "yuan",
            "amount": 10_000,
            "most": 30_000,
        },
    ),
    # P-21: forbidden, and what it costs is lost.
    (
        "private_web",
        OFFICE,
        {
            "words": _("Private use of the web or of messengers in working time"),
            "rule": "P-21",
            "measure": "lost",
        },
    ),
    (
        "phone_on_desk",
        OFFICE,
        {
            "words": _("Phone on the desk in working time: confiscated at once"),
            "rule": "A-09",
            "measure": "text",
        },
    ),
    (
        "property",
        OFFICE,
        {
            "words": _("Private use of company property: dismissal and liability"),
            "rule": "A-09",
            "measure": "text",
        },
    ),
    (
        "private_call",
        OFFICE,
        {
            "words": _("Private calls or messages without the supervisor's consent, dozing"),
            "rule": "A-10",
            "measure": "text",
        },
    ),
    (
        "smoking",
        HOUSE,
        {
            "words": _("Smoking or spitting in the office or the washroom"),
            "rule": "CL-04",
            "measure": "text",
        },
    ),
    *(
        (
            key,
            ALL,
            {
                "words": _("Discipline, step by step"),
                "rule": "P-18",
                "measure": "text",
                "steps": steps,
            },
        )
        for key, steps in LADDERS.items()
    ),
)
