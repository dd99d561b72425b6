"""Reads contract notices in OCDS and lots in other forms."""
