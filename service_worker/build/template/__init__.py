"""How templates are set up, what they may say, and how they become JavaScript."""
