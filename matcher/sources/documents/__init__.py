"""Reads specifications in Word, PDF, text and tables as lots."""
