"""What every request passes: accounts, pages and forms, limits, problems, headers."""
