"""The answers: what a policy decides, what is wrong with it, how two differ, and what words of the field mean."""
