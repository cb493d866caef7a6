"""What was asked: the policy language, from the source tree to a policy whose every part knows its place."""
