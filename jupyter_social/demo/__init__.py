"""A made-up class that really does its homework, to walk into and look around."""
