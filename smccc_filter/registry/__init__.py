"""What the specifications define: every function ID with a name, every service, and the partition of the ID space."""
