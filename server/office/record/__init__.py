"""A record's page: its fields, what happened, what is next, what may be said of it."""
