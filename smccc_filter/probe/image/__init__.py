"""A guest for the user's own VMM: one bootable arm64 image that makes a policy's calls and prints what came back.

``assembler`` turns readable instructions into words, ``port`` and ``calling`` are those instructions, and ``build``
puts them into a file that a VMM boots as it boots Linux.
"""
