"""Whether two installations of the tool say the same of everything: ``python -m tests.programs.same OLD NEW``.

For changes that must not be seen from outside. OLD and NEW are virtual environments. Both get every policy and artefact
of the repository, command by command, and each byte of each output, artefact and message is compared, and each exit
status. The words of ``--help``, of manuals and of errors count too.
"""
