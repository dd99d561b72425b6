"""Benchmarks: each prints a table, and runs the product and its peers together."""
