"""What people do to policies: fix, format, compare and import them, each step proved before anything is written."""
