"""What every page of the office is made of: the desk, tables, filters, words for time."""
