"""Reads reference tables: postcodes and code lists."""
