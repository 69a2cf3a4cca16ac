"""`floorwalk backup` and `floorwalk restore`: one file that holds a hospital, and the way back.

A backup is a tar compressed with zstd: a manifest, the database as a SQLite file whichever database
the server uses, the photos, and the certificates. It can be restored into either database.
"""
