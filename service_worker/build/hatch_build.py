"""Hatchling build hook: `pip install .` builds the tablet's part into the wheel.

`make` builds it itself and skips this with FLOORWALK_SKIP_BUILD.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildTheTablet(BuildHookInterface[Any]):
    """Runs `floorwalk build` before the files of a wheel are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless FLOORWALK_SKIP_BUILD is set."""
        if os.environ.get("FLOORWALK_SKIP_BUILD"):
            return
        sys.path.insert(0, self.root)
        from service_worker.build import pipeline

        pipeline.main([])
