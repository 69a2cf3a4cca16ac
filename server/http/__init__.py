"""What every HTTP request passes: sign-in, limits, queueing, pages, errors, security headers."""
