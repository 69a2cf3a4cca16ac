"""How an act is taken in: rights, verdict, fold, storage, and who is told of the change."""
