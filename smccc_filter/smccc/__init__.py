"""What Arm and others define: function IDs, sets of them, and the registry of services and calls."""
