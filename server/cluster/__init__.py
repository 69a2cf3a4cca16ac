"""The link to a CouchDB cluster: what goes up and comes down, letters, a new server filled."""
