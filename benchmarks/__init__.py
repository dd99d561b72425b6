"""Measurements: each prints a table, and peers run in the same run as the product."""
