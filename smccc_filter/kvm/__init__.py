"""What KVM does, under KVM's own names, one profile a release."""
