"""The policy language: YAML with places, the policy as a value, and the one layout of its text."""

SUFFIXES = (".yaml", ".yml")
"""By which a file's name says that it is a policy, in lower case."""
