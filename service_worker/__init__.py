"""What the tablet runs, and the Python that builds it."""
