"""Reports for people, as HTML."""
