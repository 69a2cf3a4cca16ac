"""`floorwalk audit`: the security log on a terminal, and the chain of acts verified."""
