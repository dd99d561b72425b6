"""Specifications as people write them: Word, PDF, text and tables into lots."""
