"""Where the columns of the picture stand, for all rows alike, in units of which one is a pixel."""

WIDTH = 1100
MARGIN = 24
LABELS_WIDTH = 196
SMC32, SMC64 = 228, 498
FORM_WIDTH = 260
RULES = 774
RIGHT = WIDTH - MARGIN

ROW = 26.0
BAR = 16.0
RESERVED_BAR = 7.0
"""Height of a bar that nobody may use and no rule decides."""
REST = 5.0
"""Height of the strip below an owner's bar, where rules decide on IDs with bits 23:16 set."""

TEXT = 12.5
SMALL = 11.5
HEADING = 15.0
TITLE = 21.0
