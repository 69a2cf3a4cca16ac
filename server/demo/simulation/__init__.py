"""A real day, replayed through tablets that lose their network, and what must come of it."""
