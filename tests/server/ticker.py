"""`python -m tests.server.ticker FOLDER URL`: ticks a site's clocks until somebody kills it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from server.acts.site import Site
from server.base.clock import real_now
from server.base.config import Config
from server.clocks import escalation, reaction_jobs, reactions
from tests.cast import SITE


def main(folder: Path, database: str) -> None:
    """Tick as fast as it goes."""
    site = Site(Config(folder, database, name=SITE), real_now)
    site.listens = reactions.LISTENS
    while True:
        escalation.tick(site)
        reaction_jobs.work(site, reactions.kinds(site), site.now)
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
