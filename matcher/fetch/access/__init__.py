"""The ways to fetch a source, one module for each kind of source."""
