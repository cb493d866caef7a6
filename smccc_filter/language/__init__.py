"""The policy language: YAML with places, the policy as a value, and the one layout of its text."""
