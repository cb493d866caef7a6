"""What a policy would have done to recorded calls, for people and for programs."""
