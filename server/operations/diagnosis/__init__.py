"""`floorwalk doctor`: looks a site over, says each thing in one sentence, mends what it can.

Every check is a function from a site to findings. With `repair` it mends as it goes; asked a
second time it finds nothing more to do.
"""
