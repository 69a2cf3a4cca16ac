"""What server and tablet agree on: acts, records, ladders, working time, and the declarations.

Pure functions of the standard library; `service_worker/rules` has the twins in JavaScript.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sync import posts, rule_problems, rules, settings
from sync.declare import Ladder, Record, as_json


@cache
def declarations(profile: str = "hospital") -> dict[str, Any]:
    """Return everything that is declared, as plain JSON values; treat it as read-only.

    `{"records": {name: …}, "acts": {"record.verb": …}, "ladders": {name: …}, "rules": {name: …},
    "settings": {key: …}, "stages": […], "posts": {code: label},
    "ranks": {post: the one above}, "books": [[name, label]], "languages": [[name, tag, label]],
    …}`, with the settings and stages of a profile.
    Raises ValueError for rules that cannot work.
    """
    from sync.books import BOOKS
    from sync.features import FEATURES
    from sync.features import rules as declared_rules
    from sync.languages import LANGUAGES

    records: dict[str, Any] = {}
    acts: dict[str, Any] = {}
    ladders: dict[str, Any] = {}
    for feature in FEATURES:
        for declared in vars(feature).values():
            if isinstance(declared, Record) and declared.name not in records:
                records[declared.name] = as_json(declared)
                for act in records[declared.name]["acts"]:
                    acts[f"{declared.name}.{act['name']}"] = act
            elif isinstance(declared, Ladder):
                ladders[declared.name] = as_json(declared)
    declared = {
        "records": records,
        "acts": acts,
        "ladders": ladders,
        "rules": {rule.name: rules.as_json(rule) for rule in declared_rules()},
        "settings": settings.profile(profile),
        "stages": settings.journey(profile),
        **posts.as_json(profile),
        "books": [list(book) for book in BOOKS],
        "languages": [list(language) for language in LANGUAGES],
        "features": [feature.__name__.rpartition(".")[2] for feature in FEATURES],
    }
    for problem in rule_problems.problems(declared):
        raise ValueError(problem)
    return declared
