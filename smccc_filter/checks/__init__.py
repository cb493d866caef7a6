"""The checks, one module each: its docstring is the manual that ``explain`` prints."""
