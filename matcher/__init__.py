"""Finds and ranks local providers for a lot; knows lots and providers, never learns."""
