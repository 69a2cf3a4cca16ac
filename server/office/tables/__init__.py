"""Tables of records: visits, waits, complaints, and every other declared kind."""
