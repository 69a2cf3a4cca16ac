"""HTTPS by an authority of the hospital's own: its network has no public names, yet service workers
need HTTPS.
"""

FOLDER = "authority"  # in the data folder
