"""Runs the build from the command line: `python -m service_worker.build` is `floorwalk build`."""

from service_worker.build.pipeline import main

if __name__ == "__main__":
    raise SystemExit(main())
