"""The demo's hospital as data: its places, its people, what patients are called and ask."""
