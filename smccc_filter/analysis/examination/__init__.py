"""What a check looks at: the policy under examination, its guests, and the changes that fix it."""
