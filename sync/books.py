"""The books that a hospital keeps: every kind of record belongs to one, and menus follow them."""

from sync.words import _

BOOKS: tuple[tuple[str, str], ...] = (
    ("floor", _("On the floor")),
    ("wards", _("Wards")),
    ("clients", _("Clients")),
    ("cases", _("Cases")),
    ("quality", _("Quality")),
    ("people", _("People")),
    ("knowledge", _("Knowledge")),
    ("outside", _("Outside")),
    ("office", _("Back office")),
)
ENGINE = "office"  # what the program itself keeps; its links in the office are not by kind
