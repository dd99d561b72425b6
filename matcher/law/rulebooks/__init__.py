"""Rulebooks: dated law as data, one TOML file for each jurisdiction."""
