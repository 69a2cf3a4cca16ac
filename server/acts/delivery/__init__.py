"""The ways a notice reaches a person. In-app is the one that is always there."""
