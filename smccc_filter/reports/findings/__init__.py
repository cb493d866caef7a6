"""Findings on paper: text, JSON, SARIF and annotations for GitHub."""
