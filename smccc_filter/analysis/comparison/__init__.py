"""Two filters compared by what a guest gets."""
