"""Decides which records are one organisation, and summarises their facts."""
