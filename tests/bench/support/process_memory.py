"""Reads how much memory a process has (PSS: shared pages count in part)."""

from __future__ import annotations

from pathlib import Path


def pss(pid: int) -> float:
    """Return the memory of a process in MiB: what it shares counts in part."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return (
        int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024
    )
