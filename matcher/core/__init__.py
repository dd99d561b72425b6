"""The nouns of procurement, and what can be wrong with them."""
