"""Reads files, notices and documents into records, one module for each feed."""
