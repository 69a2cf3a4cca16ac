"""Operating a server: metrics, backup and restore, diagnosis, certificates."""
