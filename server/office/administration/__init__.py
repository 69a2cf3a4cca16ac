"""People, settings, tablets and replication: what an administrator looks after."""
