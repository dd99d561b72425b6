"""Readers of file formats: JSON, tables and text files."""
