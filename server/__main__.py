"""Makes `python -m server demo` the same as `floorwalk demo`."""

from server.cli import main

raise SystemExit(main())
