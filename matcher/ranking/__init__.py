"""A lot in, a shortlist with its reasons out."""
