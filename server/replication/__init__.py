"""The site as a CouchDB database over HTTP: the changes feed, documents, checkpoints, uploads."""
