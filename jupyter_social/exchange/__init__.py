"""How work comes in: submissions of persons and groups, their versions and anonymous copies."""
