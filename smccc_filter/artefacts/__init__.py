"""Bytes for others and from others: what the tool compiles a policy to, and what it reads entries out of."""
