"""Downloads open data, checks it, and keeps the last good copy."""
