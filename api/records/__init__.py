"""The chain of what was asked and decided."""
