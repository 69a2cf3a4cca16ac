"""Delivery channels of notices. In-app is the one that is always there."""
