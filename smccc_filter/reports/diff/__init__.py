"""A comparison on paper: text, JSON, annotations for GitHub and markdown."""
