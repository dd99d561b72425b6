"""Shows answers in the terminal, as tables and short sentences."""
