"""The back office: web pages for people at a desk. Every change made there is an act."""
