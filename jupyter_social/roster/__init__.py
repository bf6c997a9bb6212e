"""Who is in the course: the roster is replaced as a whole, and people keep what they are."""
