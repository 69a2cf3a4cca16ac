"""Printed papers and daily figures: the client's slip, the handling form, counts of a day."""
