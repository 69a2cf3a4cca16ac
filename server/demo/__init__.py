"""The demo: a seeded hospital that stays alive, and a real day replayed against a server."""
