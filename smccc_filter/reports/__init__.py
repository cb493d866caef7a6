"""Findings as people and machines read them, one module a format."""
