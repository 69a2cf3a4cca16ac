"""Opens the site of a data folder, as every command of `floorwalk` does."""

from __future__ import annotations

import argparse
import os

from server.acts.site import Site
from server.base import clock, config


def open_site(data: str | None = None, name: str | None = None) -> Site:
    """Return the site of a folder, configured by FLOORWALK_* variables and the options given."""
    settings = config.from_environment(os.environ, data=data, name=name)
    return Site(settings, clock.of_folder(settings.data).now)


def add_site_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a site: --data (its folder) and --site (its name)."""
    parser.add_argument("--data", help="the folder of the site (data, or FLOORWALK_DATA)")
    parser.add_argument("--site", help="the name of the site (hospital, or FLOORWALK_SITE)")
