"""The outside world, one file a feed; each yields records and counts what it set aside."""
