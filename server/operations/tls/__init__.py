"""HTTPS on a hospital's own network, where service workers demand it and no public name exists."""

FOLDER = "authority"  # in the data folder
