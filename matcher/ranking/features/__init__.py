"""A lot and its candidates into numbers."""
