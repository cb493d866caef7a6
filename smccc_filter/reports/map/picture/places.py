"""Where the columns of the picture stand, for owners and services alike, in units of which one is a pixel."""

WIDTH = 1160
MARGIN = 24
NUMBER_END = 64
"""Right edge of the owners' numbers."""
LABELS = 74
LABELS_WIDTH = 160
SMC32, SMC64 = 240, 496
FORM_WIDTH = 240
YIELDING = 752
YIELDING_WIDTH = 176
OWNERS_RULES = 944
SERVICES_RULES = YIELDING
RIGHT = WIDTH - MARGIN

TEXT = 12.5
SMALL = 11.5
HEADING = 15.0
TITLE = 21.0
