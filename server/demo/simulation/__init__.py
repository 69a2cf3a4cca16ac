"""Replays a real day through simulated tablets on a bad network, and checks what became of it."""
