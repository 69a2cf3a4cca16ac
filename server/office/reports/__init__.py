"""Paper and figures: a client's slip, the handling form, the figures of a day."""
