"""What time and acts set going: the tick, escalation, calendars, jobs, reactions."""
