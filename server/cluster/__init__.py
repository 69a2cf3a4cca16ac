"""The link to a CouchDB cluster: upload, download, letters, and filling a new server from it."""
