"""Sentences for what is wrong with a form, each saying what to do."""

from __future__ import annotations

from server.http import problems
from server.office.page_parts.office_request import Desk


def mistake(desk: Desk, code: str) -> str:
    """Return the sentence for a problem code of one field."""
    _ = desk.words.gettext
    return {
        "required": _("Fill this in."),
        "too_long": _("Too long. Say it in fewer words."),
        "too_short": _("At least 8 characters."),
        "too_small": _("The number is too small."),
        "too_big": _("The number is too large."),
        "not_whole": _("Only whole numbers: write 128 or 129, not 128.50."),
        "too_little_ink": _("This is not a name yet."),
        "not_a_number": _("Write a whole number."),
        "not_days": _("Write days like 2027-01-01, 2027-02-05 – 2027-02-10."),
        "not_a_phone": _("Only digits, blanks, + and -."),
        "not_a_choice": _("Choose one of these."),
        "not_an_id": _("Choose one of these."),
        "inside_itself": _("Not itself, nor anything that lies within it. Choose another."),
        "not_text": _("This has characters that cannot be kept. Type it again."),
        "not_editable": _("This cannot be corrected. Say what is right in a note."),
        "changed_meanwhile": _("Somebody changed this meanwhile. Look at it again, then say it."),
        "login_taken": _("Somebody else signs in with this name. Choose another."),
        "stale_form": _("This form is too old. Load the page again; what you typed stays here."),
    }.get(code, _("This does not fit. Look at it again."))


def refusal(desk: Desk, code: str) -> str:
    """Return the sentence for the code of an act that was refused as a whole."""
    problem = problems.PROBLEMS.get(code)
    return desk.word(problem.say) if problem else mistake(desk, code)
