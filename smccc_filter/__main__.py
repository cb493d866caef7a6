"""``python -m smccc_filter`` is the command line."""

from smccc_filter.cli import main

main()
