"""What a hostile file costs: every command on every shape that a file of one size can have, and how that grows.

``python -m tests.programs.hostile`` measures, ``test_growth.py`` counts.
"""
