"""Timed and triggered work: the tick, escalation, calendars, background jobs, reactions to acts."""
