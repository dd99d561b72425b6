"""Builds a register from files of records, and changes one: new vectors, suppressions."""
