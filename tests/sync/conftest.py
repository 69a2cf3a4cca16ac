"""Hypothesis settings of the property tests: no deadline, since the machine may be busy."""

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.sources import ROOT

settings.register_profile(
    "floorwalk",
    deadline=None,
    database=DirectoryBasedExampleDatabase(ROOT / ".cache" / "hypothesis"),
)
settings.load_profile("floorwalk")
