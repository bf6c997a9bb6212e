"""What is known of a person, on request: given to them, or erased."""
