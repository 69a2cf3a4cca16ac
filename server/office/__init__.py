"""The back office: pages for people at a desk. Reading is free; every change is an act."""
