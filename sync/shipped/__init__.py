"""What a hospital has from the first day on: checklists and clauses of its regulations, as data.

A site that has a record of that id keeps its own. Its words are sentences of the catalogues, shown
in the reader's language; what a hospital writes itself is shown as it was written.
"""

from __future__ import annotations

from typing import Any

# Its id, the acts that make it as (verb, data), the profiles that have it (none: all of them).
Shipped = tuple[str, tuple[tuple[str, dict[str, Any]], ...], tuple[str, ...]]
