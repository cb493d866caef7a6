"""The parts of the picture of a resolved map: how it looks, its shapes, and what is drawn of owners and services."""
