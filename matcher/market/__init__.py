"""How many providers could do a lot, and how concentrated its market is."""
