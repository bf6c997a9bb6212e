"""The phases of a peer-review round: who switches them, and what is to be done in each."""
