"""The language server at work: what editors say and ask over standard input and output, and when policies are read."""
