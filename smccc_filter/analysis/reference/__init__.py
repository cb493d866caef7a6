"""What is known of the words of the field: IDs, ranges, calls, services, families and checks."""
