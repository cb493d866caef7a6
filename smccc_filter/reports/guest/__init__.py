"""What a guest discovers on paper: text and JSON."""
