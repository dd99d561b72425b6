"""What can be asked of an open register, as plain functions."""
