"""The page of one record: its fields, its history, its deadlines, and the acts offered."""
