"""An explanation on paper: text and JSON."""
