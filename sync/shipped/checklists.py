"""The checklists of the hospital: what its regulations have looked at, item by item."""

from __future__ import annotations

from typing import Any

from sync.words import _

DESK = {
    "wheelchairs": _("Wheelchairs"),
    "trolleys": _("Trolleys"),
    "umbrellas": _("Umbrellas"),
    "sphygmomanometers": _("Blood pressure monitors"),
}
CLEAN = {
    "floor": _("Floor without scraps, stains and dust"),
    "desks": _("Desks without dust and stains"),
    "supplies": _("Supplies in order"),
    "piles": _("Nothing piled under desks"),
    "smoking": _("No butts, nobody smoked in the office or the washroom"),
}

_WRITTEN: dict[str, dict[str, Any]] = {
    # O-01, O-02, O-03, O-04, O-06, O-07, O-08, O-11, E-04: from the meeting to the first patient.
    "opening": {
        "name": _("Opening check"),
        "purpose": "check",
        "rule": "O-09",
        "findings": True,
        "items": {
            "meeting": _("Morning meeting held, everybody there"),
            "lights": _("Lights and curtains, by weather and light"),
            "lamps": _("Department guide lamps on"),
            "power": _("Television on, desk telephone connected"),
            "air": _("Air conditioning, if it is needed"),
            "chairs": _("Waiting chairs and bins in order and clean"),
            "signs": _("Department plates and signs in order and clean"),
            "corridors": _("Waiting area and corridors tidy"),
            "doctors": _("Compared with the doctors on duty"),
            "water": _("Water dispenser on and clean, cups and water ready"),
            "papers": _("Newspapers and leaflets arranged"),
            "early": _("Early patients asked and registered"),
            "belongings": _("Reminders of belongings and wet floors are up"),
            # E-05: whoever opens on a dry day says that it does not apply.
            "rain": _("On a rainy day: plastic bags for umbrellas handed out, lobby floor dry"),
        },
        "goods": DESK,  # O-05
    },
    "closing": {
        "name": _("Closing check"),
        "purpose": "check",
        "rule": "O-10",
        "findings": True,
        "items": {
            "computers": _("Computers and screens off"),
            "desk": _("Desk tidy"),
            "chairs": _("Chairs back in their place"),
            "cups": _("Cups and bags in their place"),
            "lights": _("Lights, television and air conditioning off"),
        },
        "goods": DESK,
    },
    # E-03: whoever leaves and whoever takes over.
    "goods": {
        "name": _("Count at the change of shift"),
        "purpose": "check",
        "rule": "E-03",
        "items": {
            "together": _("Counted together with whoever takes over"),
            "broken": _("Nothing broken, or reported"),
        },
        "goods": {**DESK, "leaflets": _("Leaflets")},
    },
    # CL-03, CL-04, CL-05.
    "cleaning": {
        "name": _("Cleaning of the day"),
        "purpose": "check",
        "rule": "CL-01",
        "review": True,
        "items": CLEAN,
    },
    "collective_cleaning": {
        "name": _("Collective cleaning"),
        "purpose": "check",
        "rule": "CL-02",
        "review": True,
        "items": {**CLEAN, "windows": _("Windows, doors and walls of the group's own area")},
    },
    # G-23, I-10: when nobody is at the desk.
    "lobby_patrol": {
        "name": _("Patrol of the waiting areas"),
        "purpose": "check",
        "rule": "G-23",
        "findings": True,
        "items": {
            "papers": _("Newspapers and leaflets tidied"),
            "chairs": _("Moved chairs and objects put back"),
            "rubbish": _("Rubbish cleared away"),
            "water": _("Cups and water topped up"),
            "people": _("Nobody waits without being looked after"),
        },
    },
    "desk_readiness": {
        "name": _("Desk readiness"),
        "purpose": "check",
        "rule": "G-26",
        "findings": True,
        "items": {
            "desk": _("Desk clean, its sign well visible"),
            "trolley": _("Trolley at hand"),
            "wheelchair": _("Wheelchair at hand"),
            "leaflets": _("Leaflets on common diseases at hand"),
        },
        "goods": DESK,
    },
    # E-05, O-11, EM-06.
    "rain": {
        "name": _("Rainy day"),
        "purpose": "check",
        "rule": "E-05",
        "findings": True,
        "items": {
            "bags": _("Plastic bags for umbrellas and raincoats handed out"),
            "floor": _("Lobby floor dry"),
            "warning": _("Warned of slippery floors"),
            "belongings": _("Reminded of belongings"),
        },
    },
    # I-01: its eleven areas and others.
    "public_area": {
        "name": _("Inspection of public areas"),
        "purpose": "check",
        "rule": "I-01",
        "findings": True,
        "items": {
            "floors": _("Floors"),
            "lobby": _("Lobby"),
            "roof": _("Roof"),
            "lifts": _("Lifts"),
            "washrooms": _("Washrooms"),
            "pantries": _("Pantries"),
            "outside": _("Outer area"),
            "garbage": _("Garbage room"),
            "vacant": _("Vacant rooms"),
            "passages": _("Fire passages"),
            "stairs": _("Stairs"),
            "other": _("Other public areas"),
        },
    },
    #
    "appearance_hospital": {
        "name": _("Appearance and clothing"),
        "purpose": "appearance",
        "rule": "A-02",
        "items": {
            "hands": _("Face and hands clean, hair combed"),
            "smell": _("No smell of onion or garlic"),
            "makeup": _("Light make-up"),
            "jewellery": _("No necklace, earrings or rings"),
            "nails": _("No long nails, only transparent polish"),
            "badge": _("Badge, scarf, hair flower and shoes worn straight"),
            "posture": _("Upright, no leaning, no crossed legs, no noise"),
            "uniform": _("Uniform complete, clean and pressed"),
            "stockings": _("Stockings of skin colour, without holes"),
            "buttons": _("Buttons done, sleeves not rolled"),
            "pockets": _("No bulky pockets"),
        },
    },
    # its fourteen items.
    "manners": {
        "name": _("Conduct in front of patients"),
        "purpose": "appearance",
        "rule": "A-06",
        "items": {
            "smile": _("Sincere smile"),
            "look": _("Looks at the person"),
            "hands": _("No hands on hips or in pockets, no scratching"),
            "walk": _("Walks lightly and quickly, does not run"),
            "noise": _("No humming, whistling or stamping"),
            "littering": _("No spitting or littering"),
            "private": _("No private things sorted in front of patients"),
            "cough": _("Turns away to cough"),
            "snacks": _("No smoking, no snacks"),
            "pointing": _("No pointing with pen or finger"),
            "listens": _("Listens attentively"),
            "faces": _("No boredom, coldness or harshness"),
            "signal": _("Gives whoever comes a sign at once"),
            "phone": _("No calls, messages, magazines or earphones"),
        },
    },
    #
    "speech": {
        "name": _("Speech"),
        "purpose": "appearance",
        "rule": "A-07",
        "items": {
            "clear": _("Clear, gentle, not loud"),
            "mandarin": _("Mandarin in working time"),
            "polite": _("Please, thank you, and the form of address"),
            "forbidden": _("No rude words, no “hey”, no “don't know”"),
            "whispering": _("No gesticulating or whispering in front of patients"),
        },
    },
    #
    "office_conduct": {
        "name": _("Conduct and order in the office"),
        "purpose": "appearance",
        "rule": "A-09",
        "items": {
            "clothes": _("Tidy work clothes, no slippers or shorts"),
            "desk": _("Desk clean, cups and bags in their place"),
            "screen": _("Screen off and chair in place on leaving"),
            "private": _("No private visitors, calls, reading or chat"),
            "phone": _("Phone silent in the bag, not on the desk"),
            "doors": _("Doors closed softly"),
            "thrift": _("Thrift of water, power and paper"),
            "workplace": _("Monitor right, headset left, notebook in its place"),
        },
    },
}


def keyed(checklist: str, said: dict[str, Any], of: str = "items") -> dict[str, Any]:
    """Return answers under the keys of a list's items, given under the words for them above."""
    keys = {key.partition("_")[2]: key for key in CHECKLISTS[checklist][of]}
    return {keys[name]: value for name, value in said.items()}


def _numbered(items: dict[str, str]) -> dict[str, str]:
    """Return items under keys that keep their order, as lines that are added later go on."""
    return {f"e{n:02}_{key}": words for n, (key, words) in enumerate(items.items(), 1)}


CHECKLISTS: dict[str, dict[str, Any]] = {
    name: data | {of: _numbered(data[of]) for of in ("items", "goods") if of in data}
    for name, data in _WRITTEN.items()
}
