"""The map of the whole ID space on paper: a table, JSON, a picture and a page."""
