"""What tests ask of a page of the office that is open in a browser."""

from __future__ import annotations

from playwright.sync_api import Page


def stay(page: Page) -> None:
    """Mark this document, so that a reload would be seen."""
    page.evaluate("document.documentElement.dataset.stayed = 'yes'")


def stayed(page: Page) -> bool:
    """Say whether it is still the same document."""
    return page.evaluate("document.documentElement.dataset.stayed") == "yes"
