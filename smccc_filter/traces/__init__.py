"""What machines recorded: calls of guests, counted out of traces and tables.

Nothing here knows what a call means or what a policy says of it. Whatever a file holds, it is counted: as calls, as
lines that are none, or as a gap.
"""
