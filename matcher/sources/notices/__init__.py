"""Contract notices in OCDS."""
