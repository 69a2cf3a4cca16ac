"""`floorwalk doctor`: checks a site, says each finding in one sentence, repairs what it can.

Every check is a function from an Inspected to findings. With `repair` it repairs as it goes; asked
a second time it finds nothing more to do.
"""
