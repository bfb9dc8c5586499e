"""The catalogue: programs, what they ask, and entering them."""
