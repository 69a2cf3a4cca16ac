"""A hospital to look at: seeded, alive, and a real day replayed against a server."""
