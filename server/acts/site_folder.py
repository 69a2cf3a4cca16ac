"""The site that lies in a folder, as every command of `floorwalk` opens it."""

from __future__ import annotations

import argparse
import os

from server.acts.site import Site
from server.base import clock, config


def open_site(data: str | None = None, name: str | None = None) -> Site:
    """Return the site of this folder, as FLOORWALK_* variables and the options say."""
    settings = config.from_environment(os.environ, data=data, name=name)
    return Site(settings, clock.of_folder(settings.data).now)


def add_site_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a site: --data (its folder) and --site (its name)."""
    parser.add_argument("--data", help="the folder of the site (data, or FLOORWALK_DATA)")
    parser.add_argument("--site", help="the name of the site (hospital, or FLOORWALK_SITE)")
