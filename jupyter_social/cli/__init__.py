"""The command line: thin Jupyter applications over the same operations as every other door."""
