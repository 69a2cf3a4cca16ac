"""`python -m server demo` is `floorwalk demo`."""

from server.cli import main

raise SystemExit(main())
