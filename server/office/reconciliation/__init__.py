"""Reconciliation: acts that conflict with their record, and acts that were refused."""
