"""What a new policy is made of."""
