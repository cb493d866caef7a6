"""What can keep a live kernel from being asked: two kinds, because one is to be installed and the other looked into."""


class MissingToolError(Exception):
    """A program or library that this machine lacks. The message says how to install it."""


class HarnessError(Exception):
    """Something that should have worked did not, so there is no answer to compare."""
