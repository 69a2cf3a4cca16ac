"""The site as a CouchDB database: what a device is offered, what it may push."""
